"""A picture that has gone black: covered when something was seen to come over the lens, dark when
it stays so, and nothing at all while that may be a lamp or a filter."""

from collections.abc import Callable

import pytest

from record.cameras import CameraReason
from tests.detect.dark_pictures import (
    BEGINS_S,
    Going,
    fades,
    goes_dark,
    guarded,
    one_lamp_after_another,
    slid_over,
    switched_off,
)

SCENES = ("corridor", "gate", "night", "park", "yard")
BRIEF_S, LONG_S = 15, 30
LIGHTS: dict[str, Going] = {
    "switched off": switched_off,
    "fades": fades,
    "one lamp after another": one_lamp_after_another,
}


def brief(scene: str, going: Going, seed: int) -> list[tuple[CameraReason | None, float]]:
    return guarded(goes_dark(scene, going, seed, BRIEF_S))


def check_covered(scene: str, took_s: float, seed: int) -> None:
    told = brief(scene, slid_over(took_s), seed)
    assert [reason for reason, _ in told] == [CameraReason.COVERED, None], (scene, seed, told)
    (_, said_s), (_, over_s) = told
    assert said_s - BEGINS_S <= 5
    assert over_s - (BEGINS_S + BRIEF_S) <= 2


def check_lights(scene: str, name: str, seed: int) -> None:
    assert brief(scene, LIGHTS[name], seed) == [], (scene, name, seed)


def check_dark(scene: str, going: Going, seed: int) -> None:
    told = guarded(goes_dark(scene, going, seed, LONG_S))
    assert [reason for reason, _ in told] == [CameraReason.DARK, None], (scene, seed, told)
    (_, said_s), (_, over_s) = told
    assert 20 <= said_s - BEGINS_S <= 25
    assert over_s - (BEGINS_S + LONG_S) <= 2


@pytest.mark.parametrize("took_s", [0.7, 1.5])
def test_what_is_seen_to_come_over_the_lens_covers_it(took_s: float) -> None:
    check_covered("corridor", took_s, seed=1)


@pytest.mark.parametrize("name", LIGHTS)
def test_a_light_that_goes_out_is_nothing(name: str) -> None:
    check_lights("gate", name, seed=0)


@pytest.mark.parametrize("going", [switched_off, slid_over(0.05)])
def test_what_stays_black_is_dark_whatever_made_it_so(going: Going) -> None:
    check_dark("gate", going, seed=0)


@pytest.mark.prove
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("took_s", [0.7, 1.0, 1.5, 2.5])
def test_covers_in_every_scene_with_ten_seeds(scene: str, took_s: float) -> None:
    for seed in range(10):
        check_covered(scene, took_s, seed)


@pytest.mark.prove
@pytest.mark.parametrize("took_s", [0.3, 0.5])
def test_of_quick_covers_some_are_seen_and_of_none_a_falsehood_said(
    took_s: float, record_property: Callable[[str, object], None]
) -> None:
    told = [brief(scene, slid_over(took_s), seed) for scene in SCENES for seed in range(10)]
    covered = [one for one in told if one]
    assert {tuple(reason for reason, _ in one) for one in covered} == {(CameraReason.COVERED, None)}
    record_property("covered", f"{len(covered)} of {len(told)}")
    assert len(covered) >= len(told) * (0.8 if took_s == 0.5 else 0.3)


@pytest.mark.prove
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("name", LIGHTS)
def test_lights_in_every_scene_with_ten_seeds(scene: str, name: str) -> None:
    for seed in range(10):
        check_lights(scene, name, seed)


@pytest.mark.prove
@pytest.mark.parametrize("scene", SCENES)
def test_long_darkness_in_every_scene_with_ten_seeds(scene: str) -> None:
    for seed in range(10):
        check_dark(scene, switched_off, seed)
        check_dark(scene, slid_over(0.05), seed)
