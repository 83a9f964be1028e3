"""The tracker follows people through jitter, gaps, meetings and uneven looks."""

import itertools

import numpy as np
import pytest
import supervision as sv
from hypothesis import given
from hypothesis import strategies as st

from detect import Box, Detections, Track
from detect.tracker import Tracker, TrackerSettings, intersection_over_union
from tests.detect.walks import at, found, standing

ASPECT = 9 / 16


def merged(*parts: Detections) -> Detections:
    return Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def play(
    looks: list[Detections], every_s: float = 0.2, tracker: Tracker | None = None
) -> list[tuple[Track, ...]]:
    tracker = tracker or Tracker()
    return [tracker.step(one, at(index * every_s), ASPECT) for index, one in enumerate(looks)]


def confirmed(tracks: tuple[Track, ...]) -> list[int]:
    return [one.id for one in tracks if one.confirmed]


def test_a_walker_is_one_track_confirmed_at_the_second_look() -> None:
    looks = play([found([standing(0.1 + 0.03 * n, 0.6)]) for n in range(20)])
    assert [confirmed(tracks) for tracks in looks] == [[], *[[1]] * 19]
    (track,) = looks[-1]
    assert track.seen
    assert track.foot.x == pytest.approx(0.67)
    assert track.foot.y == pytest.approx(0.6)
    assert (track.born_at, track.seen_at) == (at(0), at(3.8))
    assert track.confidence == pytest.approx(0.8)


def test_somebody_as_fast_as_a_runner_close_by_is_one_track() -> None:
    looks = play([found([standing(0.05 + 0.06 * n, 0.8, 0.08, 0.4)]) for n in range(14)])
    assert {key for tracks in looks for key in confirmed(tracks)} == {1}


def test_two_who_meet_and_pass_keep_their_tracks() -> None:
    looks = []
    for n in range(30):
        x = 0.1 + 0.025 * n
        first, second = standing(x, 0.60), standing(1 - x, 0.66)
        hidden = abs(2 * x - 1) < 0.04  # the nearer one covers the other
        looks.append(found([second] if hidden else [first, second]))
    tracks = play(looks)
    start = {one.id: one.foot.y for one in tracks[2]}
    end = {one.id: one.foot.y for one in tracks[-1]}
    assert len(end) == 2
    assert start == pytest.approx(end)


def test_one_behind_another_is_told_apart_by_height() -> None:
    """Both walk towards the camera, one close behind the other, whose box hangs over half."""
    looks = [
        found(
            [standing(0.5, 0.5 + 0.01 * n, 0.06, 0.25), standing(0.51, 0.62 + 0.01 * n, 0.07, 0.3)]
        )
        for n in range(20)
    ]
    tracks = play(looks)
    assert sorted(one.foot.y for one in tracks[-1]) == pytest.approx([0.69, 0.81])
    assert {one.id: one.foot.y < 0.75 for one in tracks[-1]} == {1: True, 2: False}


def test_feet_that_are_hidden_stay_where_the_height_says() -> None:
    whole, half = standing(0.5, 0.6), Box(0.475, 0.4, 0.525, 0.5)
    looks = play([found([whole])] * 5 + [found([half])] * 3 + [found([whole])])
    assert [tracks[0].foot.y for tracks in looks] == pytest.approx([0.6] * 9, abs=0.005)


def test_who_crouches_is_followed_down() -> None:
    """The head comes down: that is no box cut short."""
    looks = [found([standing(0.5, 0.6, 0.05, 0.2 - 0.02 * min(n, 5))]) for n in range(12)]
    assert [tracks[0].foot.y for tracks in play(looks)] == pytest.approx([0.6] * 12, abs=0.005)


def test_whom_the_lower_edge_cuts_off_stands_at_the_edge() -> None:
    looks = [found([standing(0.5, 0.9)])] * 5 + [found([Box(0.475, 0.86, 0.525, 1.0)])] * 3
    assert play(looks)[-1][0].foot.y <= 1.0


def test_a_track_is_held_through_a_loss_and_goes_on() -> None:
    walk = [found([standing(0.2 + 0.02 * n, 0.6)]) for n in range(20)]
    gap = [Detections.none()] * 7
    looks = play([*walk[:8], *gap, *walk[15:]])
    assert {key for tracks in looks[1:] for key in confirmed(tracks)} == {1}
    (held,) = looks[12]
    assert not held.seen
    assert held.foot.x == pytest.approx(0.34)  # where it was last found
    assert held.box.foot.x == pytest.approx(0.44, abs=0.02)  # where it should be by now


