"""Probes over a worker's real socket: a real stream, a fake device, nobody readable, and bounds."""

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from detect import Detector
from ingest import AvOpener, CheckedOpener, Prober
from record.cameras import Camera, CameraReason, CameraUrl
from record.errors import Invalid
from record.ids import CameraId, SiteId
from record.messages import (
    AskDiscover,
    AskProbe,
    DiscoverDone,
    FoundDevice,
    ProbedDevice,
    ProbeDone,
    Refused,
)
from record.networks import CameraNetworks
from record.places import EVERYTHING
from record.store import Store
from sample_streams.rtsp.access import Credentials
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.detector import BrokenDetector, FakeDetector, walker
from tests.fakes.probes import DEVICE
from tests.wardwatch.workers import CLOCK, SITE, Client, Running, await_true, new_store, opener
from wardwatch.probing import Probing, Wanted
from wardwatch.worker_probe import MOST_AT_ONCE, ProbePart

SECRET = "correct-horse"
LOOPBACK = CameraNetworks.parse(["127.0.0.1"])
HIKVISION = ProbedDevice(
    manufacturer="HIKVISION", model="DS", firmware="5", clock_ahead_s=0.0, main=None, sub=None
)


def device(_url: CameraUrl, _stop: threading.Event) -> ProbedDevice:
    return HIKVISION


def probing(detector: Detector | None = None, seconds: float = 0.6) -> Probing:
    real = CheckedOpener(AvOpener(CLOCK), LOOPBACK)
    return Probing(Prober(real, LOOPBACK, CLOCK, seconds), detector, device, CLOCK)


def discover(interface: str | None) -> tuple[FoundDevice, ...]:
    if interface == "none0":
        raise Invalid("interface", "there is no interface 'none0' here")
    return (DEVICE,)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def server() -> Iterator[SampleServer]:
    with SampleServer(
        [SampleCamera("gate", "gate"), SampleCamera("yard", "yard")],
        credentials=Credentials("viewer", SECRET),
    ) as running:
        yield running


def address(server: SampleServer, name: str, password: str = SECRET) -> str:
    return server.url(name).replace("rtsp://", f"rtsp://viewer:{password}@")


def ask(running: Running, question: AskProbe | AskDiscover) -> tuple[object, bytes]:
    with Client(running.socket_path) as client:
        client.connection.settimeout(25)
        client.say(question.model_copy(update={"request": 7}))
        return client.hear(ProbeDone | DiscoverDone | Refused)  # type: ignore[arg-type]


def test_a_probe_over_the_socket_brings_report_and_picture(
    store: Store, server: SampleServer
) -> None:
    part = ProbePart(probing(FakeDetector(walker(0.5, 0.0, y=0.8, size=0.6))), discover)
    with Running(store, opener(), FakeDetector(), parts=[part]) as running:
        question = AskProbe(url=address(server, "gate"), sub_url=server.url("yard"))
        done, jpeg = ask(running, question)
    assert isinstance(done, ProbeDone)
    report = done.report
    assert (report.main.reason, report.main.sign_in) == (None, "digest")
    assert report.sub is not None
    assert report.sub.reason is None  # with the main stream's password: it is the same host
    assert report.maker == "Hikvision"
    assert report.people is not None
    assert (report.people.seen, report.people.reach) == (1, "sure")
    assert report.people.height == pytest.approx(0.6, abs=0.01)
    assert report.verdict.grade == "good"
    assert SECRET not in done.model_dump_json()
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[1] == 640


@pytest.mark.parametrize("detector", [None, BrokenDetector()], ids=["none", "broken"])
def test_without_a_detector_the_whole_picture_is_hidden(
    server: SampleServer, detector: Detector | None
) -> None:
    url = CameraUrl.parse(address(server, "gate"))
    clear = probing(FakeDetector()).look(Wanted(url)).jpeg
    hidden = probing(detector).look(Wanted(url)).jpeg
    assert clear is not None
    assert hidden is not None
    # A mosaic of a few large cells has next to no detail left.
    assert sharpness(hidden) < 0.5 * sharpness(clear)


def sharpness(jpeg: bytes) -> float:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return float(np.abs(cv2.Laplacian(picture, cv2.CV_64F)).mean())


