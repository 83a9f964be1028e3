"""The built pages: read once into memory, served from there, compressed once.

A path can only be one of those read at the start, so nothing outside the directory is in reach.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

INDEX = "index.html"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
HASHED = "assets/"
"""Vite puts what bears its content's hash in its name under here."""
_SQUEEZED = ("text/", "application/javascript", "application/json", "image/svg", "application/wasm")
_KINDS = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/json"}


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    squeezed: bytes | None
    kind: str
    etag: str
    caching: str


def read_assets(directory: Path) -> dict[str, Asset]:
    """Every file below `directory` by its path from there."""
    return {
        path.relative_to(directory).as_posix(): _asset(path, path.relative_to(directory).as_posix())
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def _asset(path: Path, name: str) -> Asset:
    body = path.read_bytes()
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    squeezed = gzip.compress(body, 6, mtime=0) if kind.startswith(_SQUEEZED) else None
    return Asset(
        body=body,
        squeezed=squeezed if squeezed is not None and len(squeezed) < len(body) else None,
        kind=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        caching=IMMUTABLE if name.startswith(HASHED) else REVALIDATE,
    )


class Pages(Route):
    """Every address that is not one of a call's, whatever the method: HEAD of `/healthz` is for
    its own route to refuse, which knows what it allows."""

    def __init__(self, ui: "BuiltUi", calls: Sequence[BaseRoute]) -> None:
        super().__init__("/{path:path}", ui.serve, include_in_schema=False)
        self._calls = tuple(calls)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if any(call.matches(scope)[0] is not Match.NONE for call in self._calls):
            return Match.NONE, {}
        return super().matches(scope)


class BuiltUi:
    def __init__(self, assets: dict[str, Asset]) -> None:
        self._assets = assets

    async def serve(self, request: Request) -> Response:
        """The file, or the page itself: its router knows `/breaches/…`, we do not."""
        name = request.path_params["path"] or INDEX
        asset = self._assets.get(name)
        if asset is None and _is_page(name):
            asset = self._assets.get(INDEX)
        if asset is None:
            raise HTTPException(404)
        return _answer(asset, request)


def _is_page(name: str) -> bool:
    """Not under /api, and not a file that is missing: a page's address has no suffix."""
    return not name.startswith("api/") and name != "api" and not PurePosixPath(name).suffix


def _answer(asset: Asset, request: Request) -> Response:
    headers = {"Cache-Control": asset.caching, "ETag": asset.etag}
    if asset.squeezed is not None:
        headers["Vary"] = "Accept-Encoding"
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    body = asset.body
    if asset.squeezed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = asset.squeezed
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=asset.kind)
