"""What every test in a browser needs."""

from pathlib import Path

import pytest

from wardwatch.node import Node, install, run_script

HERE = Path(__file__).parent
UI = Path(__file__).parents[2] / "ui"


@pytest.fixture(scope="session")
def node() -> Node:
    """With the browser installed and the screens built, as `make setup` leaves them."""
    node = Node.from_wheel()
    install(HERE, node)
    if not (UI / "dist" / "index.html").is_file():
        install(UI, node)
        run_script(UI, "build", [], node)
    return node
