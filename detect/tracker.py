"""Follows people from look to look: ByteTrack (Zhang et al., ECCV 2022), small and our own.

Sure detections are matched with all tracks first, then unsure ones with those still unmatched, so
that somebody half hidden keeps the track and a shadow never starts one. Matching is by the
overlap of boxes grown by a share of their size (Yang et al., C-BIoU, WACV 2023): at five looks a
second somebody who walks sideways hardly overlaps the box of the look before.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from detect.assignment import assign
from detect.detector import Detections
from detect.geometry import Box
from detect.motion import Motion, Values, corners, correct, measure, predict
from detect.tracks import Track
from record.cameras import Point
from record.ids import TrackId
from record.sightings import Footstep

UNSURE = 0.25
"""Score of a detection below which no track takes it."""


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """One set for every camera and scene; docs/detection.md gives the source of each."""

    sure: float = 0.5
    """Score from which a detection is matched first and may start a track."""
    unsure: float = UNSURE
    """Score below which a detection is not looked at."""
    grown: float = 0.3
    """Share of its size by which a box is grown on every side for matching."""
    overlap: float = 0.15
    """Likeness of grown boxes below which two are not the same person."""
    unsure_overlap: float = 0.4
    cut_short: float = 0.8
    """A box under this share of its track's height, with its head in place, shows no feet: they
    are taken to be where the height says."""
    head: float = 0.15
    """How far the head may be from its place then, as a share of the height."""
    confirmed_after: int = 2
    """Detections until a track is believed."""
    hold: timedelta = timedelta(seconds=2)
    """How long a confirmed track lives unseen (as the truth of the sample scenes bridges)."""
    hold_at_edge: timedelta = timedelta(seconds=0.5)
    """The same for one last seen at the frame's edge: it has walked out of the picture."""
    hold_tentative: timedelta = timedelta(seconds=0.45)
    """The same for one that is not confirmed yet: two looks."""
    edge: float = 0.01
    """Distance from the frame's edge, as a fraction of the frame, that counts as touching it."""
    trail: timedelta = timedelta(seconds=3)
    trail_points: int = 32
    most: int = 200
    """Tracks at most; detections beyond it start none."""


@dataclass(slots=True)
class _Person:
    """What the filter does not know of a track."""

    id: TrackId
    born_at: datetime
    seen_at: datetime
    hits: int = 1
    confirmed_at: datetime | None = None
    at_edge: bool = False
    steps: list[Footstep] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    @property
    def confirmed(self) -> bool:
        return self.confirmed_at is not None


