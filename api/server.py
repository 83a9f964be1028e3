"""uvicorn as wardwatch runs it: streams end before it waits for its requests to end."""

import socket
from collections.abc import Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.app import end_streams
from api.outlets import StreamingProtocol

UNREAD_TIMEOUT_MS = 30_000
"""TCP gives a client up that acknowledges nothing, or keeps its window shut, for so long."""


def server_config(app: FastAPI, trusted_proxies: Sequence[str] = (), **more: Any) -> uvicorn.Config:
    """`trusted_proxies`: addresses and networks whose `X-Forwarded-For`, `-Proto` are believed."""
    settings: dict[str, Any] = {
        "http": StreamingProtocol,
        "loop": "uvloop",
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # Else uvicorn believes whoever sits on this machine, or what the environment names.
        "proxy_headers": bool(trusted_proxies),
        "forwarded_allow_ips": list(trusted_proxies),
        "timeout_graceful_shutdown": 2,
        "timeout_keep_alive": 75,
        "backlog": 4096,
    }
    return uvicorn.Config(app, **{**settings, **more})


class Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end_streams(self.config.app)  # type: ignore[arg-type]  # always the app of server_config
        await super().shutdown(sockets)


def prepare(listening: socket.socket) -> socket.socket:
    """Options that accepted connections inherit."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_TIMEOUT_MS)
    return listening
