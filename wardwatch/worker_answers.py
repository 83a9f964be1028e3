"""What a worker can be asked over its local socket, and who answers.

Quick answers are made in the socket's own thread. Slow ones (a camera to be dialled, a view to be
negotiated, a clip to be made unreadable) have a few threads of their own and a bound: one question
more than `MOST_PENDING` is refused at once as `busy`, so that no queue grows behind a camera that
does not answer.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog

from record.messages import Ask, Message, Refused, Reply, encode

THREADS = 6
MOST_PENDING = 32

Answer = tuple[Reply, bytes]
Answerer = Callable[[Any], Answer]
"""Takes the question it is registered for. May raise `CannotAnswer`."""

_log = structlog.get_logger()


class CannotAnswer(Exception):
    """Becomes a `Refused`: `reason` a stable word, `detail` a sentence free of secrets."""

    def __init__(self, reason: str, detail: str = "", field: str | None = None) -> None:
        super().__init__(detail or reason)
        self.reason, self.detail, self.field = reason, detail, field


class Answers:
    """`quick` and `slow`: who answers which question."""

    def __init__(
        self, quick: Mapping[type[Ask], Answerer], slow: Mapping[type[Ask], Answerer]
    ) -> None:
        self._quick = dict(quick)
        self._slow = dict(slow)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="answers")
        self._pending = threading.BoundedSemaphore(MOST_PENDING)

    def knows(self, message: Message) -> bool:
        return type(message) in self._quick or type(message) in self._slow

    def answer(self, ask: Ask, reply: Callable[[bytes], None]) -> None:
        """`reply` gets the bytes to send, now or later and then from another thread."""
        quick = self._quick.get(type(ask))
        if quick is not None:
            reply(_answered(quick, ask))
        elif not self._pending.acquire(blocking=False):
            reply(_sent(ask, Refused(reason="busy", detail="too many questions at once"), b""))
        else:
            later = self._pool.submit(_answered, self._slow[type(ask)], ask)
            later.add_done_callback(lambda done: self._finish(done, reply))

    def stop(self) -> None:
        """Nothing new is begun; what is under way ends by its own deadlines."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _finish(self, done: Future[bytes], reply: Callable[[bytes], None]) -> None:
        self._pending.release()
        if not done.cancelled():
            reply(done.result())


def _answered(answerer: Answerer, ask: Ask) -> bytes:
    try:
        return _sent(ask, *answerer(ask))
    except CannotAnswer as refusal:
        refused = Refused(reason=refusal.reason, detail=refusal.detail, field=refusal.field)
    except Exception:  # noqa: BLE001 - one answer's defect must not end the worker's socket
        _log.exception("an answer failed", ask=type(ask).__name__)
        refused = Refused(reason="failed", detail="failed in an unforeseen way; see the log")
    return _sent(ask, refused, b"")


def _sent(ask: Ask, reply: Reply, body: bytes) -> bytes:
    numbered: Any = reply.model_copy(update={"request": ask.request})
    return encode(numbered, body)
