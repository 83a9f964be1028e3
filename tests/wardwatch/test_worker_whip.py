"""Publishers of a real worker: over its socket, into the record, and out again with their token."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, cast

from ingest import Publishers, WhipOpener
from ingest.rtc import RtcLoop, RtcSettings
from ingest.whip_session import Publication
from ingest.whip_stream import WhipStream
from record.cameras import CameraReason, CameraState, CameraStatus, CameraUrl
from record.events import EventType
from record.ids import CameraId, TokenId
from record.messages import (
    EndPublish,
    Message,
    OfferPublish,
    PatchPublish,
    PublishAnswered,
    PublishEnded,
    PublishPatched,
    Refused,
    Reply,
)
from record.places import EVERYTHING
from record.publishing import secret_hash
from record.store import Store
from tests.fakes.camera import FakeOpener
from tests.fakes.detector import FakeDetector
from tests.fakes.publisher import Publisher
from tests.wardwatch.workers import CLOCK, Client, Running, await_true, camera, new_store
from wardwatch.compose import token_of
from wardwatch.worker_rtc import SharedLoop
from wardwatch.worker_whip import PublishPart

PHONE = CameraId("phone")
SETTINGS = RtcSettings(networks=(ip_network("127.0.0.0/8"),))


class Phones:
    """A worker with one camera that publishes, and the API that asks on a publisher's behalf."""

    def __init__(self, running: Running, client: Client, store: Store) -> None:
        self.running, self.client, self.store = running, client, store
        self.token = self.new_token()

    def new_token(self) -> TokenId:
        with self.store.write(EVERYTHING) as record:
            name = f"token {time.monotonic_ns()}"
            return record.publishing.set_token(PHONE, secret_hash(name)).id

    def ask(self, question: Message) -> Reply:
        self.client.say(question)
        reply, _ = self.client.hear(cast("Any", Reply))
        return cast("Reply", reply)

    def offer(self, publisher: Publisher, of: str = PHONE) -> PublishAnswered:
        reply = self.ask(OfferPublish(camera=of, token=self.token, offer=publisher.offer))
        assert isinstance(reply, PublishAnswered), reply
        publisher.take(reply.answer)
        return reply

    def refusal(self, question: Message) -> str:
        reply = self.ask(question)
        assert isinstance(reply, Refused), reply
        return reply.reason

    @property
    def state(self) -> tuple[CameraState, CameraReason | None]:
        health = self.running.only
        return health.state, health.reason

    @property
    def connection(self) -> CameraStatus:
        """As the camera's reader has it, before any hysteresis."""
        reader = self.running.worker.cameras[PHONE].reader
        assert reader is not None
        return reader.status

    def await_online(self) -> None:
        await_true(lambda: self.state[0] is CameraState.ONLINE)

    def await_nobody(self, within_s: float = 2.0) -> None:
        gone = (CameraState.OFFLINE, CameraReason.NO_PUBLISHER)
        await_true(lambda: self.state == gone, within_s)


@contextmanager
def phones(tmp_path: Path, settings: RtcSettings = SETTINGS) -> Iterator[Phones]:
    loop = RtcLoop()
    publishers = Publishers(
        loop,
        lambda name, token, offer: Publication(name, token, offer, settings, lambda _: True, CLOCK),
        CLOCK,
    )
    opener: Any = WhipOpener(
        FakeOpener(CLOCK, {}),
        publishers,
        lambda name, publication, options: WhipStream(
            name, publication, CLOCK, tap=options.packets
        ),
    )
    opener.released = threading.Event()
    with new_store(tmp_path) as store:
        with store.write(EVERYTHING) as record:
            record.cameras.add(camera(PHONE, url=CameraUrl.parse("whip:")))
        parts = (PublishPart(publishers, lambda name: token_of(store, name)), SharedLoop(loop))
        with (
            Running(store, opener, FakeDetector(), parts=parts) as running,
            Client(running.socket_path) as client,
        ):
            await_true(lambda: running.worker.cameras)
            yield Phones(running, client, store)
    assert not loop.running


