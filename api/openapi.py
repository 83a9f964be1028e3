"""`python -m api.openapi > ui/openapi.json`: the description that the UI's client is made from."""

import sys

import orjson

from api.app import bare_app


def main() -> None:
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.buffer.write(orjson.dumps(bare_app().openapi(), option=options))


if __name__ == "__main__":
    main()
