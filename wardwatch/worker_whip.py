"""Publishers of a worker's cameras: what they ask over HTTP, and what ends them.

A publication ends with its camera, and with the token that let it in: that a token was changed is
read in the record, so that it holds whoever changed it, and whether or not the API could tell.
"""

from collections.abc import Callable, Mapping, Sequence

from ingest import Publishers, PublishRefused
from record.events import EventType, StoredEvent
from record.ids import CameraId, TokenId
from record.messages import (
    Ask,
    EndPublish,
    OfferPublish,
    PatchPublish,
    PublishAnswered,
    PublishEnded,
    PublishPatched,
)
from wardwatch.worker_answers import Answer, Answerer, CannotAnswer
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_parts import WorkerHost, WorkerPart

Holding = Callable[[CameraId], TokenId | None]
"""The token that a camera has in the record at this moment."""


class PublishPart(WorkerPart):
    def __init__(self, publishers: Publishers, holding: Holding) -> None:
        self._publishers = publishers
        self._holding = holding
        self._host: WorkerHost | None = None

    def slow(self) -> Mapping[type[Ask], Answerer]:
        return {OfferPublish: self._offer, PatchPublish: self._patch, EndPublish: self._end}

    def start(self, host: WorkerHost) -> None:
        self._host = host

    def on_cameras(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        self._publishers.keep_only(
            lambda camera, _: _takes_in(cameras.get(camera)), "the camera was taken out of use"
        )
        # Also when the record was out of reach for a while, and events of it were not told.
        self._check_tokens()

    def on_events(self, events: Sequence[StoredEvent]) -> None:
        if any(event.type is EventType.TOKEN_CHANGED for event in events):
            self._check_tokens()

    def stop(self) -> None:
        self._publishers.stop()

    def _check_tokens(self) -> None:
        self._publishers.keep_only(
            lambda camera, token: self._holding(camera) == token, "its token holds no longer"
        )

    def _offer(self, asked: OfferPublish) -> Answer:
        camera = CameraId(asked.camera)
        known = None if self._host is None else self._host.cameras.get(camera)
        if not _takes_in(known):
            raise CannotAnswer("no_such_camera", "no camera of that name is published here")
        try:
            published = self._publishers.offer(camera, TokenId(asked.token), asked.offer)
        except PublishRefused as refused:
            raise _cannot(refused) from None
        answered = PublishAnswered(
            session=published.session, etag=published.etag, answer=published.answer
        )
        return answered, b""

    def _patch(self, asked: PatchPublish) -> Answer:
        camera = CameraId(asked.camera)
        try:
            patched = self._publishers.patch(camera, asked.session, asked.if_match, asked.fragment)
        except PublishRefused as refused:
            raise _cannot(refused) from None
        return PublishPatched(etag=patched.etag, answer=patched.answer), b""

    def _end(self, asked: EndPublish) -> Answer:
        try:
            self._publishers.end(CameraId(asked.camera), asked.session, asked.why)
        except PublishRefused as refused:
            raise _cannot(refused) from None
        return PublishEnded(), b""


def _takes_in(camera: WatchedCamera | None) -> bool:
    if camera is None:
        return False
    known = camera.settings.camera
    return known.enabled and known.publishes


def _cannot(refused: PublishRefused) -> CannotAnswer:
    return CannotAnswer(refused.reason, str(refused), refused.field)