def test_a_phone_is_watched_like_any_camera(tmp_path: Path) -> None:
    with phones(tmp_path) as one, Publisher() as publisher:
        one.await_nobody()
        answered = one.offer(publisher)
        one.await_online()
        await_true(lambda: one.running.only.looked >= 5)
        (online,) = one.running.await_events(EventType.CAMERA_ONLINE)
        assert online.camera == PHONE
        ended = one.ask(EndPublish(camera=PHONE, session=answered.session))
        assert isinstance(ended, PublishEnded)
        one.await_nobody()


def test_a_second_phone_waits_until_the_first_is_silent(tmp_path: Path) -> None:
    with phones(tmp_path) as one, Publisher() as first, Publisher() as second:
        one.offer(first)
        one.await_online()
        question = OfferPublish(camera=PHONE, token=one.token, offer=second.offer)
        assert one.refusal(question) == "publisher_alive"
        first.vanish()
        await_true(lambda: one.state == (CameraState.OFFLINE, CameraReason.STALLED))
        one.offer(second)
        one.await_online()


def test_a_phone_that_stalls_again_and_again_is_picked_up_at_once(tmp_path: Path) -> None:
    """The fourth time as quickly as the first: nobody waits out a back-off."""
    took_s: list[float] = []
    with phones(tmp_path) as one:
        for _ in range(4):
            with Publisher() as phone:
                one.offer(phone)
                began = time.monotonic()
                await_true(lambda: one.connection.state is CameraState.ONLINE)
                took_s.append(time.monotonic() - began)
                phone.vanish()
                await_true(lambda: one.connection.reason is CameraReason.STALLED)
    assert max(took_s) < 1.5, took_s


def test_a_renewed_token_ends_what_the_old_one_let_in(tmp_path: Path) -> None:
    with phones(tmp_path) as one, Publisher() as publisher, Publisher() as again:
        one.offer(publisher)
        one.await_online()
        began = time.monotonic()
        one.token = one.new_token()
        one.await_nobody()
        assert time.monotonic() - began < 1.5
        one.offer(again)
        one.await_online()
        with one.store.write(EVERYTHING) as record:
            record.publishing.pair(PHONE, secret_hash("code"))  # changes no token
        time.sleep(0.6)
        assert one.state[0] is CameraState.ONLINE
        with one.store.write(EVERYTHING) as record:
            record.publishing.revoke(PHONE)
        one.await_nobody()


def test_a_camera_out_of_use_lets_go_of_its_publisher(tmp_path: Path) -> None:
    with phones(tmp_path) as one, Publisher() as publisher:
        one.offer(publisher)
        one.await_online()
        with one.store.write(EVERYTHING) as record:
            record.cameras.change(replace(record.cameras.get(PHONE), enabled=False))
        await_true(lambda: one.state[0] is CameraState.DISABLED)
        question = OfferPublish(camera=PHONE, token=one.token, offer=publisher.offer)
        assert one.refusal(question) == "no_such_camera"


def test_refusals_carry_their_reason(tmp_path: Path) -> None:
    with phones(tmp_path) as one, Publisher() as publisher:
        stray = OfferPublish(camera="gate", token=one.token, offer=publisher.offer)
        assert one.refusal(stray) == "no_such_camera"
        nonsense = OfferPublish(camera=PHONE, token=one.token, offer="v=0\r\nm=x\r\n")
        reply = one.ask(nonsense)
        assert isinstance(reply, Refused)
        assert (reply.reason, reply.field) == ("sdp", "m")
        answered = one.offer(publisher)
        patch = PatchPublish(camera=PHONE, session=answered.session, fragment="a=mid:0\r\n")
        assert one.refusal(patch) == "etag_missing"
        wrong = patch.model_copy(update={"if_match": '"x"'})
        assert one.refusal(wrong) == "etag_mismatch"
        right = patch.model_copy(update={"if_match": answered.etag})
        assert isinstance(one.ask(right), PublishPatched)
        gone = patch.model_copy(update={"session": "gone"})
        assert one.refusal(gone) == "no_such_session"
        assert one.refusal(EndPublish(camera=PHONE, session="gone")) == "no_such_session"
