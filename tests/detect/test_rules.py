import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.areas import AreaSight, AreaState, step_area
from detect.rules import BUILT_RULES, Observation, RuleState, end_rule, step_rule
from detect.tracks import Track
from record.cameras import Point, Rule
from record.ids import LineId, RuleId, TrackId
from record.orders import OrderInForce, RuleKind
from record.sightings import Crossing, Direction, Ended, Finding, Footstep, Grew, Raised
from tests.detect.walks import GATE, YARD, at, order, seconds, track

EXIT = Rule(RuleId("out"), RuleKind.EXIT, line=GATE.id)
ENTRY = Rule(RuleId("in"), RuleKind.ENTRY, line=GATE.id)
RESTRICTED = Rule(RuleId("keep out"), RuleKind.RESTRICTED, area=YARD.id)
ALWAYS = (order(),)


def told(findings: Iterable[Finding]) -> list[tuple[str, float, int]]:
    """Name, moment and persons (0 for an end) of each finding; observations in small letters."""
    lines = []
    for one in findings:
        name = type(one).__name__
        if isinstance(one, Raised) and not one.orders:
            name = name.lower()
        persons = 0 if isinstance(one, Ended) else one.persons
        lines.append((name, round(seconds(one.at), 3), persons))
    return lines


# What happens ---------------------------------------------------------------------------------


def crossing(
    moment_s: float, direction: Direction = Direction.OUTWARD, line: LineId = GATE.id
) -> Crossing:
    return Crossing(
        line=line,
        direction=direction,
        track=TrackId(round(moment_s * 10)),
        at=at(moment_s),
        decided_at=at(moment_s + 0.2),
        path=(Footstep(at(moment_s), Point(0.5, 0.5)),),
        confidence=0.75,
    )


def crossed(
    rule: Rule,
    crossings: Sequence[Crossing],
    orders: tuple[OrderInForce, ...] = ALWAYS,
    until_s: float = 20.0,
) -> list[Finding]:
    state = RuleState()
    found: list[Finding] = []
    looks: dict[int, list[Crossing]] = {}
    for one in crossings:
        looks.setdefault(math.ceil(seconds(one.decided_at) / 0.2 - 1e-6), []).append(one)
    for index in range(round(until_s / 0.2)):
        now, due = at(index * 0.2), tuple(looks.get(index, ()))
        state, findings = step_rule(state, rule, Observation(now, due, {}, orders, "model"))
        found.extend(findings)
    return found


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        # one, and nobody followed
        ([2.0], [("Raised", 2.0, 1), ("Ended", 2.0, 0)]),
        # two within three seconds are one breach of two persons
        ([2.0, 4.9], [("Raised", 2.0, 1), ("Grew", 4.9, 2), ("Ended", 4.9, 0)]),
        # three seconds after the last, not after the first
        (
            [2.0, 4.5, 7.0],
            [("Raised", 2.0, 1), ("Grew", 4.5, 2), ("Grew", 7.0, 3), ("Ended", 7.0, 0)],
        ),
        # later than that is a breach of its own
        (
            [2.0, 5.2],
            [("Raised", 2.0, 1), ("Ended", 2.0, 0), ("Raised", 5.2, 1), ("Ended", 5.2, 0)],
        ),
        # at once
        ([2.0, 2.0], [("Raised", 2.0, 1), ("Grew", 2.0, 2), ("Ended", 2.0, 0)]),
    ],
)
def test_crossings_that_follow_are_one_breach(
    moments: list[float], expected: list[tuple[str, float, int]]
) -> None:
    assert told(crossed(EXIT, [crossing(moment) for moment in moments])) == expected


def test_a_rule_minds_its_own_line_and_direction() -> None:
    inward = crossing(2.0, Direction.INWARD)
    elsewhere = crossing(3.0, line=LineId("other"))
    assert crossed(EXIT, [inward, elsewhere]) == []
    assert told(crossed(ENTRY, [inward, elsewhere])) == [("Raised", 2.0, 1), ("Ended", 2.0, 0)]