class Tracker:
    """Step it with the detections of every look, in order of time. One a camera.

    Bounded: whoever is not seen for `hold` is dropped, a trail has at most `trail_points`, and
    there are `most` tracks.
    """

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._motion = Motion.none()
        self._people: list[_Person] = []
        self._at: datetime | None = None
        self._last_look: datetime | None = None
        self._last_id = 0

    def clear(self) -> None:
        """All tracks end; ids go on counting."""
        self._motion = Motion.none()
        self._people = []
        self._at = None

    def step(self, detections: Detections, at: datetime, aspect: float) -> tuple[Track, ...]:
        """One look at time `at` of a frame whose height / width is `aspect`."""
        self._predict(at)
        measured = measure(detections.boxes, aspect)
        sure = np.flatnonzero(detections.scores >= self._settings.sure)
        unsure = np.flatnonzero(
            (detections.scores >= self._settings.unsure) & (detections.scores < self._settings.sure)
        )
        pairs = self._match(measured, sure, unsure)
        self._correct(pairs, measured, detections, at, aspect)
        taken = {detection for _, detection in pairs}
        self._drop(at, aspect)
        new = [one for one in sure if int(one) not in taken]
        self._start(new, measured, detections, at, aspect)
        return self._tracks(at, aspect)

    def _predict(self, at: datetime) -> None:
        if self._at is not None and len(self._motion):
            seconds = max(0.0, (at - self._at).total_seconds())
            unseen = np.array([person.seen_at < self._at for person in self._people])
            self._motion = predict(self._motion, seconds, unseen)
        self._last_look, self._at = self._at, at

    def _match(
        self, measured: Values, sure: NDArray[np.intp], unsure: NDArray[np.intp]
    ) -> list[tuple[int, int]]:
        """Pairs (track, detection): confirmed with sure, then those seen in the last look with
        unsure, then tentative ones with what is left of the sure."""
        settings = self._settings
        confirmed = [i for i, person in enumerate(self._people) if person.confirmed]
        tentative = [i for i, person in enumerate(self._people) if not person.confirmed]
        pairs = self._pair(confirmed, list(sure), measured, settings.overlap)
        matched = {track for track, _ in pairs}
        recent = [
            i for i in confirmed if i not in matched and self._people[i].seen_at == self._last_look
        ]
        pairs += self._pair(recent, list(unsure), measured, settings.unsure_overlap)
        taken = {detection for _, detection in pairs}
        rest = [one for one in sure if one not in taken]
        return pairs + self._pair(tentative, rest, measured, settings.overlap)

    def _pair(
        self, tracks: list[int], detections: list[np.intp], measured: Values, overlap: float
    ) -> list[tuple[int, int]]:
        if not tracks or not detections:
            return []
        ours = corners(_grown(self._motion.position[tracks], self._settings.grown))
        theirs = corners(_grown(measured[detections], self._settings.grown))
        pairs = assign(1.0 - likeness(ours, theirs), 1.0 - overlap)
        return [(tracks[row], int(detections[column])) for row, column in pairs]

    def _correct(
        self,
        pairs: list[tuple[int, int]],
        measured: Values,
        detections: Detections,
        at: datetime,
        aspect: float,
    ) -> None:
        index = np.array([track for track, _ in pairs], np.intp)
        found = np.array([detection for _, detection in pairs], np.intp)
        feet = self._with_feet(index, measured[found], aspect)
        self._motion = correct(self._motion, index, feet)
        for (track, detection), (x, y, _, _) in zip(pairs, feet, strict=True):
            person = self._people[track]
            person.hits += 1
            if person.hits == self._settings.confirmed_after:
                person.confirmed_at = at
            self._seen(
                person, detections, detection, Footstep(at, Point(float(x), float(y / aspect)))
            )

    def _with_feet(
        self, index: NDArray[np.intp], measured: Values, aspect: float
    ) -> NDArray[np.float64]:
        """(k, 4) measurements of the tracks at `index`, where somebody hides the feet put back.

        Half a person is a box that ends at the waist: taken as it is, its foot point would jump
        forth and back across any line behind. Whom the frame's lower edge cuts off is left alone.
        """
        expected = self._motion.position[index]
        height = expected[:, 3]
        head_off = np.abs((measured[:, 1] - measured[:, 3]) - (expected[:, 1] - height))
        confirmed = np.array([self._people[i].confirmed for i in index], bool)
        cut = (
            confirmed
            & (measured[:, 3] < self._settings.cut_short * height)
            & (head_off < self._settings.head * height)
            & (measured[:, 1] < (1 - self._settings.edge) * aspect)
        )
        whole = measured.copy()
        whole[cut, 1] += height[cut] - measured[cut, 3]
        whole[cut, 3] = height[cut]
        whole[:, 1] = np.minimum(whole[:, 1], aspect)
        return whole

    def _seen(
        self, person: _Person, detections: Detections, detection: int, step: Footstep
    ) -> None:
        left, top, right, bottom = detections.boxes[detection]
        edge = self._settings.edge
        person.seen_at = step.at
        person.at_edge = bool(
            left <= edge or top <= edge or right >= 1 - edge or bottom >= 1 - edge
        )
        person.steps.append(step)
        person.scores.append(float(detections.scores[detection]))
        while len(person.steps) > self._settings.trail_points or (
            step.at - person.steps[0].at > self._settings.trail
        ):
            del person.steps[0], person.scores[0]

    def _drop(self, at: datetime, aspect: float) -> None:
        keep = [
            i
            for i, person in enumerate(self._people)
            if at - person.seen_at <= self._hold(person) and self._in_picture(i, aspect)
        ]
        if len(keep) < len(self._people):
            self._motion = self._motion.take(np.array(keep, np.intp))
            self._people = [self._people[i] for i in keep]

    def _hold(self, person: _Person) -> timedelta:
        if not person.confirmed:
            return self._settings.hold_tentative
        return self._settings.hold_at_edge if person.at_edge else self._settings.hold

    def _in_picture(self, index: int, aspect: float) -> bool:
        x, y, _, height = self._motion.position[index]
        return bool(0.0 <= x <= 1.0 and y >= 0.0 and y - height <= aspect)

    def _start(
        self,
        new: list[np.intp],
        measured: Values,
        detections: Detections,
        at: datetime,
        aspect: float,
    ) -> None:
        new = new[: max(0, self._settings.most - len(self._people))]
        if not new:
            return
        self._motion = self._motion.joined(Motion.born(measured[new]))
        for detection in new:
            self._last_id += 1
            person = _Person(TrackId(self._last_id), at, at)
            if self._settings.confirmed_after <= 1:
                person.confirmed_at = at
            x, y, _, _ = measured[detection]
            self._seen(
                person, detections, int(detection), Footstep(at, Point(float(x), float(y / aspect)))
            )
            self._people.append(person)

    def _tracks(self, at: datetime, aspect: float) -> tuple[Track, ...]:
        boxes = corners(self._motion.position)
        return tuple(
            Track(
                id=person.id,
                box=Box(
                    float(box[0]), float(box[1] / aspect), float(box[2]), float(box[3] / aspect)
                ),
                confirmed=person.confirmed,
                newly=person.confirmed_at == at,
                seen=person.seen_at == at,
                born_at=person.born_at,
                seen_at=person.seen_at,
                trail=tuple(person.steps),
                confidence=sum(person.scores) / len(person.scores),
            )
            for person, box in zip(self._people, boxes, strict=True)
        )


def _grown(values: Values, share: float) -> Values:
    """Boxes larger by `share` of their size on every side; their foot moves down accordingly."""
    grown = values.copy()
    grown[:, 1] += share * values[:, 3]
    grown[:, 2:] *= 1 + 2 * share
    return grown


def likeness(a: Values, b: Values) -> Values:
    """(n, 4) and (m, 4) corners → (n, m): intersection over union, times that of the heights alone.

    Heights tell apart people one behind the other, whose boxes overlap from side to side
    (height-modulated IoU; Yang et al., Hybrid-SORT, AAAI 2024).
    """
    shared = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    either = np.maximum(a[:, None, 3], b[None, :, 3]) - np.minimum(a[:, None, 1], b[None, :, 1])
    heights = np.clip(shared / np.maximum(either, 1e-12), 0.0, None)
    return np.asarray(intersection_over_union(a, b) * heights, np.float64)


def intersection_over_union(a: Values, b: Values) -> Values:
    """(n, 4) and (m, 4) corners → (n, m)."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(bottom_right - top_left, 0.0, None).prod(axis=2)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)
    union: Values = area_a[:, None] + area_b[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-12), np.float64)
