"""Main streams read beside the sub-streams that are watched: for evidence, and undecoded."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from ingest import CameraReader, CodedPacket, Opener, PacketRing, StreamOptions
from record.cameras import Camera, CameraState, CameraStatus
from record.clock import Clock
from record.ids import CameraId

STOP_S = 0.4

_log = structlog.get_logger()


class _MainStream:
    """One reader and its ring (`ReaderListener`, `PacketTap`)."""

    def __init__(self, camera: Camera, opener: Opener, clock: Clock, ring: PacketRing) -> None:
        self.camera = camera
        self.ring = ring
        self._clock = clock
        self.heard: float | None = None
        """Monotonic seconds of the last picture."""
        options = StreamOptions(camera.transport, self, decode=False)
        self.reader = CameraReader(camera.id, camera.url, opener, clock, self, options=options)
        self.reader.start()

    def on_packet(self, packet: CodedPacket) -> None:
        self.heard = self._clock.monotonic()
        self.ring.add(packet)

    def on_state(self, status: CameraStatus) -> None:
        """Not a fact of the record: that the camera is there, its watched stream tells."""
        if status.state is CameraState.OFFLINE:
            self.ring.interrupt()
            reason = None if status.reason is None else status.reason.value
            _log.warning("main stream lost", camera=status.camera, reason=reason)

    def on_frame(self, camera: CameraId) -> None:
        pass

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        pass


class MainStreams:
    """Of the cameras that ask for it and have a sub-stream; all others' main stream is watched
    anyway. `follow` and `stop` from one thread."""

    def __init__(self, opener: Opener, clock: Clock, new_ring: Callable[[], PacketRing]) -> None:
        self._opener = opener
        self._clock = clock
        self._new_ring = new_ring
        self._streams: Mapping[CameraId, _MainStream] = {}

    def fresh(self, camera: CameraId, within_s: float) -> PacketRing | None:
        """Its ring, if pictures came so lately. Any thread."""
        stream = self._streams.get(camera)
        if stream is None or stream.heard is None:
            return None
        late = self._clock.monotonic() - stream.heard > within_s
        return None if late else stream.ring

    def follow(self, cameras: Mapping[CameraId, Camera]) -> None:
        wanted = {
            name: camera
            for name, camera in cameras.items()
            if camera.enabled and camera.main_evidence and camera.sub_url is not None
        }
        before = self._streams
        kept = {
            name: stream
            for name, stream in before.items()
            if name in wanted and _dialled(stream.camera) == _dialled(wanted[name])
        }
        gone = [stream for name, stream in before.items() if name not in kept]
        for stream in gone:
            stream.reader.tell_to_stop()
        self._streams = kept | {
            name: _MainStream(camera, self._opener, self._clock, self._new_ring())
            for name, camera in wanted.items()
            if name not in kept
        }

    def stop(self) -> None:
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.reader.tell_to_stop()
        for stream in streams.values():
            stream.reader.stop(STOP_S / len(streams))


def _dialled(camera: Camera) -> tuple[object, ...]:
    return camera.url, camera.transport
