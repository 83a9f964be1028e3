"""Rules: from what one look at a camera shows to what is to be recorded. Pure.

`step_rule(state, rule, observation) -> (state, findings)`. Two kinds of rule:

- What *happens* (`exit`, `entry`): every crossing is a finding. The first raises, those within
  3 s of the last grow what it raised, and when nobody has followed it has ended.
- What *lasts* (`restricted`, `gathering`): a condition over the people in an area. It raises when
  it has held for the rule's `seconds`, grows with the people, and has ended once it has been
  broken for longer than a second.

The order in force at the finding's own time decides whether it is a breach (`orders` not empty)
or an observation. An observation is one moment: it neither grows nor ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from detect.areas import IN_AFTER, AreaSight, Member
from detect.camera_rules import CAMERA_RULES
from record.cameras import Rule
from record.ids import AreaId
from record.orders import OrderInForce, RuleKind, orders_arming
from record.sightings import Crossing, Direction, Ended, Finding, Grew, Raised, Why

FOLLOWED_WITHIN = timedelta(seconds=3)
"""A crossing this soon after the last of its rule belongs to the same breach (design, "Line")."""
BRIDGED = timedelta(seconds=1)
"""A gap in what lasts up to this long is none (design, "Area")."""
_DECIDED_WITHIN = timedelta(seconds=1)
"""How long after a crossing it may be decided: a breach is not ended before."""

_DIRECTIONS = {RuleKind.EXIT: Direction.OUTWARD, RuleKind.ENTRY: Direction.INWARD}
_LASTING = frozenset({RuleKind.RESTRICTED, RuleKind.GATHERING})
BUILT_RULES: frozenset[RuleKind] = _LASTING | _DIRECTIONS.keys() | CAMERA_RULES
"""The kinds this version evaluates; a camera may carry others, which find nothing yet. Those about
the camera itself are evaluated in `detect.camera_rules`, and find nothing here."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at one camera, as rules see it."""

    at: datetime
    """Capture time of the frame."""
    crossings: tuple[Crossing, ...]
    areas: Mapping[AreaId, AreaSight]
    orders: tuple[OrderInForce, ...]
    """That cover the camera's site: past, present and to come."""
    model: str
    """SHA-256 of the detector's model."""


@dataclass(frozen=True, slots=True)
class Wave:
    """People who crossed one after another: an open breach of `exit` or `entry`."""

    last_at: datetime
    persons: int


@dataclass(frozen=True, slots=True)
class Condition:
    """Enough people in an area, with gaps up to `BRIDGED`."""

    began_at: datetime
    """The dwell counts from here: when it began, or the order that arms it did or ceased to."""
    armed: bool
    """Whether an order armed the rule at the last look."""
    broken_at: datetime | None = None
    """Not enough people since then."""
    raised: bool = False
    persons: int = 0
    """The most so far, of what was raised."""


@dataclass(frozen=True, slots=True)
class RuleState:
    """What one rule remembers between two looks: of fixed size."""

    wave: Wave | None = None
    condition: Condition | None = None
    quiet_until: datetime | None = None
    """Cooldown after the end of what lasted."""


Step = tuple[RuleState, tuple[Finding, ...]]


def step_rule(state: RuleState, rule: Rule, seen: Observation) -> Step:
    """One look, one rule. Kinds outside `BUILT_RULES` find nothing."""
    if rule.kind in _DIRECTIONS:
        return _step_crossings(state, rule, seen)
    if rule.kind in _LASTING and rule.area is not None:
        return _step_lasting(state, rule, seen, seen.areas.get(rule.area, AreaSight()))
    return state, ()


def end_rule(state: RuleState, rule: Rule, at: datetime) -> Step:
    """Nothing more is known from `at` on (stream lost, rule removed): what was raised has ended,
    seen or unseen."""
    if state.wave is not None:
        return RuleState(), (Ended(rule, state.wave.last_at, at),)
    condition = state.condition
    if condition is not None and condition.raised and condition.armed:
        unwatched = condition.broken_at is None
        return _close(rule, condition.broken_at or at, at, unwatched=unwatched)
    return RuleState(quiet_until=state.quiet_until), ()


