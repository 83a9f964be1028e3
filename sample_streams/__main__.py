"""`python -m sample_streams`: play scenes as cameras, or make them anew."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "sample_streams.serve",
        "generate": "sample_streams.generate.command",
    }
)
"""Command → module with its `main`. Loaded when called: a server needs no picture library."""


def main(arguments: list[str]) -> int:
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        print(f"usage: python -m sample_streams {{{','.join(COMMANDS)}}} --help", file=sys.stderr)
        return 2
    run: Callable[[list[str]], int] = import_module(COMMANDS[name]).main
    return run(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
