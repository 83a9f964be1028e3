"""One camera under watch, from detections to findings: everything of the room but the model."""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest

from detect import Box, CameraWatch, Detections, Look
from record.cameras import Area, Camera, Point, Rule
from record.ids import AreaId, RuleId
from record.orders import OrderInForce, RuleKind
from record.sightings import Direction, Ended, Finding, Grew, Raised
from tests.detect.walks import GATE, YARD, at, camera, found, frame, order, seconds
from tests.detect.walks import standing as somebody
from tests.fakes.pictures import ArrayPicture

EXIT = Rule(RuleId("out"), RuleKind.EXIT, line=GATE.id)
ENTRY = Rule(RuleId("in"), RuleKind.ENTRY, line=GATE.id)
KEEP_OUT = Rule(RuleId("keep out"), RuleKind.RESTRICTED, area=YARD.id, seconds=1.0)
CAMERA = camera(lines=[GATE], areas=[YARD], rules=[EXIT, ENTRY, KEEP_OUT])
PICTURE = ArrayPicture(np.zeros((36, 64, 3), np.uint8))

Where = Callable[[float], Iterable[Box]]


def watch(under: Camera = CAMERA, orders: tuple[OrderInForce, ...] = (order(),)) -> CameraWatch:
    return CameraWatch(under, orders, "model")


def play(one: CameraWatch, where: Where, from_s: float, to_s: float) -> list[Look]:
    looks = []
    for index in range(round(from_s * 5), round(to_s * 5)):
        now = index / 5
        looks.append(one.look(frame(now, PICTURE), found(where(now))))
    return looks


def findings(looks: Iterable[Look]) -> list[Finding]:
    return [finding for look in looks for finding in look.findings]


def names(looks: Iterable[Look]) -> list[tuple[str, str]]:
    return [(type(one).__name__, one.rule.id) for one in findings(looks)]


def walker(now: float) -> list[Box]:
    """From the left edge to the right one in ten seconds, through the yard and the gate."""
    return [somebody(0.03 + now * 0.09, 0.6)] if now < 10.5 else []


def test_a_walk_through_gate_and_yard() -> None:
    looks = play(watch(), walker, 0, 16)
    assert names(looks) == [
        ("Raised", "keep out"),
        ("Raised", "out"),
        ("Ended", "out"),
        ("Ended", "keep out"),
    ]
    inside, crossing, _, left = findings(looks)
    assert isinstance(inside, Raised)
    assert seconds(inside.began_at) == pytest.approx((0.2 - 0.03) / 0.09, abs=0.21)
    assert seconds(inside.at) - seconds(inside.began_at) == pytest.approx(1.0)
    assert isinstance(crossing, Raised)
    assert seconds(crossing.at) == pytest.approx((0.5 - 0.03) / 0.09, abs=0.01)
    assert crossing.why.direction is Direction.OUTWARD
    assert crossing.why.model == "model"
    assert crossing.why.confidence == pytest.approx(0.8)
    assert len(crossing.why.path) > 5
    assert seconds(left.at) == pytest.approx((0.8 - 0.03) / 0.09, abs=0.21)


def test_occupancy_counts_confirmed_tracks_in_view_and_members_of_areas() -> None:
    looks = play(watch(), lambda _: [somebody(0.5, 0.6), somebody(0.9, 0.6)], 0, 2)
    assert looks[0].occupancy.view == 0
    assert looks[1].occupancy.view == 2
    assert looks[-1].occupancy.areas == {YARD.id: 1}
    assert looks[-1].occupancy.at == at(1.8)
    assert looks[-1].occupancy.camera == CAMERA.id


def test_what_is_to_be_hidden_includes_who_is_lost() -> None:
    one = watch()
    play(one, lambda _: [somebody(0.5, 0.6)], 0, 1)
    later = play(one, lambda _: [], 1, 8)
    assert all(look.people for look in later)
    assert later[-1].tracks == ()


def test_a_lost_stream_ends_everything_and_nobody_knows_how_many() -> None:
    one = watch()
    play(one, lambda now: [somebody(0.4 + min(now, 1.5) * 0.1, 0.6)], 0, 3)
    lost = one.interrupt(at(3.0))
    assert sorted((type(item).__name__, item.rule.id) for item in lost.findings) == [
        ("Ended", "keep out"),
        ("Ended", "out"),
    ]
    assert (lost.occupancy.view, lost.occupancy.areas) == (None, {})
    assert (lost.tracks, lost.people) == ((), ())
    assert one.interrupt(at(4.0)).findings == ()
    again = play(one, lambda _: [somebody(0.45, 0.6)], 10, 14)
    assert names(again) == [("Raised", "keep out")]
    assert min(track.id for look in again for track in look.tracks) > 1


def test_a_side_does_not_outlive_a_lost_stream() -> None:
    one = watch()
    play(one, lambda _: [somebody(0.4, 0.6)], 0, 1)
    one.interrupt(at(1.0))
    assert ("Raised", "out") not in names(play(one, lambda _: [somebody(0.6, 0.6)], 1.2, 2))