def test_a_track_is_given_up_after_two_seconds() -> None:
    looks = play([found([standing(0.5, 0.6)])] * 4 + [Detections.none()] * 15)
    alive = [bool(tracks) for tracks in looks]
    assert sum(alive) == 4 + 10


def test_who_walked_out_of_the_picture_is_given_up_sooner() -> None:
    looks = [found([standing(0.86 + 0.02 * n, 0.6)]) for n in range(6)] + [Detections.none()] * 10
    alive = [bool(tracks) for tracks in play(looks)]
    assert sum(alive) == 6 + 2


def test_an_unsure_detection_keeps_a_track_and_starts_none() -> None:
    sure, unsure = found([standing(0.5, 0.6)]), found([standing(0.5, 0.6)], 0.3)
    looks = play([sure, sure, *[unsure] * 20])
    assert confirmed(looks[-1]) == [1]
    assert looks[-1][0].seen
    assert play([unsure] * 10)[-1] == ()


def test_noise_below_every_threshold_is_not_looked_at() -> None:
    sure, noise = found([standing(0.5, 0.6)]), found([standing(0.5, 0.6)], 0.1)
    assert not play([sure, sure, noise])[-1][0].seen


def test_a_flash_is_never_confirmed() -> None:
    looks = play([found([standing(0.5, 0.6)]), *[Detections.none()] * 5])
    assert not any(confirmed(tracks) for tracks in looks)
    assert looks[-1] == ()


@pytest.mark.parametrize("every_s", [0.04, 0.1, 0.2, 0.4])
def test_the_speed_of_looking_changes_nothing(every_s: float) -> None:
    looks = [
        found([standing(0.1 + 0.1 * n * every_s, 0.6), standing(0.8 - 0.1 * n * every_s, 0.9)])
        for n in range(round(6 / every_s))
    ]
    tracks = play(looks, every_s)
    assert {key for one in tracks for key in confirmed(one)} == {1, 2}


def test_ids_are_never_given_twice() -> None:
    tracker = Tracker()
    person = found([standing(0.5, 0.6)])
    tracker.step(person, at(0), ASPECT)
    tracker.step(person, at(0.2), ASPECT)
    tracker.clear()
    (again,) = tracker.step(person, at(0.4), ASPECT)
    assert again.id == 2


def test_trails_and_tracks_are_bounded() -> None:
    settings = TrackerSettings(most=10)
    grid = [standing(0.03 + 0.06 * n, 0.5, 0.02, 0.1) for n in range(16)]
    looks = play([found(grid)] * 100, 0.04, Tracker(settings))
    assert len(looks[-1]) == 10
    assert max(len(one.trail) for one in looks[-1]) == settings.trail_points
    slow = play([found(grid)] * 40, 0.2, Tracker(settings))
    span = slow[-1][0].trail
    assert span[-1].at - span[0].at <= settings.trail


boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    *[st.floats(0, 1) for _ in range(2)],
    *[st.floats(0.01, 0.5) for _ in range(2)],
)


@given(st.lists(boxes, min_size=1, max_size=6), st.lists(boxes, min_size=1, max_size=6))
def test_overlap_is_what_supervision_says(first: list[Box], second: list[Box]) -> None:
    a, b = (
        np.array([(one.left, one.top, one.right, one.bottom) for one in some])
        for some in (first, second)
    )
    assert intersection_over_union(a, b) == pytest.approx(sv.box_iou_batch(a, b), abs=1e-5)


@given(st.lists(st.lists(boxes, max_size=5), max_size=12))
def test_whatever_comes_tracks_are_sound(looks: list[list[Box]]) -> None:
    seen: set[int] = set()
    for tracks, one in zip(play([found(one) for one in looks]), looks, strict=True):
        keys = [track.id for track in tracks]
        assert len(set(keys)) == len(keys)
        assert sum(track.seen for track in tracks) <= len(one)
        assert max(keys, default=0) <= len(list(itertools.chain(*looks)))
        for track in tracks:
            assert track.trail[-1].at == track.seen_at
            assert np.isfinite([track.box.left, track.box.top, track.box.right]).all()
        seen.update(keys)
