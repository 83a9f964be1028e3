"""Rules of the test run itself: a skip must be on the list below, with its reason."""

from collections.abc import Callable, Generator
from itertools import groupby

import pytest

ALLOWED_SKIPS = {
    "footage lies beside the checkout only in development": "real footage that is not ours to ship",
    "GStreamer's RTSP server is not installed; `make test-peers` installs it": (
        "Debian packages, which no other test needs"
    ),
    "GStreamer's WebRTC is not installed; `make test-peers` installs it": (
        "Debian packages, which no other test needs"
    ),
    "VLC is not installed; `make test-peers` installs it": (
        "Debian packages, which no other test needs"
    ),
}
"""Reason as given to `pytest.skip` → why the skip may stand."""


File = list[pytest.Item]

APART = ("prove", "peers")
"""Marks of tests that a plain run leaves out."""

BROWSER = "tests/e2e/"
WHOLE = (
    BROWSER,
    "tests/faults/",
    "tests/fuzz/",
    "tests/record/store/test_concurrency",
    "tests/wardwatch/test_canary",
    "tests/wardwatch/test_evaluate",
    "tests/wardwatch/test_kills",
    "tests/wardwatch/test_soak",
    "tests/wardwatch/test_worker_evidence",
    "tests/wardwatch/test_worker_guard",
)
"""Files of tests that run the whole program, or a core for long."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if reason not in ALLOWED_SKIPS:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: a skip that is not on the list: {reason}"
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the full counts to `make prove` and the peers to `make test-peers`, unless they were
    asked for by `-m`."""
    if config.getoption("-m"):
        return
    kept = [item for item in items if not any(map(item.get_closest_marker, APART))]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = spread(kept)


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """File by file, those of `WHOLE` at even distances from the first on, and those with a browser
    at even distances among them: several processes seldom run two of them at once then, and none is
    left over for the end."""
    files = [list(group) for _, group in groupby(items, lambda item: item.path)]
    browser, others = _parted(files, (BROWSER,))
    whole, rest = _parted(others, WHOLE)
    in_turn = _merged(browser, whole, lambda _: 1)
    return [item for file in _merged(in_turn, rest, len) for item in file]


def _parted(files: list[File], names: tuple[str, ...]) -> tuple[list[File], list[File]]:
    """Those whose path begins with one of the names, and the others."""
    parts: tuple[list[File], list[File]] = ([], [])
    for file in files:
        parts[not file[0].nodeid.startswith(names)].append(file)
    return parts


def _merged(spread: list[File], rest: list[File], length: Callable[[File], int]) -> list[File]:
    """The first ones at even distances among the others, of which each is so long."""
    total, passed = sum(map(length, rest)), 0
    left, merged = list(spread), list[File]()
    for file in rest:
        while left and passed * len(spread) >= total * (len(spread) - len(left)):
            merged.append(left.pop(0))
        merged.append(file)
        passed += length(file)
    return merged + left
