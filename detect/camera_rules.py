"""Rules about a camera itself: away (`camera_offline`) or tampered with (`camera_tampered`). Pure.

`step_camera_rule(state, rule, seen) -> (state, findings)`: one condition that lasts. It begins when
the trouble truly began, raises once the trouble is certain and has held for the rule's `seconds`,
and ends when the trouble did. As for every rule, the order in force at the finding's own time
decides whether it is a breach; when that order ends its breach ends and the dwell starts again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from record.cameras import CameraReason, Rule
from record.orders import OrderInForce, RuleKind, orders_arming
from record.sightings import Ended, Finding, Raised, Why

CAMERA_RULES = frozenset({RuleKind.CAMERA_TAMPERED, RuleKind.CAMERA_OFFLINE})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter with a camera."""

    reason: CameraReason
    began_at: datetime
    decided_at: datetime
    """When that was certain."""
    strength: float = 1.0
    """How sure, or how much of the picture, 0..1."""
    over_at: datetime | None = None
    """It seems to be over since then."""


@dataclass(frozen=True, slots=True)
class CameraSight:
    """A camera at one moment, as one of its rules sees it."""

    at: datetime
    trouble: Trouble | None
    orders: tuple[OrderInForce, ...]


@dataclass(frozen=True, slots=True)
class CameraRuleState:
    """What one rule remembers between two moments: of fixed size."""

    began_at: datetime | None = None
    """The dwell counts from here: the trouble's beginning, or the end of the arming order."""
    armed: bool = False
    raised: bool = False
    over_at: datetime | None = None
    """Since when the trouble has seemed to be over, as it was said last."""
    quiet_until: datetime | None = None


Step = tuple[CameraRuleState, tuple[Finding, ...]]


def step_camera_rule(state: CameraRuleState, rule: Rule, seen: CameraSight) -> Step:
    trouble = seen.trouble
    if trouble is None:
        return end_camera_rule(state, rule, seen.at)
    armed = bool(orders_arming(seen.orders, rule.kind, seen.at))
    findings: tuple[Finding, ...] = ()
    if state.began_at is None:
        state = replace(state, began_at=trouble.began_at, armed=armed)
    elif armed != state.armed:
        if state.raised and state.armed:
            findings = (Ended(rule, seen.at, seen.at),)
        if not armed or state.raised:
            state = replace(state, began_at=seen.at, raised=False)
        state = replace(state, armed=armed)
    state = replace(state, over_at=trouble.over_at)
    state, raised = _raise(state, rule, trouble, seen)
    return state, findings + raised


def end_camera_rule(state: CameraRuleState, rule: Rule, at: datetime) -> Step:
    """The trouble is over, or the rule is gone."""
    over_at = state.over_at or at
    if not (state.raised and state.armed):
        return CameraRuleState(quiet_until=state.quiet_until), ()
    quiet_until = over_at + timedelta(seconds=rule.cooldown_s)
    return CameraRuleState(quiet_until=quiet_until), (Ended(rule, over_at, at),)


def _raise(state: CameraRuleState, rule: Rule, trouble: Trouble, seen: CameraSight) -> Step:
    if state.raised or state.began_at is None:
        return state, ()
    at = max(state.began_at + timedelta(seconds=rule.seconds), trouble.decided_at)
    if state.quiet_until is not None:
        at = max(at, state.quiet_until)
    if seen.at < at or trouble.over_at is not None:
        return state, ()
    orders = orders_arming(seen.orders, rule.kind, at)
    raised = Raised(
        rule=rule,
        at=at,
        began_at=state.began_at,
        decided_at=seen.at,
        persons=0,
        orders=orders,
        why=Why(None, (), trouble.strength, "", reason=trouble.reason),
    )
    return replace(state, raised=True, armed=bool(orders)), (raised,)
