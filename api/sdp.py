"""Bodies that are session descriptions: WHEP's and WHIP's (RFC 9725 §4.2, RFC 8840)."""

from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from api.errors import BodyTooLarge
from record.errors import Invalid

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"


def text_body(media_type: str) -> dict[str, Any]:
    """A route's `openapi_extra`: its body is text of that type, read by the route itself."""
    content = {media_type: {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


async def read_text(request: Request, media_type: str, most: int) -> str:
    """The body. 415 for another type; `BodyTooLarge` over `most` bytes; `Invalid` for what is not
    text of lines."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        accepted = "Accept-Post" if media_type == SDP else "Accept-Patch"
        raise HTTPException(415, headers={accepted: media_type})
    body = await request.body()
    if len(body) > most:
        raise BodyTooLarge(most)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Invalid("body", "is not UTF-8") from None
    if any(ord(letter) < 32 and letter not in "\r\n" for letter in text):
        raise Invalid("body", "holds a control character")
    return text