# What happens -------------------------------------------------------------------------------


def _step_crossings(state: RuleState, rule: Rule, seen: Observation) -> Step:
    wave = state.wave
    findings: list[Finding] = []
    for crossing in sorted(seen.crossings, key=lambda one: one.at):
        if crossing.line != rule.line or crossing.direction is not _DIRECTIONS[rule.kind]:
            continue
        orders = orders_arming(seen.orders, rule.kind, crossing.at)
        if wave is not None and orders and crossing.at - wave.last_at <= FOLLOWED_WITHIN:
            wave = Wave(max(wave.last_at, crossing.at), wave.persons + 1)
            findings.append(_grew(rule, crossing, wave.persons, seen.model))
            continue
        if wave is not None and orders:
            findings.append(Ended(rule, wave.last_at, seen.at))
        if orders:
            wave = Wave(crossing.at, 1)
        findings.append(_raised(rule, crossing, orders, seen.model))
    if wave is not None and seen.at - wave.last_at > FOLLOWED_WITHIN + _DECIDED_WITHIN:
        findings.append(Ended(rule, wave.last_at, seen.at))
        wave = None
    return replace(state, wave=wave), tuple(findings)


def _why(crossing: Crossing, model: str) -> Why:
    return Why(crossing.track, crossing.path, crossing.confidence, model, crossing.direction)


def _raised(rule: Rule, crossing: Crossing, orders: tuple[OrderInForce, ...], model: str) -> Raised:
    return Raised(
        rule=rule,
        at=crossing.at,
        began_at=crossing.at,
        decided_at=crossing.decided_at,
        persons=1,
        orders=orders,
        why=_why(crossing, model),
    )


def _grew(rule: Rule, crossing: Crossing, persons: int, model: str) -> Grew:
    return Grew(rule, crossing.at, crossing.decided_at, persons, _why(crossing, model))


# What lasts ---------------------------------------------------------------------------------


def _step_lasting(state: RuleState, rule: Rule, seen: Observation, sight: AreaSight) -> Step:
    findings: tuple[Finding, ...] = ()
    if state.condition is not None:
        state, findings = _rearm(state, state.condition, rule, seen)
    if state.condition is not None:
        state = replace(state, condition=_hold(state.condition, rule, sight, seen.at))
    if state.condition is None:
        state = _begin(state, rule, seen, sight)
    condition = state.condition
    if condition is None:
        return state, findings
    if condition.broken_at is not None:
        if seen.at - condition.broken_at <= BRIDGED + IN_AFTER:  # who returns is in only later
            return state, findings
        if condition.raised and condition.armed:
            state, ended = _close(rule, condition.broken_at, seen.at)
            return state, findings + ended
        return replace(state, condition=None), findings
    condition, raised = _raise_or_grow(state, condition, rule, seen, sight)
    return replace(state, condition=condition), findings + raised


def _close(rule: Rule, at: datetime, decided_at: datetime, *, unwatched: bool = False) -> Step:
    quiet_until = at + timedelta(seconds=rule.cooldown_s)
    return RuleState(quiet_until=quiet_until), (Ended(rule, at, decided_at, unwatched),)


def _rearm(state: RuleState, condition: Condition, rule: Rule, seen: Observation) -> Step:
    """Follow the orders: when the arming one ends its breach ends and the dwell starts again;
    when one begins, what was only an observation may become a breach after its full dwell."""
    armed = bool(orders_arming(seen.orders, rule.kind, seen.at))
    if armed == condition.armed:
        return state, ()
    turned_at = _turned_at(seen, rule.kind, armed, since=condition.began_at)
    fresh = replace(condition, began_at=turned_at, armed=armed, raised=False, persons=0)
    if not armed:
        findings: tuple[Finding, ...] = ()
        if condition.raised:
            findings = (Ended(rule, condition.broken_at or turned_at, seen.at),)
        return replace(state, condition=fresh), findings
    if condition.raised:
        return replace(state, condition=fresh), ()
    return replace(state, condition=replace(condition, armed=True)), ()


