"""Live views: opened, kept and closed by the API, shown by the worker.

A view is kept open by the API: it names all of its views to each worker every second, and a worker
closes what nobody has named for a few seconds. So a view ends with its session even when the API
dies, and the API learns of every view that has ended with its viewer, its camera or its worker.
"""

from typing import Literal

from pydantic import Field

from record.messages.base import Ask, Reply

MOST_OFFER = 24 * 1024
"""Characters, so that the whole message stays within a header as JSON."""
MOST_VIEWS = 512


class AskLiveOpen(Ask):
    """API → worker: answer a viewer's offer (SDP) with a camera's picture."""

    type: Literal["ask_live_open"] = "ask_live_open"
    camera: str
    view: str
    """Its id, made by the API."""
    offer: str = Field(max_length=MOST_OFFER)
    grant: str | None = None
    """Signed by the API, for this view: the picture is shown clear (`record.grants`)."""


class LiveOpened(Reply):
    """Worker → API: its answer, with all of its candidates."""

    type: Literal["live_opened"] = "live_opened"
    view: str
    answer: str


class AskLiveTrickle(Ask):
    """API → worker: more candidates of a viewer (RFC 8840)."""

    type: Literal["ask_live_trickle"] = "ask_live_trickle"
    view: str
    fragment: str = Field(max_length=MOST_OFFER)


class LiveTrickled(Reply):
    """Worker → API: how many of them were taken."""

    type: Literal["live_trickled"] = "live_trickled"
    taken: int


class AskLiveClose(Ask):
    """API → worker: the viewer left, or may not see it any more."""

    type: Literal["ask_live_close"] = "ask_live_close"
    view: str
    reason: str


class LiveClosed(Reply):
    """Worker → API: it is closed, or was not open."""

    type: Literal["live_closed"] = "live_closed"


class AskLiveKeep(Ask):
    """API → worker: these views are still allowed."""

    type: Literal["ask_live_keep"] = "ask_live_keep"
    views: tuple[str, ...] = Field(max_length=MOST_VIEWS)


class LiveKept(Reply):
    """Worker → API: those of them that have ended, and why."""

    type: Literal["live_kept"] = "live_kept"
    ended: dict[str, str] = Field(default_factory=dict)
