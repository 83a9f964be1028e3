"""What the screens do when things go wrong: `states.ts`, in a browser over the fixture server."""

import pytest

from tests.e2e.browsing import played
from wardwatch.node import Node

BROWSER_S = 200
"""The script ends itself after 190 s; at rest it takes 15."""

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
    """One browser for all of them, and a page for several: loading it costs more than the acts."""
    told = "\n".join(played(node, "states.ts", limit_s=BROWSER_S))
    assert [promise for promise in PROMISES if promise not in told] == [], told
