"""Rules about the camera itself: dwell, orders, ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from detect.camera_rules import CameraRuleState, CameraSight, Trouble, step_camera_rule
from record.cameras import CameraReason, Rule
from record.ids import OrderId, RuleId
from record.orders import OrderInForce, RuleKind
from record.sightings import Ended, Finding, Raised

T0 = datetime(2026, 1, 1, tzinfo=UTC)
S = timedelta(seconds=1)
RULE = Rule(RuleId("r"), RuleKind.CAMERA_OFFLINE, seconds=10)
ALWAYS = OrderInForce(OrderId("o"), 1, "1", T0 - 99 * S, T0 + 999 * S, frozenset(RuleKind), depth=0)


def run(
    rule: Rule, trouble: dict[int, Trouble], orders: tuple[OrderInForce, ...], seconds: int = 60
) -> list[Finding]:
    """One step a second; `trouble` by the second."""
    found: list[Finding] = []
    state = CameraRuleState()
    for second in range(seconds):
        sight = CameraSight(T0 + second * S, trouble.get(second), orders)
        state, findings = step_camera_rule(state, rule, sight)
        found += findings
    return found


def away(since: int, until: int, decided: int | None = None) -> dict[int, Trouble]:
    certain = T0 + (since if decided is None else decided) * S
    trouble = Trouble(CameraReason.STALLED, T0 + since * S, certain)
    return dict.fromkeys(range(decided or since, until), trouble)


def test_it_raises_after_its_dwell_from_the_true_beginning_and_ends() -> None:
    raised, ended = run(RULE, away(5, 30), (ALWAYS,))
    assert isinstance(raised, Raised)
    assert (raised.began_at, raised.at) == (T0 + 5 * S, T0 + 15 * S)
    assert (raised.why.reason, raised.persons) == (CameraReason.STALLED, 0)
    assert isinstance(ended, Ended)
    assert ended.at == T0 + 30 * S


def test_shorter_than_its_dwell_is_nothing() -> None:
    assert run(RULE, away(5, 14), (ALWAYS,)) == []


def test_it_raises_no_sooner_than_it_is_certain() -> None:
    (raised, _) = run(replace(RULE, seconds=0), away(5, 30, decided=8), (ALWAYS,))
    assert isinstance(raised, Raised)
    assert (raised.began_at, raised.at) == (T0 + 5 * S, T0 + 8 * S)


def test_without_an_order_it_is_an_observation_that_does_not_end() -> None:
    (raised,) = run(RULE, away(5, 30), ())
    assert isinstance(raised, Raised)
    assert raised.orders == ()


def test_an_order_that_ends_takes_its_breach_along_and_the_dwell_begins_anew() -> None:
    short = replace(ALWAYS, ends_at=T0 + 20 * S)
    raised, ended, observed = run(RULE, away(5, 50), (short,))
    assert isinstance(raised, Raised)
    assert isinstance(ended, Ended)
    assert isinstance(observed, Raised)
    assert (raised.orders, observed.orders) == ((short,), ())
    assert observed.at == ended.at + 10 * S


def test_the_cooldown_holds_the_next_one_back() -> None:
    rule = replace(RULE, seconds=0, cooldown_s=20)
    found = run(rule, away(5, 10) | away(12, 40), (ALWAYS,))
    times = [one.at for one in found if isinstance(one, Raised)]
    assert times == [T0 + 5 * S, T0 + 30 * S]


def test_what_seems_to_be_over_ends_when_it_was_over() -> None:
    trouble = away(5, 30)
    for second in range(28, 30):
        trouble[second] = replace(trouble[second], over_at=T0 + 28 * S)
    (_, ended) = run(replace(RULE, seconds=0), trouble, (ALWAYS,))
    assert isinstance(ended, Ended)
    assert ended.at == T0 + 28 * S