def _turned_at(seen: Observation, kind: RuleKind, armed: bool, since: datetime) -> datetime:
    """When the last order ended, or the first began, between two looks; the look itself when the
    orders do not say (one was lifted and is gone from the list)."""
    edges = [
        order.begins_at if armed else order.ends_at for order in seen.orders if kind in order.arms
    ]
    passed = [edge for edge in edges if since <= edge <= seen.at]
    return max(passed, default=seen.at)


def _begin(state: RuleState, rule: Rule, seen: Observation, sight: AreaSight) -> RuleState:
    began_at = _since(sight.members, _needed(rule))
    if began_at is None:
        return state
    armed = bool(orders_arming(seen.orders, rule.kind, seen.at))
    return replace(state, condition=Condition(began_at, armed))


def _hold(condition: Condition, rule: Rule, sight: AreaSight, at: datetime) -> Condition:
    """Follow a condition that has begun: unbroken, broken since when, or mended."""
    broken_at = condition.broken_at
    if len(sight.members) < _needed(rule):
        broken_at = broken_at or _broken_at(_needed(rule), sight, at)
        return replace(condition, broken_at=max(broken_at, condition.began_at))
    if broken_at is None:
        return condition
    since = _since(sight.members, _needed(rule))
    if since is not None and since - broken_at <= BRIDGED:
        return replace(condition, broken_at=None)
    return condition


def _needed(rule: Rule) -> int:
    """How many people it takes: `restricted` means anyone."""
    return rule.persons if rule.kind is RuleKind.GATHERING else 1


def _broken_at(needed: int, sight: AreaSight, at: datetime) -> datetime:
    """When the number fell below `needed`: the leaving that took it there."""
    index = len(sight.members) + len(sight.left) - needed
    return sight.left[index] if 0 <= index < len(sight.left) else at


def _since(members: Sequence[Member], persons: int) -> datetime | None:
    """When `persons` of the members were first inside together; None: they never were."""
    for moment in sorted(member.entered_at for member in members):
        if sum(member.inside_at(moment) for member in members) >= persons:
            return moment
    return None


def _raise_or_grow(
    state: RuleState, condition: Condition, rule: Rule, seen: Observation, sight: AreaSight
) -> tuple[Condition, tuple[Finding, ...]]:
    persons = len(sight.members)
    if condition.raised:
        if persons <= condition.persons:
            return condition, ()
        why = _why_area(sight.members, persons, seen.model)
        grew = Grew(rule, seen.at, seen.at, persons, why)
        return replace(condition, persons=persons), (grew,) if condition.armed else ()
    at = condition.began_at + timedelta(seconds=rule.seconds)
    if state.quiet_until is not None:
        at = max(at, state.quiet_until)
    if seen.at < at or not _still(at, sight.members, _needed(rule)):
        return condition, ()
    orders = orders_arming(seen.orders, rule.kind, at)
    raised = Raised(
        rule=rule,
        at=at,
        began_at=condition.began_at,
        decided_at=seen.at,
        persons=persons,
        orders=orders,
        why=_why_area(sight.members, _needed(rule), seen.model),
    )
    armed = replace(condition, raised=True, persons=persons, armed=bool(orders))
    return armed, (raised,)


def _still(moment: datetime, members: Sequence[Member], needed: int) -> bool:
    """Whether enough were inside at `moment`, leaving out who had walked out by then."""
    gone = sum(
        member.outside_since is not None and member.outside_since < moment for member in members
    )
    return len(members) - gone >= needed


def _why_area(members: Sequence[Member], nth: int, model: str) -> Why:
    """The one who made it enough: the nth to enter, counted from 1."""
    by_entry = sorted(members, key=lambda member: member.entered_at)
    track = by_entry[min(nth, len(by_entry)) - 1].track
    return Why(track.id, track.trail, track.confidence, model)
