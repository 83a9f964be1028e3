"""What a guard knows of its camera, to outlive the process: what the camera usually sees, and what
is said of it. Pure.

Without it, whoever covers a camera and then cuts the power has a worker that takes the cloth for
the view. With it a new guard goes on where the last one ended: what was said holds until the usual
view is back, and what was done to the camera meanwhile is found as if the line had been cut.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from detect.tamper import LEARNED_AFTER, Tampering, TamperState, interrupted
from detect.tamper_view import Small, view_of


@dataclass(frozen=True, slots=True, eq=False)
class GuardMemory:
    """Of one camera as it was drawn in `version`."""

    version: int
    usual: Small
    """(rows, columns) uint8: the slow mean, whole blocks. Passers-by are not in it, but whoever
    stayed for minutes is: it may be kept only sealed."""
    said: Tampering | None = None
    frozen: Tampering | None = None
    dark: Tampering | None = None

    @property
    def says(self) -> tuple[str | None, ...]:
        """The reasons alone: when they change it is worth keeping at once."""
        deeds = (self.said, self.frozen, self.dark)
        return tuple(None if deed is None else deed.reason.value for deed in deeds)


def memory_of(state: TamperState, version: int) -> GuardMemory | None:
    """None: not known well enough yet."""
    if state.view is None or state.learned < LEARNED_AFTER:
        return None
    usual = np.clip(np.rint(state.view.mean), 0, 255).astype(np.uint8)
    return GuardMemory(version, usual, state.said, state.frozen, state.dark)


def recalled(memory: GuardMemory, at: datetime) -> TamperState:
    """As if the line had been cut since; `at`: of the first picture. What was said is said anew."""
    view = view_of(memory.usual.astype(np.float32))
    said, frozen, dark = (
        None if deed is None else replace(deed, decided_at=at, gone_since=None)
        for deed in (memory.said, memory.frozen, memory.dark)
    )
    known = TamperState(
        view=view, learned=LEARNED_AFTER, said=said, frozen=frozen, dark=dark, carried=True
    )
    return interrupted(known)
