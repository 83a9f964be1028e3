"""Scoring by hand and by property: which found event is which true one, how far off counts are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.ids import AreaId, RuleId
from record.orders import RuleKind
from wardwatch.eval_score import (
    FoundEvent,
    Readings,
    pool_events,
    score_events,
    score_occupancy,
)
from wardwatch.scenes import Stretch, TrueEvent, Truth

OUT, IN = RuleId("out"), RuleId("in")
YARD = AreaId("yard")


def true(*moments: float, rule: RuleId = OUT) -> list[TrueEvent]:
    return [TrueEvent(RuleKind.EXIT, rule, moment) for moment in moments]


def found(*moments: float, rule: RuleId = OUT) -> list[FoundEvent]:
    return [FoundEvent(RuleKind.EXIT, rule, moment) for moment in moments]


# Events ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "seen", "errors"),
    [
        # one found once
        ([10.0], [10.4], [0.4]),
        # found twice: one is too many
        ([10.0], [10.4, 9.9], [0.1]),
        # too late
        ([10.0], [11.1], []),
        # just in time, though written with one decimal
        ([10.1], [11.1], [1.0]),
        # the nearest pair goes first, and the rest makes do
        ([10.0, 10.8], [10.7, 11.5], [0.1]),
        ([10.0, 11.0], [10.6, 11.1], [0.1, 0.6]),
        ([], [5.0], []),
        ([5.0], [], []),
    ],
)
def test_matching_by_hand(truth: list[float], seen: list[float], errors: list[float]) -> None:
    score = score_events(true(*truth), found(*seen), 1.0)
    assert sorted(score.errors_s) == pytest.approx(sorted(errors))
    assert (score.truth, score.found) == (len(truth), len(seen))


def test_an_event_of_another_rule_is_no_match() -> None:
    score = score_events(true(10.0), found(10.0, rule=IN), 1.0)
    assert (score.matched, score.precision, score.recall, score.f1) == (0, 0.0, 0.0, 0.0)


def test_figures_by_hand() -> None:
    score = score_events(true(1.0, 5.0, 9.0, 20.0), found(1.2, 5.1, 14.0), 1.0)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(1 / 2)
    assert score.f1 == pytest.approx(4 / 7)
    assert score.median_error_s == pytest.approx(0.15)
    assert score.max_error_s == pytest.approx(0.2)


def test_nothing_to_find_has_no_figures() -> None:
    score = score_events([], [], 1.0)
    assert (score.precision, score.recall, score.f1) == (None, None, None)
    assert (score.median_error_s, score.max_error_s) == (None, None)


moments = st.lists(st.integers(0, 400).map(lambda tenth: tenth / 10), max_size=12)


@settings(deadline=None, derandomize=True)
@given(moments, moments)
def test_matches_are_pairs_within_the_tolerance(truth: list[float], seen: list[float]) -> None:
    score = score_events(true(*truth), found(*seen), 1.0)
    assert score.matched <= min(len(truth), len(seen))
    assert all(error <= 1.0 + 1e-6 for error in score.errors_s)
    if score.f1 is not None:
        assert 0 <= score.f1 <= 1


@settings(deadline=None, derandomize=True)
@given(moments)
def test_the_truth_itself_is_perfect(truth: list[float]) -> None:
    score = score_events(true(*truth), found(*truth), 1.0)
    assert score.f1 == (1.0 if truth else None)


@settings(deadline=None, derandomize=True)
@given(moments, moments)
def test_the_order_of_events_changes_nothing(truth: list[float], seen: list[float]) -> None:
    score = score_events(true(*truth), found(*seen), 1.0)
    again = score_events(true(*sorted(truth)), found(*reversed(seen)), 1.0)
    assert sorted(again.errors_s) == pytest.approx(sorted(score.errors_s))


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(moments, moments), max_size=5))
def test_pooling_adds_counts(scenes: list[tuple[list[float], list[float]]]) -> None:
    scores = [score_events(true(*truth), found(*seen), 1.0) for truth, seen in scenes]
    total = pool_events(scores)
    assert total.matched == sum(score.matched for score in scores)
    assert total.truth == sum(len(truth) for truth, _ in scenes)
    assert total.found == sum(len(seen) for _, seen in scenes)


# Occupancy ------------------------------------------------------------------------------------


def truth_of(*stretches: Stretch) -> Truth:
    return Truth(1.0, (), stretches)


def test_occupancy_is_read_at_mid_second() -> None:
    truth = truth_of(Stretch(None, 1.0, 3.0, 2))
    readings: Readings = [(0.0, 0, {}), (1.2, 2, {}), (2.6, 1, {}), (3.4, 0, {})]
    score = score_occupancy(truth, readings, 5.0)
    assert score is not None
    # at 0.5 0 of 0, 1.5 2 of 2, 2.5 2 of 2, 3.5 0 of 0, 4.5 0 of 0
    assert (score.readings, score.exact, score.off_by) == (5, 5, 0)
    late = score_occupancy(truth, [(0.0, 0, {}), (1.6, 2, {})], 5.0)
    assert late is not None
    assert late.mae == pytest.approx(6 / 5)
    assert late.exact_share == pytest.approx(2 / 5)


def test_areas_are_read_beside_the_view_and_only_those_that_are_counted() -> None:
    truth = truth_of(Stretch(None, 0, 2, 2), Stretch(YARD, 0, 2, 1))
    readings: Readings = [(0.0, 2, {YARD: 1, AreaId("other"): 7})]
    score = score_occupancy(truth, readings, 2.0)
    assert score is not None
    assert (score.readings, score.exact) == (4, 4)


def test_a_scene_in_which_nobody_ever_is_counts_the_view() -> None:
    score = score_occupancy(truth_of(), [(0.0, 1, {})], 3.0)
    assert score is not None
    assert (score.readings, score.off_by) == (3, 3)


def test_a_truth_that_does_not_speak_of_occupancy_has_no_figures() -> None:
    assert score_occupancy(Truth(1.0, (), None), [(0.0, 1, {})], 3.0) is None