def test_a_stated_height_is_judged_with_nobody_in_sight(server: SampleServer) -> None:
    wanted = Wanted(CameraUrl.parse(address(server, "gate")), person_height=0.05)
    report = probing(FakeDetector()).look(wanted).report
    assert report.people is not None
    assert (report.people.seen, report.people.stated) == (0, True)
    assert (report.people.reach, report.verdict.word) == ("never", "too_small")


def test_a_wrong_password_is_not_handed_round(server: SampleServer) -> None:
    asked: list[CameraUrl] = []

    def note(url: CameraUrl, _stop: threading.Event) -> None:
        asked.append(url)

    main = CameraUrl.parse(address(server, "gate", "wrong"))
    sub = CameraUrl.parse(server.url("yard")).beside(main)
    prober = Prober(CheckedOpener(AvOpener(CLOCK), LOOPBACK), LOOPBACK, CLOCK, 0.5)
    probed = Probing(prober, None, note, CLOCK).look(Wanted(main, sub))
    report = probed.report
    assert report.sub is not None
    assert [one.reason for one in (report.main, report.sub)] == [CameraReason.AUTH_FAILED] * 2
    assert (asked, probed.jpeg) == ([], None)
    assert report.verdict.word == "auth_failed"


def test_a_camera_that_is_there_is_probed_with_its_own_password(
    store: Store, server: SampleServer
) -> None:
    url = CameraUrl.parse(address(server, "gate"))
    with store.write(EVERYTHING) as record:
        record.cameras.add(Camera(CameraId("gate"), SiteId(SITE), "Gate", url))
    part = ProbePart(probing(), discover)
    with Running(store, opener("gate"), FakeDetector(), parts=[part]) as running:
        await_true(lambda: running.worker.health().cameras)
        done, _ = ask(running, AskProbe(camera="gate"))
        missing, _ = ask(running, AskProbe(camera="other"))
    assert isinstance(done, ProbeDone)
    assert done.report.main.reason is None
    assert isinstance(missing, Refused)
    assert (missing.reason, missing.field) == ("no_such_camera", "camera")


@pytest.mark.parametrize(
    ("question", "reason", "field"),
    [
        (AskProbe(url=f"http://a:{SECRET}@127.0.0.1/"), "invalid", "url"),
        (AskProbe(url="rtsp://127.0.0.1/", sub_url="nonsense"), "invalid", "sub_url"),
        (AskProbe(url="whip:"), "publishes", "url"),
        (AskDiscover(interface="none0"), "invalid", "interface"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_with_the_field(
    store: Store, question: AskProbe | AskDiscover, reason: str, field: str
) -> None:
    part = ProbePart(probing(), discover)
    with Running(store, opener(), FakeDetector(), parts=[part]) as running:
        refused, _ = ask(running, question)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.field) == (reason, field)
    assert SECRET not in refused.detail


def test_cameras_that_answer_a_call_are_told(store: Store) -> None:
    part = ProbePart(probing(), discover)
    with Running(store, opener(), FakeDetector(), parts=[part]) as running:
        done, _ = ask(running, AskDiscover())
    assert isinstance(done, DiscoverDone)
    assert done.devices == (DEVICE,)


def test_few_probes_at_once_and_a_worker_that_stops_ends_them(store: Store) -> None:
    begun, released = threading.Semaphore(0), threading.Event()

    def slow(_url: CameraUrl, stop: threading.Event) -> None:
        begun.release()
        released.wait(10)

    far = CameraNetworks.parse(["10.0.0.0/8"])
    prober = Prober(CheckedOpener(AvOpener(CLOCK), far), far, CLOCK)
    part = ProbePart(Probing(prober, None, slow, CLOCK), discover)
    with Running(store, opener(), FakeDetector(), parts=[part]) as running:
        clients = [Client(running.socket_path) for _ in range(MOST_AT_ONCE + 1)]
        for client in clients[:-1]:
            client.say(AskProbe(url="rtsp://127.0.0.1/", request=1))
            assert begun.acquire(timeout=5)
        clients[-1].say(AskProbe(url="rtsp://127.0.0.1/", request=1))
        refused, _ = clients[-1].hear(Refused)
        released.set()
        for client in clients:
            client.connection.close()
    assert isinstance(refused, Refused)
    assert refused.reason == "busy"
