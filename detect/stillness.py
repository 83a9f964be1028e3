"""A frozen picture: packets come, and the same picture over and over. Pure.

A sensor is never still. Even where an encoder smooths its noise away between two keyframes, the
next keyframe shows it afresh, and a clock drawn into the picture changes every second. A picture
that is sent again and again repeats itself, keyframes included, but for what the encoder polishes
in between. So each picture is held against the one before: one that differs is news. A recording
played in a loop is news all the time; it is not told here. A new connection to a camera that lives
begins with a keyframe, and so with news: a frozen one is followed across it.

How soon a lack of news means anything depends on the camera. One whose quiet pictures, with nobody
moving, have always brought news is said to be frozen after four seconds without; of one that is
known to repeat itself, or not known yet, nothing is believed before `LONG`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from detect.tamper_view import Small

SAME = 0.006
"""Share of pixels that may differ in a repeated picture. An encoder that polishes changes up to
0.4 % of them (libx264 on the sample scenes); sensor noise on a quiet scene changes 7 % or more."""
STRONG = 24
"""Levels by which no pixel of a repeated picture differs: a digit of a clock does by 100."""
QUIET = 0.02
"""Share of pixels that change strongly when somebody moves; below it a picture is quiet."""
LIVELY = 0.05
"""Share of repeats among quiet pictures up to which a camera is known to bring news all the time:
with a keyframe every two seconds a smoothed picture repeats itself three times out of four."""
KNOWN_AFTER = 20
"""Quiet pictures after which that share means something."""
SHORT = timedelta(seconds=3.5)
LONG = timedelta(seconds=22)
"""Longer than the keyframe interval of any camera met so far (12 s, by "smart" encoders), and
short enough to be said within 30 s."""
SLIPS = 0.3
"""Share of news within `SHORT` that does not speak against it: keyframes of a frozen picture whose
quantiser has changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Stillness:
    """What is remembered between two pictures: the last one, and a few numbers."""

    last: Small | None = None
    quiet: int = 0
    """Quiet pictures so far, up to `_MEMORY`."""
    repeats: float = 0.0
    """How many of those were repeats."""
    pending: int = 0
    """Quiet repeats of the run under way: they count when it has ended by itself."""
    last_at: datetime | None = None
    broken: bool = False
    """The stream was lost since the last picture."""
    began_at: datetime | None = None
    """When the picture that is being repeated was first there."""
    since: datetime | None = None
    """The same, later by the time in which no picture came."""
    looks: int = 0
    news: int = 0
    """Pictures since then, and those among them that were news."""
    news_at: datetime | None = None
    """The last of them, put off like `since`."""


_MEMORY = 600
"""Quiet pictures that are remembered, five minutes of them: then older ones count less."""


def step_stillness(
    state: Stillness, picture: Small, at: datetime
) -> tuple[Stillness, datetime | None]:
    """Also since when the picture has been frozen; None: it lives."""
    repeat, quiet = (False, False) if state.last is None else _repeats(picture, state.last)
    if quiet:
        state = replace(state, pending=state.pending + 1) if repeat else _learn(state)
    state = replace(_run(_resumed(state, at), repeat, at), last=picture, last_at=at)
    return state, state.began_at if _frozen(state, at) else None


def broken(state: Stillness) -> Stillness:
    """The stream was lost. A picture that is the same to the last bits after a new connection has
    not come to life in between: what it was held against is kept."""
    return replace(state, broken=True)


def unjudged(state: Stillness) -> Stillness:
    """The picture shows nothing that could stand still: what is known of the camera is kept, the
    run is not."""
    return replace(state, last=None, pending=0, since=None)


def _resumed(state: Stillness, at: datetime) -> Stillness:
    """The time without a picture counts for nothing."""
    if not state.broken or state.last_at is None or state.since is None or state.news_at is None:
        return replace(state, broken=False)
    away = max(at - state.last_at, timedelta())
    return replace(state, broken=False, since=state.since + away, news_at=state.news_at + away)


def _repeats(picture: Small, last: Small) -> tuple[bool, bool]:
    """Whether it is the last one over again, and whether nobody has moved since."""
    if last.shape != picture.shape:
        return False, False
    apart = np.maximum(picture, last) - np.minimum(picture, last)
    if int(apart.max()) < STRONG:
        return float(np.mean(apart > 0)) <= SAME, True
    return False, float(np.mean(apart >= STRONG)) < QUIET


def _run(state: Stillness, repeat: bool, at: datetime) -> Stillness:
    if state.since is None:
        return _anew(state, at)
    looks, news = state.looks + 1, state.news + (not repeat)
    if repeat:
        return replace(state, looks=looks, news=news)
    if looks <= 1 or news > max(1, SLIPS * looks):
        return _anew(state, at)
    return replace(state, looks=looks, news=news, news_at=at)


def _anew(state: Stillness, at: datetime) -> Stillness:
    return replace(state, began_at=at, since=at, looks=0, news=0, news_at=at)


def _frozen(state: Stillness, at: datetime) -> bool:
    if state.since is None or state.looks < 4:
        return False
    known = state.quiet >= KNOWN_AFTER
    if known and state.repeats <= LIVELY * state.quiet:
        return at - state.since >= SHORT and state.news <= SLIPS * state.looks
    return state.news_at is not None and at - state.news_at >= LONG


def _learn(state: Stillness) -> Stillness:
    """A quiet picture has brought news, after `pending` that had brought none."""
    quiet, repeats = state.quiet + 1 + state.pending, state.repeats + state.pending
    fade = min(1.0, _MEMORY / quiet)
    return replace(state, quiet=round(quiet * fade), repeats=repeats * fade, pending=0)
