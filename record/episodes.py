"""Findings to events: what opens a breach, what belongs to one that is already open. Pure.

A rule has at most one breach that goes on at a time. Normally a worker says Raised, Grew…, Ended.
When it dies in between, its successor knows nothing of that and raises again: what goes on is then
continued, so that one gathering is one breach on the supervisor's screen, and what cannot be the
same any more is ended first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from record.cameras import LINE_RULES, Camera, Rule
from record.events import EventType, Json, NewEvent
from record.ids import BreachId, RuleId, UnitId
from record.moments import stamp
from record.orders import RuleKind
from record.payloads import order_refs_data, raised_data
from record.sightings import Ended, Finding, Grew, Raised

CROSSING_CONTINUES = timedelta(seconds=3)
"""As in the rule itself: others who follow within 3 s belong to the same breach."""

LASTING_CONTINUES = timedelta(minutes=10)
"""What lasts says nothing while it goes on unchanged; a worker is back within seconds. Ten minutes
after the last word of a breach a new one is worth a supervisor's look."""

UNWATCHED = "unwatched"
"""Why a breach is said to have ended that nobody saw end."""

_OF_THE_CAMERA = frozenset({RuleKind.CAMERA_OFFLINE, RuleKind.CAMERA_TAMPERED})


@dataclass(frozen=True, slots=True)
class GoingOn:
    """A breach that has not ended, as far as findings need to know it."""

    breach: BreachId
    kind: RuleKind
    heard_at: datetime
    """Capture time of the frame that last said something of it."""
    persons: int
    closed: bool
    """By a person, while it goes on in front of the camera."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A finding that belongs to nothing that goes on."""

    finding: Finding