def test_a_breach_says_why() -> None:
    raised = crossed(EXIT, [crossing(2.0)])[0]
    assert isinstance(raised, Raised)
    assert raised.began_at == raised.at == at(2.0)
    assert raised.decided_at == at(2.2)
    assert raised.orders == ALWAYS
    assert raised.why.track == TrackId(20)
    assert raised.why.direction is Direction.OUTWARD
    assert (raised.why.confidence, raised.why.model) == (0.75, "model")
    assert raised.why.path == (Footstep(at(2.0), Point(0.5, 0.5)),)


@pytest.mark.parametrize(
    ("moment", "armed"),
    [(9.9, False), (10.0, True), (14.9, True), (15.0, False)],
)
def test_the_moment_of_the_crossing_decides_which_order_was_in_force(
    moment: float, armed: bool
) -> None:
    found = told(crossed(EXIT, [crossing(moment)], (order(10.0, 15.0),)))
    assert found[0] == ("Raised" if armed else "raised", moment, 1)
    assert len(found) == (2 if armed else 1)  # an observation has no end


def test_an_order_arms_only_the_kinds_it_names() -> None:
    entry_only = (order(kinds=[RuleKind.ENTRY]),)
    assert told(crossed(EXIT, [crossing(2.0)], entry_only)) == [("raised", 2.0, 1)]


def test_observations_stand_alone_and_leave_an_open_breach_as_it_is() -> None:
    orders = (order(0.0, 3.0),)
    found = crossed(EXIT, [crossing(2.0), crossing(4.0), crossing(4.5)], orders)
    assert told(found) == [
        ("Raised", 2.0, 1),
        ("raised", 4.0, 1),
        ("raised", 4.5, 1),
        ("Ended", 2.0, 0),
    ]


def test_all_orders_that_arm_stand_in_the_breach_the_narrowest_first() -> None:
    orders = (order(key="nation", depth=0), order(key="site", depth=3), order(key="ward", depth=2))
    raised = crossed(EXIT, [crossing(2.0)], orders)[0]
    assert isinstance(raised, Raised)
    assert [one.id for one in raised.orders] == ["site", "ward", "nation"]


def test_a_lost_stream_ends_what_was_open() -> None:
    state, _ = step_rule(RuleState(), EXIT, Observation(at(2), (crossing(2.0),), {}, ALWAYS, "m"))
    state, ended = end_rule(state, EXIT, at(2.4))
    assert told(ended) == [("Ended", 2.0, 0)]
    assert end_rule(state, EXIT, at(3)) == (RuleState(), ())


@given(st.lists(st.integers(0, 150), max_size=15))
def test_every_crossing_is_told_once_and_breaches_begin_and_end_in_turn(tenths: list[int]) -> None:
    moments = sorted(tenth / 10 for tenth in tenths)
    found = crossed(EXIT, [crossing(moment) for moment in moments], until_s=30)
    assert [moment for name, moment, _ in told(found) if name != "Ended"] == moments
    opened = 0
    for one in found:
        opened += isinstance(one, Raised) - isinstance(one, Ended)
        assert opened in (0, 1)
    assert opened == 0


# What lasts -----------------------------------------------------------------------------------


def present(*patterns: str) -> list[list[Track]]:
    """A look every 0.1 s: each pattern one person, `i` inside, `o` outside, ` ` no track."""
    looks: list[list[Track]] = [[] for _ in range(max(map(len, patterns)))]
    for number, pattern in enumerate(patterns):
        born = 0
        for index, where in enumerate(pattern):
            if where == " ":
                born = index + 1
                continue
            first = max(born, index - 20)
            trail = [
                Footstep(at(k * 0.1), Point(0.5 if pattern[k] == "i" else 0.1, 0.5))
                for k in range(first, index + 1)
            ]
            looks[index].append(track(1000 * number + born, trail, born_at=at(born * 0.1)))
    return looks


def lasted(
    rule: Rule, looks: Sequence[Sequence[Track]], orders: tuple[OrderInForce, ...] = ALWAYS
) -> list[Finding]:
    state, area = RuleState(), AreaState()
    found: list[Finding] = []
    for index, tracks in enumerate(looks):
        area, sight = step_area(area, YARD, tracks)
        seen = Observation(at(index * 0.1), (), {YARD.id: sight}, orders, "model")
        state, findings = step_rule(state, rule, seen)
        found.extend(findings)
    return found


