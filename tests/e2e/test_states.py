"""What the screens do when things go wrong: `states.ts`, in a browser over the fixture server."""

import subprocess
from pathlib import Path

import pytest

from wardwatch.node import Node

HERE = Path(__file__).parent
BROWSER_S = 200
"""A guard against hanging, as in `test_supervisor.py`; at rest it takes 40 s."""

PROMISES = (
    "a picture without new frames goes",
    "a silent stream is told",
    "a second acknowledgement tells who was first",
    "A takes only what was shown for 0.4 s",
    "a session that ends is renewed over the page",
    "a resolution asks for its outcome",
    "an acknowledgement that cannot be sent turns red",
    "an installer tries a camera, and its password is shown nowhere",
    "what is the matter with a camera is told",
    "axe-core finds nothing on any page",
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(BROWSER_S + 120),
]


def test_the_screens_keep_their_promises(node: Node) -> None:
    """One browser run for all of them: it costs most of a minute of a core."""
    told = _told(node)
    assert [promise for promise in PROMISES if promise not in told] == [], told


def _told(node: Node) -> str:
    done = subprocess.run(
        [node.executable, "states.ts"],
        cwd=HERE,
        env=node.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=BROWSER_S,
        check=False,
    )
    return done.stdout
