"""Tampering with a camera: covered, blinded, out of focus, moved, frozen. Pure.

`step_tamper(state, picture, at) -> (state, Tampering | None)`, once or twice a second, on the small
luma picture of `detect.tamper_view`; no detector is needed. What is suspected must last (`DWELL`)
before it is said, and must be gone for `GONE` before it is over. The usual view is a slow mean that
stands still while anything is suspected; it survives a broken connection, so that a camera that
was turned while it was away is told too.

What is no tampering, and why it is told apart:

- *Lights off, dawn, exposure, the infrared filter*: the structure keeps its place, whatever its
  strength, so that its correlation stays. Where it is too dark to see any structure at all nothing
  is said: a lens under black tape and a room without a lamp are one and the same picture.
- *Somebody close to the lens*: moves, while what covers a lens or has become the new view holds
  still from one picture to the next.
- *Rain, noise, coarse coding*: correlate with nothing, and so take nothing away.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from detect.front import Front, step_front
from detect.stillness import Stillness, broken, step_stillness, unjudged
from detect.tamper_view import (
    Comparison,
    Small,
    View,
    blocks_of,
    compare,
    stirred,
    view_of,
    whole_blocks,
)
from record.cameras import CameraReason

TAMPER_REASONS = frozenset(
    {
        CameraReason.COVERED,
        CameraReason.BLINDED,
        CameraReason.DEFOCUSED,
        CameraReason.MOVED,
        CameraReason.FROZEN,
    }
)

GLANCES_PER_S = 2.0
"""How often a picture is wanted."""

LOST_SHARE = 0.7
"""Share of the usual structure that must be gone to suspect anything."""
REGAINED = 0.4
"""Share gone under which the view is the usual one again."""
FLAT = 0.2
"""Energy of the gradients, compared with the usual, up to which nothing is to be seen (covered),
and from which there is another view (moved)."""
BLACK_SHARE = 0.9
"""Share of blocks without light from which a picture is black: an exit sign, or what the camera
writes over its picture, is not."""
GLARING = 0.25
"""Share of pixels at the upper end, beyond the usual, when light falls into the lens."""
BLIND_SHARE = 0.5
"""Share of the structure that must be gone for that: beside the glare some is left."""
DIM = 0.1
"""Share of the structure that must not glare, to tell by it where the light comes from."""
VEILED = 0.42
"""Strength of the structure beside the glare, compared with the usual, up to which a lamp shines
into the lens: scattered light and an exposure that gives way make it fainter. A lamp that lights
the place, overexposed as it may be, makes it stronger."""
BLURRED = 0.45
"""Fine structure, in proportion to the coarse, up to which the lens is out of focus."""
ALIKE = 0.8
"""Correlation of the block means from which it is the usual place, only blurred."""
STEADY = 3.0
"""Change of the block means between two pictures, in levels, of what holds still."""
UNMOVED = 0.99
"""Correlation with the picture before of a view in which something large passes and the rest does
not stir; somebody who sways before the lens stays below."""
HELD = 0.6
"""Correlation with the picture before of another view that holds still."""
STIRS = 0.5
"""Small pixels, of 160 across, from which what hides the view has stirred. A camera that was pushed
stays where it is then, to 0.3 of them at night and 0.1 by day; nobody who fills the picture stands
still to a third of a hundredth of its width, which is two to three millimetres, for seconds."""
LEFT_INTACT = 0.045
"""Share of the structure that may be just as it was in what is clearly another view. Beside
somebody who stands before the lens 5 % or more of it is, after a push by a tenth of the width 4 %
or less; what the camera itself writes at the top and at the bottom does not count."""
LEAST_TEXTURED = 0.1
"""Share of blocks with a structure under which a view has nothing that could be missed."""

DWELL: dict[CameraReason, timedelta] = {
    CameraReason.COVERED: timedelta(seconds=2.5),
    CameraReason.BLINDED: timedelta(seconds=4),
    CameraReason.DEFOCUSED: timedelta(seconds=5),
    CameraReason.MOVED: timedelta(seconds=6),
}
"""How long each is suspected before it is said: covered is to be said within 5 s, moved within
10 s. Passing headlights and an exposure that settles are over within 2 s."""
UNCLEAR = timedelta(seconds=8.5)
"""The dwell of `moved` while more than `LEFT_INTACT` is as it was."""
DARK = timedelta(seconds=20)
"""How long a picture is black before that is said. An exposure that gives way is over in two
seconds, an infrared filter in five; cameras that wait whether it stays dark take up to fifteen."""
GONE = timedelta(seconds=1)
INTERRUPTED = timedelta(seconds=1.2)
"""A suspicion outlives one picture without it."""

LEARNED_AFTER = 10
"""Pictures after which the view is known well enough to be missed."""
SLOW = 0.02
"""Share of each picture in the view: half of it is new after 17 s at two pictures a second."""
FAITHFUL = 0.35
"""Share of the structure gone up to which a picture is taken into the view."""
CONTRASTS = (0.4, 2.5)
"""Contrast, compared with the usual, within which a picture is taken into the view: a night without
a lamp is not learned, for the view would have nothing left to be missed in the morning."""


class Suspicion(NamedTuple):
    reason: CameraReason
    began_at: datetime
    last_at: datetime
    rooted_at: datetime
    """What is there now has not stirred since."""
    anchor: View
    """How it looked then."""
    whole: bool
    """Nothing of the usual view has been left since then."""


@dataclass(frozen=True, slots=True)
class Tampering:
    """What is the matter, since when, and when that was certain."""

    reason: CameraReason
    began_at: datetime
    decided_at: datetime
    strength: float
    """Share of the usual structure that is gone, 0..1; 1 for a frozen or black picture."""
    gone_since: datetime | None = None
    """The usual view is back since then, but not yet for long enough to be sure."""


@dataclass(frozen=True, slots=True, eq=False)
class TamperState:
    """What is remembered between two pictures: of fixed size."""

    view: View | None = None
    before: View | None = None
    learned: int = 0
    lost_since: datetime | None = None
    """The usual view is not to be seen since then, whatever it is that hides it."""
    suspicion: Suspicion | None = None
    said: Tampering | None = None
    """Whatever hides the usual view."""
    frozen: Tampering | None = None
    carried: bool = False
    """`frozen` was said before the first picture, by whoever watched then."""
    black_since: datetime | None = None
    dark: Tampering | None = None
    stillness: Stillness = field(default_factory=Stillness)
    front: Front = field(default_factory=Front)


def glimpse(state: TamperState, picture: Small, at: datetime) -> TamperState:
    """One picture of those between two that are judged: does anything come over the lens?"""
    return replace(state, front=step_front(state.front, blocks_of(picture), at))


def step_tamper(
    state: TamperState, picture: Small, at: datetime, *, witnessed: bool = False
) -> tuple[TamperState, Tampering | None]:
    """One picture more. The answer is what holds at `at`; None: nothing is known to be wrong.

    `witnessed`: the camera itself says that somebody tampers with it. That halves the dwell of what
    the picture shows, and is worth nothing alone.
    """
    view, before = state.view, state.before
    if view is None or before is None or _resized(view, picture):
        return _begin(state, view_of(whole_blocks(picture))), None
    seen, now = compare(picture, view, before)
    if _unlit(view) and seen.black < BLACK_SHARE:
        # Begun in the dark: there was nothing that could be missed, and now there is.
        return _begin(state, now), None
    state = _judge(replace(state, before=now), seen, now, at, 0.5 if witnessed else 1.0)
    state = _freeze(_darken(state, seen, at), picture, seen, now, at)
    if state.said is None and state.suspicion is None:
        state = _learn(state, view, now, seen)
    return state, state.said or state.frozen or state.dark


def interrupted(state: TamperState) -> TamperState:
    """The stream was lost: the view and what was said of it are kept, what was suspected begins
    anew."""
    return replace(
        state,
        before=state.view,
        lost_since=None,
        suspicion=None,
        black_since=None,
        stillness=broken(state.stillness),
        front=Front(),
    )


def suspected(seen: Comparison, textured: float, *, came: bool = False) -> CameraReason | None:
    """What a single picture looks like. `came`: if it is black, something was seen to come over the
    lens before."""
    if textured < LEAST_TEXTURED:
        return None
    if seen.black >= BLACK_SHARE:
        return CameraReason.COVERED if came and seen.lost >= LOST_SHARE else None
    if seen.glare >= GLARING and seen.lost >= BLIND_SHARE:
        blinded = seen.dim >= DIM and seen.beside <= VEILED and seen.moved <= STEADY
        return CameraReason.BLINDED if blinded else None
    if seen.lost < LOST_SHARE:
        return CameraReason.DEFOCUSED if _out_of_focus(seen) else None
    if seen.moved > STEADY and seen.held < UNMOVED:
        return None
    if _out_of_focus(seen):
        return CameraReason.DEFOCUSED
    if seen.energy <= FLAT:
        return CameraReason.COVERED
    return CameraReason.MOVED if seen.held >= HELD else None


def _out_of_focus(seen: Comparison) -> bool:
    """The place at its coarsest is the usual one, and its fine structure is not just fainter, as
    in fog or in the dark, but gone, with nothing else in its place."""
    if seen.alike < ALIKE or seen.contrast <= 0:
        return False
    return seen.sharp <= BLURRED * seen.contrast and seen.detail <= BLURRED * seen.contrast**2


def _judge(
    state: TamperState, seen: Comparison, now: View, at: datetime, patience: float
) -> TamperState:
    """Follow what is suspected and what was said; `patience`: share of the dwell it takes."""
    if state.learned < LEARNED_AFTER or state.view is None:
        return state
    if state.said is not None:
        return replace(state, said=_follow(state.said, seen, at))
    reason = suspected(seen, state.view.textured, came=state.front.arrived)
    suspicion = state.suspicion
    if reason is None and suspicion is not None and at - suspicion.last_at > INTERRUPTED:
        suspicion = None
    hidden = reason is not None or seen.lost >= LOST_SHARE
    lost_since = (state.lost_since or at) if hidden or suspicion is not None else None
    if reason is None:
        return replace(state, suspicion=suspicion, lost_since=lost_since)
    suspicion = _suspect(suspicion, reason, seen, now, state.view, at)
    if not _certain(suspicion, at, patience):
        return replace(state, suspicion=suspicion, lost_since=lost_since)
    said = Tampering(reason, lost_since or at, at, seen.lost)
    return replace(state, suspicion=None, lost_since=None, said=said)


def _suspect(
    before: Suspicion | None,
    reason: CameraReason,
    seen: Comparison,
    now: View,
    usual: View,
    at: datetime,
) -> Suspicion:
    whole = seen.intact <= LEFT_INTACT or seen.inner == 0
    if before is None:
        return Suspicion(reason, at, at, at, now, whole)
    if reason is CameraReason.MOVED and stirred(now, before.anchor, usual) > STIRS:
        return Suspicion(reason, before.began_at, at, at, now, whole)
    return before._replace(reason=reason, last_at=at, whole=whole and before.whole)


def _certain(suspicion: Suspicion, at: datetime, patience: float) -> bool:
    if suspicion.reason is not CameraReason.MOVED:
        return at - suspicion.began_at >= patience * DWELL[suspicion.reason]
    dwell = DWELL[CameraReason.MOVED] if suspicion.whole else UNCLEAR
    return at - suspicion.rooted_at >= patience * dwell


def _follow(said: Tampering, seen: Comparison, at: datetime) -> Tampering | None:
    """Until the usual view has been back for a moment."""
    back = seen.lost <= REGAINED and not _out_of_focus(seen)
    return _ending(said, at) if back else replace(said, gone_since=None)


def _ending(said: Tampering, at: datetime) -> Tampering | None:
    if said.gone_since is None:
        return replace(said, gone_since=at)
    return said if at - said.gone_since < GONE else None


def _darken(state: TamperState, seen: Comparison, at: datetime) -> TamperState:
    """Whether the picture has been black for long. That holds before any view is known, too."""
    usual = state.view
    faint = seen.lost >= LOST_SHARE or seen.energy <= FLAT
    faint = faint or usual is None or usual.textured < LEAST_TEXTURED
    black = seen.black >= BLACK_SHARE and faint
    since = (state.black_since or at) if black else None
    dark = state.dark
    if dark is not None:
        dark = replace(dark, gone_since=None) if black else _ending(dark, at)
    elif since is not None and at - since >= DARK:
        dark = Tampering(CameraReason.DARK, since, at, 1.0)
    return replace(state, black_since=since, dark=dark)


def _freeze(
    state: TamperState, picture: Small, seen: Comparison, now: View, at: datetime
) -> TamperState:
    if seen.black >= BLACK_SHARE or now.textured < LEAST_TEXTURED:
        # Smoothed darkness, and an even wall, may well be the same to the last bit for minutes.
        return replace(state, frozen=None, carried=False, stillness=unjudged(state.stillness))
    stillness, since = step_stillness(state.stillness, picture, at)
    lives = state.stillness.last is not None and stillness.began_at == at
    state = replace(state, stillness=stillness, carried=state.carried and not lives)
    if since is not None:
        frozen = state.frozen or Tampering(CameraReason.FROZEN, since, at, 1.0)
        return replace(state, frozen=frozen, carried=False)
    return state if state.carried else replace(state, frozen=None)


def _begin(state: TamperState, view: View) -> TamperState:
    return TamperState(
        view=view,
        before=view,
        learned=1,
        dark=state.dark,
        stillness=state.stillness,
        front=state.front,
    )


def _unlit(view: View) -> bool:
    return view.black >= BLACK_SHARE and view.textured < LEAST_TEXTURED


def _learn(state: TamperState, view: View, now: View, seen: Comparison) -> TamperState:
    least, most = CONTRASTS
    if state.learned >= LEARNED_AFTER and not (
        seen.lost <= FAITHFUL and least <= seen.contrast <= most
    ):
        return state
    share = max(SLOW, 1 / (state.learned + 1))
    mean = view.mean + (now.mean - view.mean) * share
    return replace(state, view=view_of(mean), learned=min(state.learned + 1, LEARNED_AFTER))


def _resized(view: View, picture: Small) -> bool:
    return view.mean.shape != whole_blocks(picture).shape
