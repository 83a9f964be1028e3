"""`python -m tests.fuzz.run KIND FIRST COUNT`: feeds so many seeds to one of `tests.fuzz.targets`,
eight side by side, while a good camera is read beside them. In a process of its own, because FFmpeg
may end it.

Prints one line at the end, when nothing but typed failures was raised:
`read COUNT opened N pictures N gap SECONDS`, the gap being the good camera's longest.
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from ingest import AvOpener
from record.cameras import CameraUrl
from record.clock import SystemClock
from record.ids import CameraId
from sample_streams import SampleCamera, SampleServer
from tests.fuzz.targets import TARGETS

AT_ONCE = 8
"""As many as a site has; most of the time they are waited for."""


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


def main(kind: str, first: int, count: int) -> int:
    with (
        SampleServer([SampleCamera("good", "gate")]) as server,
        TARGETS[kind]() as target,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        beside = Beside(server.url("good"))
        beside.thread.start()

        def feed(seed: int) -> tuple[bool, int]:
            # Before it is tried: should the process die, it died of one of the last few.
            print(f"seed {seed} {target.says(seed)}", flush=True)
            try:
                return target.feed(seed)
            except Exception as error:
                error.add_note(f"of seed {seed}")
                raise

        try:
            seen = list(pool.map(feed, range(first, first + count)))
        finally:
            beside.stop.set()
            beside.thread.join(5)
    opened, pictures = sum(one for one, _ in seen), sum(many for _, many in seen)
    gap = f"{beside.longest_gap_s:.2f}"
    print(f"read {count} opened {opened} pictures {pictures} gap {gap}", flush=True)
    return 0 if beside.pictures else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
