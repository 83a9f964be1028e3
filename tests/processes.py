"""Processes that a test has started."""

import psutil


def child_pid(word: str) -> int:
    """The child process of this test that has `word` among the words of its command line."""
    for child in psutil.Process().children():
        if word in child.cmdline():
            return child.pid
    raise AssertionError(f"no child {word}")
