"""The command line. Exit codes: 0 done, 1 the check or the work failed, 2 the input was refused."""

from wardwatch.cli.root import app, main

__all__ = ["app", "main"]
