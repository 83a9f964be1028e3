"""Figures for Prometheus: a registry of our own, read from what the parts count anyway."""

import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.live import LiveViewers
from api.streams import Streams
from api.worker_link import WorkerLink
from record.cameras import CameraReason, CameraState
from record.messages import CameraHealth

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "wardwatch_http_requests_total",
            "Requests by operation and status",
            ("operation", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "wardwatch_http_first_byte_seconds",
            "From the request's head to the answer's",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def watch(self, collector: Collector) -> None:
        self._registry.register(collector)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        # The function's name, never the path: ids must not become labels without bound.
        operation = getattr(scope.get("route"), "name", "none")
        self._requests.labels(operation, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

    def page(self) -> bytes:
        return generate_latest(self._registry)


class Measured:
    """Counts every answer by its operation."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - began
                self._metrics.answered(scope, message["status"], seconds)
            await send(message)

        await self._app(scope, receive, noting)


class PartsCollector(Collector):
    """Reads the parts' own counters when Prometheus asks."""

    def __init__(self, streams: Streams, workers: WorkerLink, viewers: LiveViewers) -> None:
        self._streams = streams
        self._workers = workers
        self._viewers = viewers

    def collect(self) -> Iterator[Metric]:
        fanout = self._streams.fanout
        counts = fanout.counters
        yield _gauge("stream_subscribers", "Readers of the event stream", fanout.subscribers)
        yield _gauge("stream_position", "Newest position handed to readers", fanout.head)
        yield _gauge("live_viewers", "Viewers of live pictures", self._viewers.count)
        yield _counter("stream_published", "Events of the log taken up", counts.published)
        yield _counter("stream_delivered", "Events written to readers", counts.delivered)
        yield _counter("stream_cut_off", "Readers dropped for being behind", counts.cut_off)
        yield _counter("stream_batches", "Batches written", counts.batches)
        yield _counter("stream_busy_seconds", "Time spent writing batches", counts.busy_s)
        yield from self._cameras()

    def _cameras(self) -> Iterator[Metric]:
        workers = self._workers.workers()
        yield _gauge("workers", "Workers heard within 5 s", len(workers))
        full = [one for one in workers if CameraReason.EVIDENCE_FULL in one.lacks]
        text = "Workers without room for snapshots and clips"
        yield _gauge("workers_evidence_full", text, len(full))
        yield _counter("worker_reconnects", "Times a worker was lost", self._workers.reconnects)
        looked = CounterMetricFamily(
            "wardwatch_camera_looked", "Frames the detector saw", labels=("camera",)
        )
        dropped = CounterMetricFamily(
            "wardwatch_camera_dropped", "Frames not looked at", labels=("camera", "cause")
        )
        gauges = [_per_camera(name, text) for name, text, _ in _CAMERA_GAUGES]
        reconnects = CounterMetricFamily(
            "wardwatch_camera_reconnects", "Times a camera was dialled anew", labels=("camera",)
        )
        for worker in workers:
            for camera in worker.cameras:
                looked.add_metric([camera.camera], camera.looked)
                reconnects.add_metric([camera.camera], camera.reconnects)
                for gauge, (_, _, read) in zip(gauges, _CAMERA_GAUGES, strict=True):
                    if (value := read(camera)) is not None:
                        gauge.add_metric([camera.camera], value)
                for cause, count in camera.dropped.items():
                    dropped.add_metric([camera.camera, cause], count)
        yield looked
        yield dropped
        yield reconnects
        yield from gauges


_UP: Mapping[CameraState, float] = {CameraState.ONLINE: 1.0, CameraState.DEGRADED: 0.5}

_CAMERA_GAUGES: tuple[tuple[str, str, Callable[[CameraHealth], float | None]], ...] = (
    (
        "up",
        "1: pictures come and are watched; 0.5: something is wrong with them; 0: none",
        lambda one: _UP.get(one.state, 0.0),
    ),
    (
        "frame_age_seconds",
        "Of the newest picture",
        lambda one: None if one.frame_age_ms is None else one.frame_age_ms / 1000,
    ),
    ("received_per_second", "Packets, over ten seconds", lambda one: one.received_per_s),
    ("decoded_per_second", "Pictures, over ten seconds", lambda one: one.decoded_per_s),
    ("looked_per_second", "Pictures the detector saw", lambda one: one.looked_per_s),
    ("kilobits_per_second", "Of coded pictures", lambda one: one.kbit_per_s),
    (
        "clock_ahead_seconds",
        "While it is over the trusted 2 s",
        lambda one: None if one.clock_ahead_ms is None else one.clock_ahead_ms / 1000,
    ),
)


def _per_camera(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"wardwatch_camera_{name}", text, labels=("camera",))


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"wardwatch_{name}", text, value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"wardwatch_{name}", text, value)
