"""A fake worker's live views: no WebRTC, only who asked for what."""

import time

from record.messages import (
    AskLiveClose,
    AskLiveKeep,
    AskLiveOpen,
    AskLiveTrickle,
    LiveClosed,
    LiveKept,
    LiveOpened,
    LiveTrickled,
    Refused,
    Reply,
)
from tests.fakes.worker import FakeWorker


class FakeViews:
    def __init__(self, worker: FakeWorker) -> None:
        self.opened: list[AskLiveOpen] = []
        self.closed: list[AskLiveClose] = []
        self.trickled: list[AskLiveTrickle] = []
        self.ended: dict[str, str] = {}
        """Views that have ended by themselves, and why: put one in."""
        self.refuses: str | None = None
        """The reason why no view is opened; None: they are."""
        self.kept_at: list[float] = []
        """When views were named, monotonic seconds."""
        worker.answers[AskLiveOpen] = self._open
        worker.answers[AskLiveClose] = self._close
        worker.answers[AskLiveKeep] = self._keep
        worker.answers[AskLiveTrickle] = self._trickle

    def _open(self, asked: AskLiveOpen) -> Reply:
        if self.refuses is not None:
            return Refused(reason=self.refuses, detail="as told")
        self.opened.append(asked)
        return LiveOpened(view=asked.view, answer="v=0\r\n")

    def _close(self, asked: AskLiveClose) -> Reply:
        self.closed.append(asked)
        return LiveClosed()

    def _trickle(self, asked: AskLiveTrickle) -> Reply:
        self.trickled.append(asked)
        return LiveTrickled(taken=1)

    def _keep(self, asked: AskLiveKeep) -> Reply:
        self.kept_at.append(time.monotonic())
        return LiveKept(ended={v: why for v, why in self.ended.items() if v in asked.views})
