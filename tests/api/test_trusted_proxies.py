"""Who is believed when he says for whom he speaks."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import pytest
from fastapi import FastAPI, Request

from api.server import server_config


def heard(trusted: tuple[str, ...], peer: str) -> tuple[str, str]:
    """Address and scheme as the app sees them, of a request that claims to be forwarded."""
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request) -> dict[str, str]:
        return {"host": request.client.host if request.client else "", "to": request.url.scheme}

    config = server_config(app, trusted)
    config.load()
    sent: list[MutableMapping[str, Any]] = []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/who",
        "raw_path": b"/who",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")],
        "client": (peer, 40_000),
        "server": ("127.0.0.1", 8080),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(config.loaded_app(scope, receive, send))
    seen = json.loads(b"".join(one.get("body", b"") for one in sent))
    return seen["host"], seen["to"]


def test_nobody_is_believed_unless_he_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert heard((), "127.0.0.1") == ("127.0.0.1", "http")
    assert heard(("10.0.0.0/8",), "127.0.0.1") == ("127.0.0.1", "http")


@pytest.mark.parametrize("trusted", ["10.1.0.7/32", "10.1.0.0/16"])
def test_the_proxy_that_is_named_is_believed(trusted: str) -> None:
    assert heard((trusted,), "10.1.0.7") == ("203.0.113.9", "https")