def gathering(persons: int = 2, seconds: float = 0.0, cooldown_s: float = 0.0) -> Rule:
    return Rule(
        RuleId("crowd"),
        RuleKind.GATHERING,
        area=YARD.id,
        persons=persons,
        seconds=seconds,
        cooldown_s=cooldown_s,
    )


def test_restricted_is_anyone_from_entering_to_leaving() -> None:
    found = lasted(RESTRICTED, present("o" * 5 + "i" * 20 + "o" * 40))
    assert told(found) == [("Raised", 0.5, 1), ("Ended", 2.5, 0)]
    assert isinstance(found[0], Raised)
    assert found[0].decided_at == at(1.0)
    assert found[0].why.track == 0
    assert found[0].why.direction is None


def test_a_gathering_takes_enough_people_for_long_enough() -> None:
    first, second = "i" * 100 + "o" * 30, "o" * 10 + "i" * 60 + "o" * 60
    rule = gathering(2, seconds=5)
    found = lasted(rule, present(first, second))
    assert told(found) == [("Raised", 6.0, 2), ("Ended", 7.0, 0)]
    assert isinstance(found[0], Raised)
    assert found[0].began_at == at(1.0)
    assert found[0].why.track == 1000  # the one who made it two
    assert lasted(gathering(3, seconds=5), present(first, second)) == []
    assert lasted(gathering(2, seconds=7), present(first, second)) == []


def test_a_gathering_grows_and_keeps_its_largest_number() -> None:
    looks = present("i" * 80, "i" * 80, "o" * 20 + "i" * 20 + "o" * 40, "o" * 60 + "i" * 20)
    names = told(lasted(gathering(2), looks))
    assert names == [("Raised", 0.0, 2), ("Grew", 2.5, 3)]


@pytest.mark.parametrize(
    ("gap", "breaches"),
    [(3, 1), (9, 1), (16, 2), (30, 2)],
)
def test_gaps_to_a_second_are_bridged(gap: int, breaches: int) -> None:
    """A gap by loss: the track ends, and another begins where it was."""
    looks = present("i" * 20 + " " * gap + "i" * 20 + " " * 30)
    found = told(lasted(RESTRICTED, looks))
    assert [name for name, _, _ in found] == ["Raised", "Ended"] * breaches
    assert found[-1][1] == pytest.approx((39 + gap) / 10)


def test_who_walks_out_before_the_dwell_is_over_raises_nothing() -> None:
    rule = Rule(RuleId("stay"), RuleKind.RESTRICTED, area=YARD.id, seconds=2.0)
    assert lasted(rule, present("i" * 15 + "o" * 40)) == []


def test_an_overlap_of_a_lost_track_with_its_successor_is_not_two_people() -> None:
    trail = [Footstep(at(k * 0.1), Point(0.5, 0.5)) for k in range(40)]
    looks = [
        [
            *([track(1, trail[: min(k, 14) + 1][-20:], seen=k < 15)] if k < 35 else []),
            *([track(2, trail[17 : k + 1][-20:], newly=k == 17)] if k >= 17 else []),
        ]
        for k in range(40)
    ]
    assert lasted(gathering(2), looks) == []


def test_cooldown_holds_the_next_breach_back() -> None:
    looks = present("i" * 20 + "o" * 20 + "i" * 80)
    rule = gathering(1, cooldown_s=5)
    assert told(lasted(rule, looks)) == [("Raised", 0.0, 1), ("Ended", 2.0, 0), ("Raised", 7.0, 1)]
    assert told(lasted(gathering(1), looks))[2] == ("Raised", 4.0, 1)


def test_when_the_order_ends_the_breach_ends_and_the_dwell_starts_again() -> None:
    found = lasted(gathering(1, seconds=2), present("i" * 100), (order(0.0, 5.05),))
    assert told(found) == [("Raised", 2.0, 1), ("Ended", 5.05, 0), ("raised", 7.05, 1)]