def test_new_settings_keep_what_has_not_changed() -> None:
    one = watch()
    play(one, lambda _: [somebody(0.48, 0.6)], 0, 3)
    renamed = replace(CAMERA, name="North gate", version=2)
    one.configure(renamed, (order(),))
    looks = play(one, lambda _: [somebody(0.52, 0.6)], 3, 4)
    assert names(looks) == [("Raised", "out")]


def test_a_line_that_was_moved_starts_afresh() -> None:
    one = watch()
    play(one, lambda _: [somebody(0.48, 0.6)], 0, 3)
    moved = replace(GATE, a=Point(0.52, 0.9))
    one.configure(replace(CAMERA, lines=(moved,)), (order(),))
    looks = play(one, lambda _: [somebody(0.52, 0.6)], 3, 3.4)
    assert ("Raised", "out") not in names(looks)


@pytest.mark.parametrize(
    "changed",
    [
        replace(CAMERA, rules=(EXIT, ENTRY)),
        replace(CAMERA, rules=(EXIT, replace(KEEP_OUT, seconds=60.0))),
        replace(CAMERA, areas=(Area(YARD.id, YARD.polygon[1:]),)),
    ],
    ids=["removed", "changed", "its area redrawn"],
)
def test_what_a_rule_had_raised_ends_when_the_rule_is_gone(changed: Camera) -> None:
    one = watch()
    assert names(play(one, lambda _: [somebody(0.5, 0.6)], 0, 3)) == [("Raised", "keep out")]
    one.configure(changed, (order(),))
    looks = play(one, lambda _: [somebody(0.5, 0.6)], 3, 3.4)
    assert names(looks[:1]) == [("Ended", "keep out")]
    assert isinstance(looks[0].findings[0], Ended)


def test_orders_may_come_and_go() -> None:
    one = watch(orders=())
    there_and_back = [0.4, 0.6, 0.4, 0.6, 0.4]

    def pacing(now: float) -> list[Box]:
        leg, part = divmod(now, 2)
        start, end = there_and_back[int(leg) % 4], there_and_back[int(leg) % 4 + 1]
        return [somebody(start + (end - start) * part / 2, 0.6)]

    first = findings(play(one, pacing, 0, 1.6))
    one.configure(CAMERA, (order(),))
    second = findings(play(one, pacing, 1.6, 3.6))
    assert [one.orders for one in first if isinstance(one, Raised) and one.rule == EXIT] == [()]
    (entry,) = [one for one in second if isinstance(one, Raised) and one.rule == ENTRY]
    assert [one.id for one in entry.orders] == ["order"]
    assert not any(isinstance(one, Grew) for one in first + second)


def test_several_areas_are_counted_apart() -> None:
    left = Area(AreaId("left"), (Point(0, 0), Point(0.5, 0), Point(0.5, 1), Point(0, 1)))
    right = Area(AreaId("right"), (Point(0.5, 0), Point(1, 0), Point(1, 1), Point(0.5, 1)))
    one = watch(camera(areas=[left, right]))
    looks = play(one, lambda _: [somebody(x, 0.6) for x in (0.2, 0.3, 0.7)], 0, 2)
    assert looks[-1].occupancy.areas == {left.id: 2, right.id: 1}


# Long-lived means bounded ---------------------------------------------------------------------


def crowd(number: int, look: int) -> Detections:
    """Ten people a look, each for three looks, on a grid, half of them through the gate."""
    rng = np.random.default_rng(look // 3)
    xs = np.linspace(0.06, 0.94, number) + (look % 3) * 0.02
    ys = rng.uniform(0.35, 0.9, number)
    scores = rng.uniform(0.5, 0.9, number).astype(np.float32)
    boxes = np.stack([xs - 0.02, ys - 0.2, xs + 0.02, ys], axis=1).astype(np.float32)
    return Detections(boxes, scores)


def soak(tracks: int) -> tuple[int, int, int]:
    """Size of the watch's whole state, pickled, early and late, and the highest id given."""
    one = watch()
    number, early, highest = 10, 0, 0
    looks = 0
    while highest < tracks:
        # Three looks, then three seconds in which everybody is given up.
        now = looks // 3 * 4.0 + looks % 3 * 0.2
        look = one.look(frame(now, PICTURE), crowd(number, looks))
        highest = max([highest, *(track.id for track in look.tracks)])
        looks += 1
        if looks == 60:
            early = len(pickle.dumps(one))
    one.look(frame(looks * 4.0 + 60, PICTURE), Detections.none())
    return early, len(pickle.dumps(one)), highest


def test_many_tracks_leave_nothing_behind() -> None:
    early, late, highest = soak(2_000)
    assert highest >= 2_000
    assert late < early


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_a_hundred_thousand_tracks_leave_nothing_behind() -> None:
    early, late, highest = soak(100_000)
    assert highest >= 100_000
    assert late < early
