"""What tests of the stream share: events to be heard, and who is asking."""

from datetime import UTC, datetime

import httpx

from record.events import EventType, NewEvent
from record.places import EVERYTHING
from record.store import Store
from tests.api.sse import Event
from tests.api.world import Ward

LOGGED = "wardwatch."


def cookie_of(client: httpx.Client) -> str:
    return f"wardwatch_session={client.cookies['wardwatch_session']}"


def logged(events: list[Event]) -> list[Event]:
    return [event for event in events if event.name.startswith(LOGGED)]


def append(store: Store, ward: Ward, count: int = 1) -> list[int]:
    """Positions of as many new events of a ward, in one transaction."""
    with store.write(EVERYTHING) as writing:
        stored = [
            writing.events.append(
                NewEvent(
                    EventType.CAMERA_DEGRADED,
                    time=datetime.now(UTC),
                    subject=ward.camera,
                    site=ward.site,
                    unit=ward.unit,
                    data={
                        "camera": ward.camera,
                        "site": ward.site,
                        "state": "degraded",
                        "reason": "stalled",
                        "since": "2026-11-24T03:12:00.000Z",
                        "width": 640,
                        "height": 360,
                    },
                )
            )
            for _ in range(count)
        ]
    return [event.position for event in stored]