def test_an_order_that_ends_before_the_dwell_resets_it() -> None:
    found = lasted(gathering(1, seconds=4), present("i" * 100), (order(0.0, 3.0),))
    assert told(found) == [("raised", 7.0, 1)]


def test_an_order_that_follows_at_once_changes_nothing() -> None:
    orders = (order(0.0, 3.0), order(3.0, 60.0, key="next"))
    found = lasted(gathering(1, seconds=4), present("i" * 100), orders)
    assert told(found) == [("Raised", 4.0, 1)]
    assert isinstance(found[0], Raised)
    assert [one.id for one in found[0].orders] == ["next"]


def test_an_order_that_begins_turns_what_was_observed_into_a_breach_after_its_dwell() -> None:
    found = lasted(gathering(1, seconds=2), present("i" * 100), (order(5.05, 60.0),))
    assert told(found) == [("raised", 2.0, 1), ("Raised", 7.05, 1)]


def test_an_order_that_begins_during_the_dwell_decides_by_the_moment_it_is_fulfilled() -> None:
    found = lasted(gathering(1, seconds=4), present("i" * 100), (order(3.0, 60.0),))
    assert told(found) == [("Raised", 4.0, 1)]


def test_a_lifted_order_that_is_gone_from_the_list_ends_its_breach_at_the_look() -> None:
    state, area = RuleState(), AreaState()
    found: list[Finding] = []
    for index, tracks in enumerate(present("i" * 60)):
        area, sight = step_area(area, YARD, tracks)
        orders = ALWAYS if index < 40 else ()
        seen = Observation(at(index * 0.1), (), {YARD.id: sight}, orders, "model")
        state, findings = step_rule(state, gathering(1), seen)
        found.extend(findings)
    assert told(found) == [("Raised", 0.0, 1), ("Ended", 4.0, 0), ("raised", 4.0, 1)]


def test_a_lost_stream_ends_what_lasts_and_keeps_the_cooldown() -> None:
    rule = gathering(1, cooldown_s=10)
    state = RuleState()
    area = AreaState()
    for index, tracks in enumerate(present("i" * 20)):
        area, sight = step_area(area, YARD, tracks)
        seen = Observation(at(index * 0.1), (), {YARD.id: sight}, ALWAYS, "model")
        state, _ = step_rule(state, rule, seen)
    state, ended = end_rule(state, rule, at(2.0))
    assert told(ended) == [("Ended", 2.0, 0)]
    assert state == RuleState(quiet_until=at(12.0))
    (unseen,) = ended
    assert isinstance(unseen, Ended)
    assert unseen.unwatched


def test_kinds_that_are_not_built_find_nothing() -> None:
    for kind in set(RuleKind) - BUILT_RULES:
        rule = Rule(RuleId("later"), kind, line=GATE.id, area=YARD.id)
        assert crossed(rule, [crossing(2.0)]) == []
        assert lasted(rule, present("i" * 60)) == []


@given(
    st.lists(st.text("io ", min_size=1, max_size=80), min_size=1, max_size=4),
    st.integers(1, 3),
    st.sampled_from([0.0, 1.0, 3.0]),
)
def test_what_lasts_begins_and_ends_in_turn(
    patterns: list[str], persons: int, dwell: float
) -> None:
    quiet = [pattern + " " * 60 for pattern in patterns]
    found = lasted(gathering(persons, dwell), present(*quiet))
    opened: datetime | None = None
    for one in found:
        if isinstance(one, Raised):
            assert opened is None
            assert seconds(one.at) - seconds(one.began_at) == pytest.approx(dwell)
            assert one.decided_at >= one.at
            opened = one.began_at
        elif isinstance(one, Ended):
            assert opened is not None
            assert one.at >= opened
            opened = None
        else:
            assert isinstance(one, Grew)
            assert opened is not None
            assert one.persons > persons
    assert opened is None


def test_an_area_that_is_not_there_any_more_holds_nobody() -> None:
    state, findings = step_rule(RuleState(), RESTRICTED, Observation(at(0), (), {}, ALWAYS, "m"))
    assert (state, findings) == (RuleState(), ())
    assert AreaSight() == AreaSight((), ())
