"""What rides on a worker beside the watching itself: live views, evidence, publishers, probes.

A part is told what happens, is asked what it answers, and never holds anybody up: `on_frame` and
`on_packet` run in a camera's own thread, `on_look` in the looking thread, `on_status` in whichever
noticed. `compose` hands the parts to the worker.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from detect import Look
from ingest import CodedPacket
from record.cameras import CameraReason, CameraStatus
from record.events import StoredEvent
from record.frames import Frame
from record.ids import CameraId
from record.messages import Ask
from wardwatch.worker_answers import Answerer
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_writer import Job


class WorkerHost(Protocol):
    """What a part may ask of its worker. Any thread."""

    @property
    def cameras(self) -> Mapping[CameraId, WatchedCamera]:
        """As they stand now; a new mapping after every change."""
        ...

    def write(self, job: Job) -> None:
        """To the record, after all that was handed over before."""
        ...

    def wake(self) -> None:
        """Somebody waits for a look."""
        ...


class WorkerPart:
    """A part that does nothing; each real one overrides what concerns it."""

    def quick(self) -> Mapping[type[Ask], Answerer]:
        """Questions answered within a few milliseconds, in the socket's thread."""
        return {}

    def slow(self) -> Mapping[type[Ask], Answerer]:
        """Questions that may take seconds, in a thread of the pool."""
        return {}

    @property
    def wants_packets(self) -> bool:
        """Whether `on_packet` is to be called; asked whenever a camera is dialled."""
        return False

    def on_packet(self, camera: CameraId, packet: CodedPacket) -> None:
        """A coded picture has come and is about to be decoded. The camera's own thread."""

    @property
    def lacks(self) -> CameraReason | None:
        """What this part cannot do for want of something: every camera is degraded for it. Asked
        about once a second for each camera."""
        return None

    def start(self, host: WorkerHost) -> None:
        """Before the first camera is dialled."""

    def on_cameras(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        """Cameras came, went or changed. The following thread."""

    def on_frame(self, camera: WatchedCamera) -> None:
        """`camera.reader.peek()` has a new frame."""

    def on_look(self, camera: WatchedCamera, look: Look) -> None:
        """The camera was looked at, or its tracks ended (`occupancy.view` None)."""

    def on_findings(
        self, camera: WatchedCamera, frame: Frame | None, look: Look, events: Sequence[StoredEvent]
    ) -> None:
        """What `look` at `frame` found is in the record, as `events`; None: the stream was lost.
        The writing thread."""

    def on_status(self, status: CameraStatus) -> None:
        """A camera's connection has changed."""

    def on_events(self, events: Sequence[StoredEvent]) -> None:
        """The record has these, in their order, whoever wrote them. The following thread; what was
        written while the record was out of reach is not told."""

    def stop(self) -> None:
        """Within half a second."""
