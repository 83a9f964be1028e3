"""What comes over a lens, told from a light that goes out. Pure.

When the picture has gone black, nothing in it says why. On the way there something may: what is
pushed over a lens has a front. On one side of it blocks are black, on the other side they are as
bright as they were a moment ago, and the front goes on until nothing is left. When a light goes
out, all blocks fall by one factor, at once or slowly. What has some of that, and is none:

- *A shutter that rolls* shows one picture, half of it from before the light went out. So two
  pictures with a front are asked for.
- *Two lamps, one after the other*: the front between what each of them lights stands still. So a
  front must go on, and pass over what is left at the pace that it had.

Many lamps in a row that go out one after the other, each of them alone lighting its own part, do
look like it. And a hand that is over the lens within two pictures is not told.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from detect.tamper_view import GLARE, UNLIT, Grey

BLACK = 16.0
"""Luma of black in ITU-R BT.601."""
GLIMPSES_PER_S = 12.0
"""How often blocks are wanted, where a camera sends as many: two pictures fall into the half second
in which a hand comes over a lens."""

LIT = 60.0
"""Luma from which a block has light to lose: under `UNLIT` it has less than a third of it left."""
LEAST_LIT = 0.2
"""Share of blocks that must be lit, or there is nothing for a front to pass over."""
AS_BEFORE = 0.85
"""Share of its light that a block keeps beside the front. An exposure that gives way adds some."""
SIDE = 0.1
"""Share of the lit blocks that there must be on either side of a front."""
CROSSING = 0.6
"""Share that may be in between: what touches the lens is far out of focus."""
GOES_ON = 0.03
"""Share of the lit blocks by which a front goes on from one picture to another."""
BEGUN = 0.05
"""Share that has fallen up to which nothing has happened yet."""
DONE = 0.95
"""Share that has fallen when it has arrived."""

USUAL_AFTER = timedelta(seconds=1)
"""How old the picture from before grows while nothing happens."""
AT_MOST = timedelta(seconds=5)
"""What takes longer is no front."""
LEAPT = timedelta(seconds=0.25)
"""Three pictures; beyond them, and the time in which a front has been followed, it does not take to
the black one."""


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """What is remembered between two pictures: of fixed size."""

    usual: Grey | None = None
    """Block means from before anything fell."""
    usual_at: datetime | None = None
    began_at: datetime | None = None
    """The first picture with a front."""
    last_at: datetime | None = None
    """The last one to which it had gone on."""
    fallen: float = 0.0
    """Share that it had passed over by then."""
    arrived: bool = False
    """It has passed over everything, and nothing has come back since."""


def step_front(state: Front, blocks: Grey, at: datetime) -> Front:
    """`blocks`: (blocks down, blocks across) mean luma, about `GLIMPSES_PER_S` times a second."""
    usual, usual_at = state.usual, state.usual_at
    if usual is None or usual_at is None or usual.shape != blocks.shape or at < usual_at:
        return Front(blocks, at)
    lit = (usual >= LIT) & (usual < GLARE)
    if lit.mean() < LEAST_LIT:
        return Front(blocks, at)
    now, before = blocks[lit], usual[lit]
    fallen = float((now <= UNLIT).mean())
    if fallen <= BEGUN:
        return Front(blocks, at) if at - usual_at >= USUAL_AFTER else Front(usual, usual_at)
    if fallen >= DONE:
        return replace(state, arrived=state.arrived or _came(state, at))
    if state.arrived or at - (state.began_at or usual_at) > AT_MOST:
        return Front(blocks, at)
    as_before = float((now - BLACK >= AS_BEFORE * (before - BLACK)).mean())
    if min(fallen, as_before) < SIDE or 1 - fallen - as_before > CROSSING:
        return state
    if state.began_at is None:
        return replace(state, began_at=at, last_at=at, fallen=fallen)
    if fallen - state.fallen < GOES_ON:
        return state
    return replace(state, last_at=at, fallen=fallen)


def _came(state: Front, at: datetime) -> bool:
    if state.began_at is None or state.last_at is None or at - state.began_at > AT_MOST:
        return False
    followed = state.last_at - state.began_at
    return followed > timedelta() and at - state.last_at <= LEAPT + followed
