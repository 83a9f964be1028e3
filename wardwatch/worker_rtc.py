"""The event loop that all WebRTC of a worker shares, as a part: ended after what runs on it."""

from ingest.rtc import RtcLoop
from wardwatch.worker_parts import WorkerPart


class SharedLoop(WorkerPart):
    """The last of a worker's parts. The loop begins with whoever needs it first."""

    def __init__(self, loop: RtcLoop) -> None:
        self._loop = loop

    def stop(self) -> None:
        self._loop.stop(0.3)