@dataclass(slots=True)
class Episodes:
    """The breaches of one camera that go on, and the events that follow from findings."""

    camera: Camera
    unit: UnitId
    going_on: dict[RuleId, GoingOn]
    new_id: Callable[[], str]

    def follow(self, findings: Iterable[Finding]) -> list[NewEvent | Ignored]:
        return [event for finding in findings for event in self._follow_one(finding)]

    def keep(self, rules: Iterable[Rule], at: datetime) -> list[NewEvent]:
        """End at `at` what goes on for a rule that is not among `rules`, or is of another kind
        now: nobody watches for its end any more. Nothing ends before it was last heard of."""
        kinds = {rule.id: rule.kind for rule in rules}
        ended: list[NewEvent] = []
        for rule, known in tuple(self.going_on.items()):
            if kinds.get(rule) is not known.kind:
                over_at = max(at, known.heard_at)
                ended.append(self._unwatched(known, rule, over_at, over_at))
        return ended

    def _follow_one(self, finding: Finding) -> Iterable[NewEvent | Ignored]:
        known = self.going_on.get(finding.rule.id)
        match finding:
            case Raised():
                return self._raised(finding, known)
            case Grew() if known is not None:
                return self._grew(known, finding)
            case Ended() if known is not None:
                end = self._unwatched if finding.unwatched else self._ended
                return [end(known, finding.rule.id, finding.at, finding.decided_at)]
            case _:
                return [Ignored(finding)]

    def _raised(self, raised: Raised, known: GoingOn | None) -> Iterable[NewEvent | Ignored]:
        if known is None:
            return [self._opened(raised)]
        if raised.orders and _continues(known, raised):
            crossing = raised.rule.kind in LINE_RULES
            persons = known.persons + raised.persons if crossing else raised.persons
            # Told even when nobody has joined: it goes on, which `end_unheard` needs to know.
            return [self._updated(known, raised, max(persons, known.persons))]
        stale = self._unwatched(known, raised.rule.id, known.heard_at, known.heard_at)
        return [stale, self._opened(raised)]

    def _opened(self, raised: Raised) -> NewEvent:
        subject = self.new_id()
        place: dict[str, Json] = {
            "site": self.camera.site,
            "unit": self.unit,
            "camera": self.camera.id,
        }
        data = raised_data(raised, place)
        if not raised.orders:
            data["observation"] = subject
            return self._event(EventType.OBSERVATION_RECORDED, raised.at, self.camera.id, data)
        data["breach"] = subject
        data["priority"] = raised.rule.urgency.value
        data["order"] = raised.orders[0].id
        data["orders"] = order_refs_data(raised.orders)
        self.going_on[raised.rule.id] = GoingOn(
            BreachId(subject), raised.rule.kind, raised.decided_at, raised.persons, closed=False
        )
        return self._event(EventType.BREACH_OPENED, raised.at, subject, data)

    def _grew(self, known: GoingOn, grew: Grew) -> Iterable[NewEvent | Ignored]:
        if grew.persons <= known.persons:
            self.going_on[grew.rule.id] = replace(known, heard_at=grew.decided_at)
            return [Ignored(grew)]
        return [self._updated(known, grew, grew.persons)]

    def _updated(self, known: GoingOn, finding: Raised | Grew, persons: int) -> NewEvent:
        self.going_on[finding.rule.id] = replace(
            known, heard_at=finding.decided_at, persons=persons
        )
        data: Mapping[str, Json] = {
            "breach": known.breach,
            "camera": self.camera.id,
            "persons": persons,
            "decided_at": stamp(finding.decided_at),
        }
        return self._event(EventType.BREACH_UPDATED, finding.at, known.breach, data)

    def end_unheard(self, since: datetime, at: datetime) -> list[NewEvent]:
        """End what was last heard of before `since`, when somebody new began to look, and has not
        been seen again: what lasts at `at`, their first look, for nobody knows about the time in
        between; a crossing when it was heard of."""
        unheard = [(rule, one) for rule, one in self.going_on.items() if one.heard_at < since]
        ended: list[NewEvent] = []
        for rule, known in unheard:
            over_at = known.heard_at if known.kind in LINE_RULES else max(at, known.heard_at)
            ended.append(self._ended(known, rule, over_at, max(at, known.heard_at)))
        return ended

    def end_unwatched(
        self,
        since: datetime,
        pictures: bool,
        unwatched_from: Callable[[datetime], datetime],
        now: datetime,
    ) -> list[NewEvent]:
        """End what was last heard of before `since`, when somebody new took the camera over who
        cannot look for people: nobody saw the end of it, and nobody will. `unwatched_from` tells
        from when nobody watched, after a moment.

        What is the matter with the camera itself needs pictures only: with them it would have been
        seen again, and is over.
        """
        unheard = [(rule, one) for rule, one in self.going_on.items() if one.heard_at < since]
        ended: list[NewEvent] = []
        for rule, known in unheard:
            if pictures and known.kind in _OF_THE_CAMERA:
                ended.append(self._ended(known, rule, since, now))
            else:
                lines = known.kind in LINE_RULES
                at = known.heard_at if lines else unwatched_from(known.heard_at)
                ended.append(self._unwatched(known, rule, max(at, known.heard_at), now))
        return ended

    def _unwatched(
        self, known: GoingOn, rule: RuleId, at: datetime, decided_at: datetime
    ) -> NewEvent:
        """A crossing does not last: it is over, seen or not."""
        why = {} if known.kind in LINE_RULES else {"reason": UNWATCHED}
        return self._ended(known, rule, at, decided_at, why)

    def _ended(
        self,
        known: GoingOn,
        rule: RuleId,
        at: datetime,
        decided_at: datetime,
        why: Mapping[str, Json] = MappingProxyType({}),
    ) -> NewEvent:
        del self.going_on[rule]
        data: Mapping[str, Json] = {
            "breach": known.breach,
            "camera": self.camera.id,
            "decided_at": stamp(decided_at),
            **why,
        }
        return self._event(EventType.BREACH_ENDED, at, known.breach, data)

    def _event(
        self, kind: EventType, at: datetime, subject: str, data: Mapping[str, Json]
    ) -> NewEvent:
        return NewEvent(kind, at, subject, site=self.camera.site, unit=self.unit, data=data)


def _continues(known: GoingOn, raised: Raised) -> bool:
    """Whether what a rule raises is the very thing that goes on, seen by a new worker.

    A breach that a person has closed is not taken up again in silence.
    """
    if known.closed or known.kind is not raised.rule.kind:
        return False
    gap = CROSSING_CONTINUES if raised.rule.kind in LINE_RULES else LASTING_CONTINUES
    return raised.began_at - known.heard_at <= gap
