"""Since when a camera is what it is, where its worker and the record differ."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from api.camera_now import camera_now
from api.worker_link import WorkerLink
from record.cameras import Camera, CameraReason, CameraState, CameraStatus, CameraUrl
from record.ids import CameraId, Position, SiteId
from record.messages import CameraHealth

T0 = datetime(2026, 1, 1, tzinfo=UTC)
GONE_AT = T0 + timedelta(minutes=1)
GATE = Camera(CameraId("gate"), SiteId("s"), "Gate", CameraUrl.parse("rtsp://10.0.0.7/a"))
UNSTABLE = CameraStatus(GATE.id, CameraState.DEGRADED, CameraReason.UNSTABLE, T0)


@dataclass
class Heard:
    said: CameraHealth

    def health(self, _: str) -> CameraHealth:
        return self.said


@pytest.mark.parametrize(
    ("state", "since"), [(CameraState.OFFLINE, GONE_AT), (CameraState.DEGRADED, T0)]
)
def test_what_is_not_recorded_is_so_since_the_worker_says(
    state: CameraState, since: datetime
) -> None:
    heard = Heard(CameraHealth(camera=GATE.id, state=state, since=GONE_AT))
    now = camera_now(GATE, UNSTABLE, cast("WorkerLink", heard))
    assert (now.state, now.since) == (state, since)


@pytest.mark.parametrize(
    ("knows", "state"), [(8, CameraState.DEGRADED), (9, CameraState.OFFLINE), (None, "offline")]
)
def test_a_word_from_before_the_newest_event_gives_way_to_it(
    knows: int | None, state: CameraState
) -> None:
    """A worker that knows the event, or does not say, has the last word."""
    recorded = replace(UNSTABLE, position=Position(9))
    heard = Heard(CameraHealth(camera=GATE.id, state=CameraState.OFFLINE, recorded=knows))
    assert camera_now(GATE, recorded, cast("WorkerLink", heard)).state == state
