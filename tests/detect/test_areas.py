from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.areas import AreaSight, AreaState, Visit, step_area, step_visit
from detect.tracks import Track
from record.cameras import Area, Point
from record.sightings import Footstep
from tests.detect.walks import YARD, at, seconds, steps, track

INSIDE, OUTSIDE = (0.5, 0.5), (0.1, 0.5)


def play(looks: Iterable[Sequence[Track]], area: Area = YARD) -> list[AreaSight]:
    state = AreaState()
    sights = []
    for tracks in looks:
        state, sight = step_area(state, area, tracks)
        sights.append(sight)
    return sights


def walk(pattern: str, key: int = 1) -> list[list[Track]]:
    """A look every 0.1 s: `i` inside, `o` outside, `-` not seen but held, ` ` no track."""
    trail: list[Footstep] = []
    looks: list[list[Track]] = []
    for index, where in enumerate(pattern):
        if where in "io":
            x, y = INSIDE if where == "i" else OUTSIDE
            trail.append(Footstep(at(index * 0.1), Point(x, y)))
        if where == " " or not trail:
            trail = []
            looks.append([])
        else:
            looks.append([track(key, trail[-20:], seen=where != "-")])
    return looks


@pytest.mark.parametrize(
    ("pattern", "members", "left_s"),
    [
        # in after half a second
        ("iiiiii", "     1", []),
        # half a second in two pieces is none
        ("iiiooiiiii", "          ", []),
        # out after a second outside, since the first look outside
        ("iiiiiioooooooooooo", "     11111111111  ", [0.6]),
        # half a second outside is none
        ("iiiiiiooooiiiii", "     1111111111", []),
        # held through a loss, and found again
        ("iiiiii----iii", "     11111111", []),
        # given up: left when last seen
        ("iiiiii----  ", "     11111  ", [0.5]),
        # walked out, was lost outside and given up: left when it went out
        ("iiiiiiooo--  ", "     111111  ", [0.6]),
        # never long enough inside to be in
        ("iiii  ", "      ", []),
    ],
)
def test_visits(pattern: str, members: str, left_s: list[float]) -> None:
    sights = play(walk(pattern))
    assert "".join("1" if sight.members else " " for sight in sights) == members
    left = [round(seconds(moment), 6) for sight in sights for moment in sight.left]
    assert left == left_s


def test_times_leave_the_hysteresis_out() -> None:
    (member,) = play(walk("oooiiiiii"))[-1].members
    assert seconds(member.entered_at) == pytest.approx(0.3)
    assert member.outside_since is None
    (member,) = play(walk("iiiiiioo"))[-1].members
    assert member.outside_since == at(0.6)
    assert member.inside_at(at(0.3))
    assert not member.inside_at(at(0.6))


def test_one_who_is_not_seen_is_still_in_unless_somebody_was_born_there() -> None:
    lost = walk("iiiiiii--")
    (member,) = play(lost)[-1].members
    assert member.outside_since is None
    heir = track(2, (Footstep(at(0.8), Point(0.52, 0.5)),))
    stranger = track(3, (Footstep(at(0.8), Point(0.7, 0.5)),))
    (member, *_) = play([*lost[:-1], [*lost[-1], stranger]])[-1].members
    assert member.outside_since is None
    (member, *_) = play([*lost[:-1], [*lost[-1], heir]])[-1].members
    assert member.outside_since == at(0.6)


def test_a_track_counts_from_its_birth_once_it_is_confirmed() -> None:
    trail = steps([INSIDE] * 4)
    tentative = [[track(1, trail[: n + 1], confirmed=False)] for n in range(3)]
    assert [len(sight.members) for sight in play(tentative)] == [0, 0, 0]
    (member,) = play([*tentative, [track(1, trail, newly=True)]])[-1].members
    assert member.entered_at == at(0)


def test_who_is_gone_is_forgotten() -> None:
    state = AreaState()
    for key in range(1000):
        state, _ = step_area(state, YARD, [track(key, steps([INSIDE]))])
    assert len(state.visits) == len(state.last_seen) == 1


corners = st.integers(0, 3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=40),
    corners,
    st.booleans(),
)
def test_the_verdict_ignores_where_the_polygon_starts(
    points: list[tuple[float, float]], start: int, back: bool
) -> None:
    turned = YARD.polygon[start:] + YARD.polygon[:start]
    other = Area(YARD.id, turned[::-1] if back else turned)
    first, second = Visit(), Visit()
    for step in steps(points):
        first, left_first = step_visit(first, YARD, step)
        second, left_second = step_visit(second, other, step)
        assert (first, left_first) == (second, left_second)


@given(st.text("io-", min_size=1, max_size=60))
def test_members_were_inside_for_half_a_second_and_not_outside_for_one(pattern: str) -> None:
    looks = walk(pattern)
    for index, sight in enumerate(play(looks)):
        for member in sight.members:
            entered = round(seconds(member.entered_at) * 10)
            assert pattern[entered] == "i"
            assert "i" * 2 in pattern[entered : index + 1].replace("-", "")
            seen = pattern[entered : index + 1].replace("-", "")
            assert "o" * 12 not in seen
