"""`python -m tests.fuzz.run FIRST COUNT`: reads that many broken cameras, one after the other,
while a good one is read beside them. In a process of its own, because FFmpeg may end it.

Prints one line at the end, when nothing but `StreamFailed` was raised:
`read COUNT opened N pictures N gap SECONDS`, the gap being the good camera's longest.
"""

import sys
import threading
import time

from ingest import AvOpener, Patience, StreamFailed
from record.cameras import CameraUrl
from record.clock import SystemClock
from record.ids import CameraId
from sample_streams import SampleCamera, SampleServer
from tests.fakes.rtsp import FakeRtspServer
from tests.fuzz.broken import Broken

MOST_PICTURES = 100
CONNECT_S, READ_S = 1.0, 0.5
"""A broken answer is waited for as a silent camera is; seconds add up over many seeds."""


class Beside:
    """Reads a good camera until told to stop."""

    def __init__(self, url: str) -> None:
        self._url = CameraUrl.parse(url)
        self.longest_gap_s = 0.0
        self.pictures = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._read)

    def _read(self) -> None:
        stream = AvOpener(SystemClock()).open(CameraId("good"), self._url)
        last = time.monotonic()
        while not self.stop.is_set():
            stream.read()
            now = time.monotonic()
            self.longest_gap_s, last = max(self.longest_gap_s, now - last), now
            self.pictures += 1
        stream.close()


def read_one(url: str, opener: AvOpener) -> tuple[bool, int]:
    """Whether it could be opened, and how many pictures came."""
    opened, pictures = False, 0
    try:
        stream = opener.open(CameraId("broken"), CameraUrl.parse(url))
        opened = True
        try:
            while pictures < MOST_PICTURES:
                picture = stream.read().picture
                picture.grey().sum()
                picture.bgr(64, 36).sum()
                pictures += 1
        finally:
            stream.close()
    except StreamFailed:
        pass
    return opened, pictures


def main(first: int, count: int) -> int:
    opener = AvOpener(SystemClock(), connect_timeout_s=CONNECT_S, patience=Patience(READ_S))
    opened = pictures = 0
    with SampleServer([SampleCamera("good", "gate")]) as server:
        beside = Beside(server.url("good"))
        beside.thread.start()
        for seed in range(first, first + count):
            # Before it is tried: should the process die, this is what it died of.
            print(f"seed {seed} {Broken(seed).codec} {Broken(seed).layer}", flush=True)
            with FakeRtspServer(Broken(seed)) as broken:
                one_opened, one_pictures = read_one(broken.url, opener)
            opened, pictures = opened + one_opened, pictures + one_pictures
        beside.stop.set()
        beside.thread.join(5)
    gap = f"{beside.longest_gap_s:.2f}"
    print(f"read {count} opened {opened} pictures {pictures} gap {gap}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
