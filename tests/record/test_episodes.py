"""From findings to events, whatever became of the worker in between."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from record.episodes import Episodes, GoingOn
from record.events import EventType, NewEvent
from record.ids import BreachId, OrderId, RuleId
from record.orders import OrderInForce, RuleKind
from record.sightings import Ended, Finding
from tests.record.world import (
    CROWD,
    DORMITORY,
    EXIT,
    HOA_KHANH,
    NOW,
    S,
    camera_at,
    ended,
    grew,
    raised,
)

ORDERS = (OrderInForce(OrderId("o"), 1, "12", NOW - S, NOW + 9999 * S, frozenset(RuleKind), 2),)


def follow(*findings: Finding, going_on: dict[RuleId, GoingOn] | None = None) -> list[str]:
    """What comes of findings, each as `type subject persons`; `-` for one that was ignored."""
    numbers = itertools.count(1)
    episodes = Episodes(
        camera_at(DORMITORY), HOA_KHANH, going_on or {}, lambda: f"b{next(numbers)}"
    )
    return [
        " ".join([event.type, event.subject, str(event.data.get("persons", ""))]).strip()
        if isinstance(event, NewEvent)
        else "-"
        for event in episodes.follow(findings)
    ]


def left_open(rule: RuleKind, heard_s: float, persons: int = 2, *, closed: bool = False) -> GoingOn:
    """A breach that a worker, now dead, last spoke of `heard_s` seconds before NOW."""
    return GoingOn(BreachId("old"), rule, NOW - heard_s * S, persons, closed)


def test_a_breach_opens_grows_and_ends() -> None:
    assert follow(raised(EXIT, ORDERS), grew(EXIT, NOW + S, 2), ended(EXIT, NOW + S)) == [
        "breach.opened b1 1",
        "breach.updated b1 2",
        "breach.ended b1",
    ]


def test_without_an_order_it_is_an_observation_with_nothing_to_follow() -> None:
    assert follow(raised(EXIT, ()), grew(EXIT, NOW + S, 2), ended(EXIT, NOW + S)) == [
        "observation.recorded cam-dorm 1",
        "-",
        "-",
    ]


def test_rules_of_one_camera_do_not_mix() -> None:
    crowd, leaving = raised(CROWD, ORDERS, persons=3), raised(EXIT, ORDERS)
    assert follow(crowd, leaving, ended(EXIT, NOW + S), grew(CROWD, NOW + S, 4)) == [
        "breach.opened b1 3",
        "breach.opened b2 1",
        "breach.ended b2",
        "breach.updated b1 4",
    ]


def test_growing_to_no_more_than_known_changes_nothing() -> None:
    assert follow(raised(CROWD, ORDERS, persons=3), grew(CROWD, NOW + S, 3)) == [
        "breach.opened b1 3",
        "-",
    ]


def test_a_gathering_seen_again_by_a_new_worker_is_the_same_breach() -> None:
    going_on = {CROWD.id: left_open(RuleKind.GATHERING, heard_s=60, persons=3)}
    seen_again = raised(CROWD, ORDERS, persons=5)
    assert follow(seen_again, ended(CROWD, NOW + 9 * S), going_on=going_on) == [
        "breach.updated old 5",
        "breach.ended old",
    ]


def test_seen_again_with_fewer_people_it_goes_on_and_says_so() -> None:
    going_on = {CROWD.id: left_open(RuleKind.GATHERING, heard_s=60, persons=4)}
    seen_again = raised(CROWD, ORDERS, persons=3)
    assert follow(seen_again, going_on=going_on) == ["breach.updated old 4"]


def test_what_a_new_worker_does_not_see_again_is_ended_and_the_rest_goes_on() -> None:
    going_on = {
        CROWD.id: left_open(RuleKind.GATHERING, heard_s=60, persons=3),
        EXIT.id: left_open(RuleKind.EXIT, heard_s=50),
        RuleId("yard"): left_open(RuleKind.RESTRICTED, heard_s=0),
    }
    episodes = Episodes(camera_at(DORMITORY), HOA_KHANH, going_on, lambda: "new")
    ended = episodes.end_unheard(since=NOW - 30 * S, at=NOW - 20 * S)
    assert [(event.type, event.time) for event in ended] == [
        (EventType.BREACH_ENDED, NOW - 20 * S),  # nobody knows about the time in between
        (EventType.BREACH_ENDED, NOW - 50 * S),  # a crossing was over when it was heard of
    ]
    assert list(episodes.going_on) == ["yard"]
    assert episodes.end_unheard(since=NOW - 30 * S, at=NOW) == []


def test_what_nobody_can_see_any_more_ends_where_watching_ended() -> None:
    gathering = left_open(RuleKind.GATHERING, heard_s=60, persons=3)
    going_on = {
        CROWD.id: gathering,
        EXIT.id: left_open(RuleKind.EXIT, heard_s=50),
        RuleId("covered"): left_open(RuleKind.CAMERA_TAMPERED, heard_s=55),
        RuleId("yard"): left_open(RuleKind.RESTRICTED, heard_s=0),
    }
    for pictures, covered_at, why in (
        (True, NOW - 30 * S, None),  # it would have been seen again
        (False, NOW - 40 * S, "unwatched"),
    ):
        episodes = Episodes(camera_at(DORMITORY), HOA_KHANH, {**going_on}, lambda: "new")
        ended = episodes.end_unwatched(NOW - 30 * S, pictures, lambda _after: NOW - 40 * S, NOW)
        assert [(event.time, event.data.get("reason")) for event in ended] == [
            (NOW - 40 * S, "unwatched"),
            (NOW - 50 * S, None),  # a crossing was over when it was heard of
            (covered_at, why),
        ]
        assert list(episodes.going_on) == ["yard"]


def test_what_ends_unseen_is_said_so() -> None:
    episodes = Episodes(
        camera_at(DORMITORY),
        HOA_KHANH,
        {CROWD.id: left_open(RuleKind.GATHERING, heard_s=60)},
        lambda: "new",
    )
    (event,) = episodes.follow([Ended(CROWD, NOW, NOW, unwatched=True)])
    assert isinstance(event, NewEvent)
    assert event.data["reason"] == "unwatched"


def test_what_was_last_heard_of_long_ago_is_ended_then_and_another_opens() -> None:
    going_on = {CROWD.id: left_open(RuleKind.GATHERING, heard_s=601)}
    assert follow(raised(CROWD, ORDERS, persons=3), going_on=going_on) == [
        "breach.ended old",
        "breach.opened b1 3",
    ]


def test_a_crossing_right_after_a_restart_joins_the_others() -> None:
    going_on = {EXIT.id: left_open(RuleKind.EXIT, heard_s=2, persons=2)}
    assert follow(raised(EXIT, ORDERS), going_on=going_on) == ["breach.updated old 3"]


def test_a_crossing_after_more_than_three_seconds_is_another_breach() -> None:
    going_on = {EXIT.id: left_open(RuleKind.EXIT, heard_s=3.5)}
    assert follow(raised(EXIT, ORDERS), going_on=going_on) == [
        "breach.ended old",
        "breach.opened b1 1",
    ]


def test_what_a_person_closed_is_not_taken_up_in_silence() -> None:
    going_on = {CROWD.id: left_open(RuleKind.GATHERING, heard_s=5, closed=True)}
    assert follow(raised(CROWD, ORDERS, persons=3), going_on=going_on) == [
        "breach.ended old",
        "breach.opened b1 3",
    ]


def test_when_the_order_is_over_the_breach_ends_and_an_observation_follows() -> None:
    going_on = {CROWD.id: left_open(RuleKind.GATHERING, heard_s=5)}
    assert follow(raised(CROWD, (), persons=3), going_on=going_on) == [
        "breach.ended old",
        "observation.recorded cam-dorm 3",
    ]


moves = st.lists(
    st.tuples(st.sampled_from("RGE"), st.booleans(), st.integers(1, 5), st.integers(1, 900)),
    max_size=25,
)


@given(moves)
def test_at_most_one_breach_of_a_rule_goes_on_whatever_is_found(
    moves: list[tuple[str, bool, int, int]],
) -> None:
    """Also for a mad worker: opened and ended alternate, and persons never shrink in between."""
    at = NOW
    findings: list[Finding] = []
    for kind, armed, count, pause_s in moves:
        at += pause_s * S
        match kind:
            case "R":
                orders = ORDERS if armed else ()
                findings.append(raised(CROWD, orders, at, persons=count))
            case "G":
                findings.append(grew(CROWD, at, count))
            case _:
                findings.append(ended(CROWD, at))
    now_open, persons_now = None, 0
    for line in follow(*findings):
        match line.split():
            case ["breach.opened", subject, persons]:
                assert now_open is None
                now_open, persons_now = subject, int(persons)
            case ["breach.updated", subject, persons]:
                assert subject == now_open
                assert int(persons) >= persons_now
                persons_now = int(persons)
            case ["breach.ended", subject]:
                assert subject == now_open
                now_open = None
