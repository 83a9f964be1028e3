"""One camera under watch: carries the states of tracker, lines, areas and rules from look to look.

Everything it calls is pure; it only keeps what they hand back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from detect.areas import AreaSight, AreaState, step_area
from detect.detector import Detections
from detect.geometry import Box
from detect.ground import Ground, Judged
from detect.lines import LineState, step_tracks
from detect.rules import Observation, RuleState, end_rule, step_rule
from detect.tracker import Tracker
from detect.tracks import Track
from detect.veil import Veil, step_veil
from record.cameras import Camera, Rule
from record.frames import Moment
from record.ids import AreaId, LineId, RuleId
from record.orders import OrderInForce
from record.sightings import Crossing, Finding, Occupancy


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a camera brought."""

    findings: tuple[Finding, ...]
    occupancy: Occupancy
    tracks: tuple[Track, ...]
    """All that live, confirmed or not, seen in this look or held through a loss."""
    people: tuple[Box, ...]
    """Where somebody is, or may be: what `unreadable` is to hide. Errs on the side of too many."""
    ground: Ground | None = None
    """What the picture looks like without people, where somebody keeps it (`step_ground`)."""
    judged: Judged | None = None
    """The newest close look, for those who keep it themselves."""


class CameraWatch:
    """`look` at every frame the schedule grants, in order of capture. Not safe for two threads."""

    def __init__(self, camera: Camera, orders: tuple[OrderInForce, ...], model_sha256: str) -> None:
        self._camera = camera
        self._orders = orders
        self._model = model_sha256
        self._tracker = Tracker()
        self._veil = Veil()
        self._lines: dict[LineId, LineState] = {}
        self._areas: dict[AreaId, AreaState] = {}
        self._rules: dict[RuleId, RuleState] = {}
        self._removed: tuple[tuple[Rule, RuleState], ...] = ()

    def look(self, frame: Moment, detections: Detections) -> Look:
        """Take in what the detector found in `frame`."""
        at = frame.captured_at
        aspect = frame.picture.height / frame.picture.width
        tracks = self._tracker.step(detections, at, aspect)
        self._veil = step_veil(self._veil, tracks, detections.as_boxes(), at)
        crossings = self._step_lines(tracks, at, aspect)
        sights = self._step_areas(tracks)
        seen = Observation(at, crossings, sights, self._orders, self._model)
        confirmed = sum(track.confirmed for track in tracks)
        counts = {area: len(sight.members) for area, sight in sights.items()}
        return Look(
            findings=self._end_removed(at) + self._step_rules(seen),
            occupancy=Occupancy(self._camera.id, at, confirmed, counts),
            tracks=tracks,
            people=self._veil.boxes,
        )

    def configure(self, camera: Camera, orders: tuple[OrderInForce, ...]) -> None:
        """New settings from the next look on.

        A line, area or rule that has changed starts afresh; the rest keeps its state. What a rule
        had raised that is gone now ends with the next look.
        """
        kept_lines = set(self._camera.lines) & set(camera.lines)
        kept_areas = set(self._camera.areas) & set(camera.areas)
        drawn: set[LineId | AreaId | None] = {None}
        drawn |= {line.id for line in kept_lines} | {area.id for area in kept_areas}
        kept_rules = {
            rule.id
            for rule in set(self._camera.rules) & set(camera.rules)
            if rule.line in drawn and rule.area in drawn
        }
        self._removed += tuple(
            (rule, self._rules[rule.id])
            for rule in self._camera.rules
            if rule.id in self._rules and rule.id not in kept_rules
        )
        self._lines = {
            line.id: self._lines[line.id] for line in kept_lines if line.id in self._lines
        }
        self._areas = {
            area.id: self._areas[area.id] for area in kept_areas if area.id in self._areas
        }
        self._rules = {key: state for key, state in self._rules.items() if key in kept_rules}
        self._camera = camera
        self._orders = orders

    def interrupt(self, at: datetime) -> Look:
        """The stream was lost: tracks end, what lasted has ended, and nobody knows how many."""
        findings = list(self._end_removed(at))
        for rule in self._camera.rules:
            state, ended = end_rule(self._rules.get(rule.id, RuleState()), rule, at)
            self._rules[rule.id] = state
            findings.extend(ended)
        self._tracker.clear()
        self._veil = Veil()
        self._lines.clear()
        self._areas.clear()
        return Look(tuple(findings), Occupancy(self._camera.id, at, None, {}), (), ())

    def _step_lines(
        self, tracks: Sequence[Track], at: datetime, aspect: float
    ) -> tuple[Crossing, ...]:
        crossings: tuple[Crossing, ...] = ()
        for line in self._camera.lines:
            state = self._lines.get(line.id, LineState())
            self._lines[line.id], found = step_tracks(state, line, tracks, at, aspect)
            crossings += found
        return crossings

    def _step_areas(self, tracks: Sequence[Track]) -> Mapping[AreaId, AreaSight]:
        sights = {}
        for area in self._camera.areas:
            state = self._areas.get(area.id, AreaState())
            self._areas[area.id], sights[area.id] = step_area(state, area, tracks)
        return sights

    def _step_rules(self, seen: Observation) -> tuple[Finding, ...]:
        findings: tuple[Finding, ...] = ()
        for rule in self._camera.rules:
            state, found = step_rule(self._rules.get(rule.id, RuleState()), rule, seen)
            self._rules[rule.id] = state
            findings += found
        return findings

    def _end_removed(self, at: datetime) -> tuple[Finding, ...]:
        findings: tuple[Finding, ...] = ()
        for rule, state in self._removed:
            findings += end_rule(state, rule, at)[1]
        self._removed = ()
        return findings
