"""A guard that begins anew with what the last one knew."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from detect import CameraGuard, GuardMemory
from record.cameras import Camera, CameraReason, CameraUrl, Rule
from record.frames import Frame, TimeSource
from record.ids import CameraId, RuleId, SiteId
from record.orders import RuleKind
from record.sightings import Raised
from tests.detect.tamper_pictures import (
    PER_S,
    START,
    Film,
    blind,
    cover,
    defocus,
    freeze,
    lights_off,
    move,
    shrink,
    whole,
)
from tests.fakes.pictures import ArrayPicture

TAMPERED = Rule(RuleId("tampered"), RuleKind.CAMERA_TAMPERED)
CAMERA = Camera(
    CameraId("c"), SiteId("s"), "C", CameraUrl.parse("rtsp://camera.test/"), rules=(TAMPERED,)
)
DEEDS = {
    CameraReason.COVERED: cover(36, 4, 1),
    CameraReason.BLINDED: blind,
    CameraReason.DEFOCUSED: defocus(2.5),
    CameraReason.MOVED: move(0.2, 0),
    CameraReason.FROZEN: freeze,
}


def usual(seconds: float, since_s: float = 0) -> Film:
    return shrink(whole("gate")[int(since_s * PER_S) : int((since_s + seconds) * PER_S)])


def watch(guard: CameraGuard, film: Film, at_s: float) -> list[CameraReason | None]:
    told: list[CameraReason | None] = []
    for index, luma in enumerate(film):
        at = START + timedelta(seconds=at_s + index / PER_S)
        guard.glance(Frame(CAMERA.id, index, at, TimeSource.FILE, 0.0, 0.0, ArrayPicture(luma)))
        told.append(guard.tampering.reason if guard.tampering else None)
    return told


def left_behind(*films: Film) -> GuardMemory:
    """By a guard that has seen these."""
    guard, at_s = CameraGuard(CAMERA, ()), 0.0
    for film in films:
        watch(guard, film, at_s)
        at_s += len(film) / PER_S
    memory = guard.memory
    assert memory is not None
    return memory


def begun_with(memory: GuardMemory) -> CameraGuard:
    guard = CameraGuard(CAMERA, ())
    guard.recall(memory)
    return guard


@pytest.mark.parametrize("reason", DEEDS)
def test_what_was_said_holds_from_the_first_picture_on_until_it_is_over(
    reason: CameraReason,
) -> None:
    done = DEEDS[reason](usual(22, since_s=20), np.random.default_rng(0))
    memory = left_behind(usual(20), done[: 12 * PER_S])
    guard = begun_with(memory)
    assert set(watch(guard, done[12 * PER_S :], at_s=600)) == {reason}
    assert guard.tampering is not None
    assert guard.tampering.began_at < START + timedelta(seconds=30)
    assert guard.tampering.decided_at == START + timedelta(seconds=600)
    (raised,) = guard.check(START + timedelta(seconds=610), None)
    assert isinstance(raised, Raised)
    assert (raised.began_at, raised.why.reason) == (guard.tampering.began_at, reason)
    assert watch(guard, usual(5), at_s=610)[-1] is None


@pytest.mark.parametrize("reason", [CameraReason.COVERED, CameraReason.MOVED])
def test_what_was_done_while_nobody_watched_is_told(reason: CameraReason) -> None:
    guard = begun_with(left_behind(usual(20)))
    done = DEEDS[reason](usual(12, since_s=20), np.random.default_rng(0))
    assert watch(guard, done, at_s=600)[-1] is reason


def test_what_was_undone_while_nobody_watched_is_over_at_once() -> None:
    done = DEEDS[CameraReason.COVERED](usual(10, since_s=20), np.random.default_rng(0))
    guard = begun_with(left_behind(usual(20), done))
    told = watch(guard, usual(4), at_s=600)
    assert guard.check(START + timedelta(seconds=604), None) == ()
    assert told[-1] is None


def test_a_frozen_camera_that_lives_again_is_not_frozen() -> None:
    memory = left_behind(usual(20), freeze(usual(12), np.random.default_rng(0)))
    assert memory.frozen is not None
    assert watch(begun_with(memory), usual(4, since_s=30), at_s=600)[2:] == [None] * 6


def test_darkness_that_was_said_goes_on_and_is_over_with_the_light() -> None:
    memory = left_behind(usual(20), lights_off(usual(24), np.random.default_rng(0)))
    guard = begun_with(memory)
    dark = lights_off(usual(3), np.random.default_rng(1))
    assert set(watch(guard, dark, at_s=600)) == {CameraReason.DARK}
    assert guard.check(START + timedelta(seconds=603), None) == ()  # nobody may have done it
    assert watch(guard, usual(3), at_s=603)[-1] is None


def test_of_a_camera_that_was_drawn_anew_nothing_is_known() -> None:
    done = DEEDS[CameraReason.COVERED](usual(10, since_s=20), np.random.default_rng(0))
    memory = replace(left_behind(usual(20), done), version=CAMERA.version + 1)
    assert set(watch(begun_with(memory), done, at_s=600)) == {None}


def test_a_view_that_is_not_known_yet_leaves_nothing_behind() -> None:
    guard = CameraGuard(CAMERA, ())
    watch(guard, usual(4), at_s=0)
    assert guard.memory is None
