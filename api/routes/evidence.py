"""Evidence of a breach: what there is, and what of it may be seen, unreadable for everybody."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from api import schemas
from api.description import REVIEWS, problems
from api.errors import EvidenceLost, EvidenceMissing, WorkerRefused, WorkerUnavailable
from api.ranges import ByteRange, wanted
from api.services import Services, Serving, Signed, require
from record.errors import CannotOpen, NotInScope
from record.evidence import Evidence, EvidenceKind, Lost, form_of
from record.evidence_files import SealedReader
from record.ids import BreachId, CameraId, EvidenceId
from record.messages import AskEvidence, AskRendition, EvidenceNow, RenditionMaking, Reply
from record.people import Right

log = structlog.get_logger()

router = APIRouter(tags=["breaches"])

ASK_S = 1.0
_NOTHING = EvidenceNow()
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_SHOWN = {
    "description": "Nobody is readable in it. Ranges of bytes are answered with 206",
    "content": {"image/jpeg": _BYTES, "video/mp4": _BYTES},
}
_PENDING = {"description": "It is being made; `Retry-After` says when to ask again"}


@dataclass(frozen=True, slots=True)
class Known:
    """A piece of evidence, with the form that its rendition has to have now."""

    evidence: Evidence
    form: str


@dataclass(frozen=True, slots=True)
class OfBreach:
    breach: BreachId
    camera: CameraId | None
    known: tuple[Known, ...]
    lost: tuple[Lost, ...]


def _of_breach(breach_id: str, session: Signed, serving: Serving) -> OfBreach:
    with serving.store.read(session.user.scope) as reading:
        breach = reading.breaches.get(BreachId(breach_id)).breach
        require(session, Right.REVIEW, "see evidence")
        found = reading.evidence.of(breach.id)
        known = (Known(one, form_of(reading.evidence.masks(one))) for one in found)
        lost = reading.evidence.lost_of(breach.id)
        return OfBreach(breach.id, breach.camera, tuple(known), lost)


def _one(evidence_id: str, session: Signed, serving: Serving) -> Known:
    with serving.store.read(session.user.scope) as reading:
        try:
            found = reading.evidence.get(EvidenceId(evidence_id))
        except NotInScope:
            lost = reading.evidence.lost(EvidenceId(evidence_id))
            require(session, Right.REVIEW, "see evidence")
            raise EvidenceLost(lost.id, lost.reason) from None
        require(session, Right.REVIEW, "see evidence")
        return Known(found, form_of(reading.evidence.masks(found)))


@router.get("/breaches/{breach_id}/evidence", responses=problems(*REVIEWS))
async def list_evidence(
    of: Annotated[OfBreach, Depends(_of_breach)], serving: Serving
) -> schemas.EvidenceList:
    """What is kept of it, and what is still being gathered."""
    now = _NOTHING if of.camera is None else await _now(serving, of.breach, of.camera)
    items = [_item(serving, one, of.breach, now) for one in of.known]
    kept = {one.evidence.id for one in of.known}
    items += [schemas.Evidence.under_way(one) for one in now.gathered if one.evidence not in kept]
    items += [schemas.Evidence.gone(one) for one in of.lost]
    return schemas.EvidenceList(items=items)


@router.head("/evidence/{evidence_id}", include_in_schema=False)
@router.get(
    "/evidence/{evidence_id}",
    response_class=Response,
    responses={
        200: _SHOWN,
        202: {**_PENDING, "model": schemas.RenditionPending},
        **problems(*REVIEWS, 410, 416),
    },
)
async def read_evidence(
    known: Annotated[Known, Depends(_one)],
    request: Request,
    serving: Serving,
    asked: Annotated[str | None, Header(alias="range", include_in_schema=False)] = None,
    unless: Annotated[str | None, Header(alias="if-range", include_in_schema=False)] = None,
) -> Response:
    """The unreadable rendition, made when it is asked for first. The original is not to be had
    here: nothing that can be fetched by an address shows anybody."""
    evidence = known.evidence
    reader = _shown(serving, known)
    if reader is None:
        done = await _make(serving, evidence)
        if done < 100 or (reader := _shown(serving, known)) is None:
            return _pending(done)
    etag, media = f'"{evidence.id}.{known.form}"', schemas.shown_as(evidence.kind)
    if request.method == "HEAD":  # ranges are for GET (RFC 9110 §14.2); nothing is opened to send
        return _nothing_of(reader, media, etag)
    try:
        part = wanted(asked if unless in {None, etag} else None, reader.size)
        all_of_it = part or ByteRange(0, reader.size)
        # What is damaged is said, and not found out in the middle of an answer.
        await run_in_threadpool(reader.check, all_of_it.begin, all_of_it.end)
    except CannotOpen as error:
        reader.close()
        if not _made_anew(serving, known, error):
            raise
        return _pending(await _make(serving, evidence))
    except BaseException:
        reader.close()
        raise
    return _answer(reader, part, media, etag)


def _nothing_of(reader: SealedReader, media: str, etag: str) -> Response:
    reader.close()
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(reader.size), "ETag": etag}
    return Response(None, 200, headers, media)


def _answer(reader: SealedReader, part: ByteRange | None, media: str, etag: str) -> Response:
    all_of_it = part or ByteRange(0, reader.size)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(all_of_it.end - all_of_it.begin),
        "ETag": etag,
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {part.begin}-{part.end - 1}/{reader.size}"
    return _Bytes(reader, all_of_it, 200 if part is None else 206, media, headers)


class _Bytes(StreamingResponse):
    """Closes the file also when the client goes away before the first byte."""

    def __init__(
        self,
        reader: SealedReader,
        part: ByteRange,
        status: int,
        media: str,
        headers: Mapping[str, str],
    ) -> None:
        pieces = reader.pieces(part.begin, part.end)
        super().__init__(pieces, status_code=status, media_type=media, headers=headers)
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._reader.close()


def _pending(done_pct: int) -> Response:
    pending = schemas.RenditionPending(done_pct=min(done_pct, 99), retry_after=2)
    return JSONResponse(pending.model_dump(), status_code=202, headers={"Retry-After": "2"})


def _shown(serving: Services, known: Known) -> SealedReader | None:
    """None: a rendition that is yet to be made. Raises `EvidenceMissing`, `CannotOpen`."""
    files, evidence = serving.settings.evidence, known.evidence
    if files is None or not files.is_kept(evidence.id):
        raise EvidenceMissing(evidence.id)
    if evidence.kind is EvidenceKind.SNAPSHOT:
        return files.reader(evidence.id)  # unreadable from the beginning
    try:
        return files.rendition(evidence.id, known.form)
    except CannotOpen as error:
        if _made_anew(serving, known, error):
            return None
        raise


def _made_anew(serving: Services, known: Known, error: CannotOpen) -> bool:
    """Whether what does not open is a rendition, and gone now, so that another is made. One that
    wants another key is left: the key may come back."""
    files, evidence = serving.settings.evidence, known.evidence
    if files is None or evidence.kind is EvidenceKind.SNAPSHOT:
        return False
    if error.reason == CannotOpen.ANOTHER_KEY:
        return False
    log.warning("a damaged rendition is made anew", evidence=evidence.id, why=str(error))
    files.drop_rendition(evidence.id, known.form)
    return True


async def _make(serving: Services, evidence: Evidence) -> int:
    """How far it is, in hundredths."""
    try:
        answer = await _ask_for(serving, evidence)
    except WorkerRefused as refused:
        if refused.reason == "busy":
            return 0
        if refused.reason == "missing":
            raise EvidenceMissing(evidence.id) from None
        raise
    if not isinstance(answer, RenditionMaking):
        raise TypeError(f"{type(answer).__name__} does not say how far a rendition is")
    return answer.done_pct


async def _ask_for(serving: Services, evidence: Evidence) -> Reply:
    question = AskRendition(evidence=evidence.id)
    with suppress(WorkerUnavailable):
        return (await serving.workers.ask(question, camera=evidence.camera))[0]
    # The camera may be gone; whichever worker is there has the files, too.
    return (await serving.workers.ask(question))[0]


async def _now(serving: Services, breach: BreachId, camera: CameraId) -> EvidenceNow:
    """What is under way; nothing where no worker says."""
    try:
        question = AskEvidence(breach=breach)
        answer, _ = await serving.workers.ask(question, camera=camera, timeout_s=ASK_S)
    except (WorkerUnavailable, WorkerRefused):
        return _NOTHING
    return answer if isinstance(answer, EvidenceNow) else _NOTHING


def _item(serving: Services, known: Known, breach: BreachId, now: EvidenceNow) -> schemas.Evidence:
    evidence, files = known.evidence, serving.settings.evidence
    done: int | None = now.making.get(evidence.id)
    state: schemas.EvidenceState
    opens = _opens(serving, evidence.id)
    if files is None or opens is None:
        state, done = "missing", None
    elif not opens:
        state, done = "locked", None
    elif evidence.kind is EvidenceKind.SNAPSHOT or files.has_rendition(evidence.id, known.form):
        state, done = "ready", None
    else:
        state = "sealed" if done is None else "making"
    return schemas.Evidence.of(evidence, breach, state, done)


def _opens(serving: Services, evidence: EvidenceId) -> bool | None:
    """Whether a key opens it; None: it is not there."""
    files = serving.settings.evidence
    try:
        return None if files is None else files.opens(evidence)
    except OSError:
        return None
