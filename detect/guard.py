"""One camera under guard: whether somebody tampers with it, and the rules about the camera itself.

Beside `CameraWatch`, which needs a detector: this needs none. Everything it calls is pure.
"""

from datetime import datetime, timedelta

from detect.camera_rules import (
    CAMERA_RULES,
    CameraRuleState,
    CameraSight,
    Trouble,
    end_camera_rule,
    step_camera_rule,
)
from detect.front import GLIMPSES_PER_S
from detect.memory import GuardMemory, memory_of, recalled
from detect.tamper import (
    GLANCES_PER_S,
    TAMPER_REASONS,
    Tampering,
    TamperState,
    glimpse,
    interrupted,
    step_tamper,
)
from detect.tamper_view import small
from record.cameras import Camera, Rule
from record.frames import Frame
from record.ids import RuleId
from record.orders import OrderInForce, RuleKind
from record.sightings import Finding

WITNESS_COUNTS = timedelta(seconds=30)
"""How long the camera's own word counts, by either clock: they may differ by some seconds."""
_APART = timedelta(seconds=0.9 / GLANCES_PER_S)
"""Between two glances, by capture time; less a tenth for the jitter of frames."""
_GLIMPSES_APART = timedelta(seconds=0.9 / GLIMPSES_PER_S)


class CameraGuard:
    """`glance` at frames in order of capture, `check` about once a second, also while no frame
    comes. Not safe for two threads."""

    def __init__(self, camera: Camera, orders: tuple[OrderInForce, ...]) -> None:
        self._camera = camera
        self._orders = orders
        self._tamper = TamperState()
        self._memory: GuardMemory | None = None
        self._glanced_at: datetime | None = None
        self._glimpsed_at: datetime | None = None
        self._tampering: Tampering | None = None
        self._witness_at: datetime | None = None
        self._rules: dict[RuleId, CameraRuleState] = {}
        self._removed: tuple[tuple[Rule, CameraRuleState], ...] = ()

    @property
    def tampering(self) -> Tampering | None:
        """As of the last glance."""
        return self._tampering

    @property
    def memory(self) -> GuardMemory | None:
        """What is to outlive this process; None: nothing is known yet. Any thread."""
        return memory_of(self._tamper, self._camera.version)

    def recall(self, memory: GuardMemory) -> None:
        """Before the first glance: go on from there. Of another version it is of no use."""
        if memory.version == self._camera.version:
            self._memory = memory

    def witness(self, at: datetime) -> None:
        """The camera itself says that somebody tampers with it. Any thread."""
        self._witness_at = at

    def witnessed(self, at: datetime) -> bool:
        said_at = self._witness_at
        return said_at is not None and abs(at - said_at) <= WITNESS_COUNTS

    def glance(self, frame: Frame) -> bool:
        """Look at `frame` unless the last glance is too recent; whether anything has changed."""
        at = frame.captured_at
        if _recent(self._glimpsed_at, at, _GLIMPSES_APART):
            return False
        self._glimpsed_at = at
        picture = small(frame.picture)
        if self._memory is not None:
            self._tamper, self._memory = recalled(self._memory, at), None
        self._tamper = glimpse(self._tamper, picture, at)
        if _recent(self._glanced_at, at, _APART):
            return False
        self._glanced_at = at
        before = self._tampering
        self._tamper, self._tampering = step_tamper(
            self._tamper, picture, at, witnessed=self.witnessed(at)
        )
        return (before and before.reason) != (self._tampering and self._tampering.reason)

    def check(self, at: datetime, away: Trouble | None) -> tuple[Finding, ...]:
        """What the camera's own rules find at `at`; `away`: no picture comes, and why."""
        findings: tuple[Finding, ...] = ()
        for rule, state in self._removed:
            findings += end_camera_rule(state, rule, at)[1]
        self._removed = ()
        for rule in self._camera.rules:
            if rule.kind not in CAMERA_RULES:
                continue
            trouble = away if rule.kind is RuleKind.CAMERA_OFFLINE else self._trouble()
            state = self._rules.get(rule.id, CameraRuleState())
            seen = CameraSight(at, trouble, self._orders)
            self._rules[rule.id], found = step_camera_rule(state, rule, seen)
            findings += found
        return findings

    def configure(self, camera: Camera, orders: tuple[OrderInForce, ...]) -> None:
        """New settings. Who draws anew, or saves the camera, takes the view as it is now: what was
        pushed aside is no longer missed."""
        kept = {rule.id for rule in set(self._camera.rules) & set(camera.rules)}
        self._removed += tuple(
            (rule, self._rules[rule.id])
            for rule in self._camera.rules
            if rule.id in self._rules and rule.id not in kept
        )
        self._rules = {name: state for name, state in self._rules.items() if name in kept}
        if camera.version != self._camera.version:
            self._tamper, self._tampering, self._memory = TamperState(), None, None
            self._glanced_at = self._glimpsed_at = None
        self._camera, self._orders = camera, orders

    def end(self, at: datetime) -> tuple[Finding, ...]:
        """Nothing more is known from `at` on: what was raised has ended."""
        findings: tuple[Finding, ...] = ()
        for rule in self._camera.rules:
            state = self._rules.pop(rule.id, CameraRuleState())
            findings += end_camera_rule(state, rule, at)[1]
        return findings

    def interrupt(self) -> None:
        """The stream was lost; the usual view is kept for when it comes back."""
        self._tamper = interrupted(self._tamper)
        self._tampering = self._tamper.said or self._tamper.frozen or self._tamper.dark
        self._glanced_at = self._glimpsed_at = None

    def _trouble(self) -> Trouble | None:
        now = self._tampering
        if now is None or now.reason not in TAMPER_REASONS:
            return None
        return Trouble(now.reason, now.began_at, now.decided_at, now.strength, now.gone_since)


def _recent(last: datetime | None, at: datetime, apart: timedelta) -> bool:
    return last is not None and timedelta() <= at - last < apart
