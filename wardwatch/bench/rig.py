"""A whole node over sample cameras, for as long as a measurement takes."""

import contextlib
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from record.clock import SystemClock
from record.store import upgrade
from wardwatch import compose, demo
from wardwatch.node_processes import READY_WITHIN_S, free_port, run_node
from wardwatch.settings import Settings


class NotReady(Exception):
    """The node did not answer in time."""


@dataclass(frozen=True, slots=True)
class Rig:
    url: str
    password: str
    """Of the accounts `admin`, `supervisor` and `authority`."""
    send_log: Path
    """JSON lines of the sample cameras: when each frame left."""
    settings: Settings


@contextlib.contextmanager
def running(
    samples: Sequence[demo.SampleCamera], clips: Mapping[str, Path] | None = None
) -> Generator[Rig, None, None]:
    """Sample cameras, workers and API in processes of their own, in a temporary folder.

    `clips`: scene → file that is played instead of its own.
    """
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder:
        settings = Settings.load(
            data_dir=Path(folder), port=0, host="127.0.0.1", log_level="warning"
        ).model_copy(update={"database_url": None})
        send_log = Path(folder) / "sent.jsonl"
        rtsp_port, secret = free_port(), demo.password()
        upgrade(settings.store_url)
        store = compose.open_store(settings)
        try:
            rtsp = f"rtsp://127.0.0.1:{rtsp_port}"
            demo.prepare(store, rtsp, secret, SystemClock().now(), samples)
        finally:
            store.close()
        stop, ready = threading.Event(), Queue[str]()
        node = threading.Thread(
            target=run_node,
            args=(settings, stop),
            kwargs={
                "demo_mode": True,
                "extra": [demo.sample_cameras(samples, rtsp_port, send_log, clips or {})],
                "on_ready": ready.put,
            },
        )
        node.start()
        try:
            try:
                url = ready.get(timeout=READY_WITHIN_S)
            except Empty:
                raise NotReady(f"no answer in {READY_WITHIN_S:g} s") from None
            yield Rig(url, secret, send_log, settings)
        finally:
            stop.set()
            node.join()
