"""Ground is granted by a close look, and by nothing else."""

import numpy as np
from numpy.typing import NDArray

from detect import Box, Ground, Judged, clears, doubtful, judge, step_ground
from detect.ground import COLUMNS, Cells, unlike
from tests.detect.walks import at

ROWS = 90
HERE = Box(0.4, 0.3, 0.46, 0.7)
WITHIN = np.s_[round(HERE.top * ROWS) + 1 : round(HERE.bottom * ROWS) - 1, 65:72]
FAR_OFF = np.s_[:, 120:]


def yard(*somebody: Box, light: float = 1.0) -> NDArray[np.uint8]:
    """Smooth, and darker where somebody is."""
    luma = np.tile(np.linspace(90, 130, COLUMNS), (ROWS, 1))
    for box in somebody:
        rows = slice(round(box.top * ROWS), round(box.bottom * ROWS))
        luma[rows, round(box.left * COLUMNS) : round(box.right * COLUMNS)] -= 30
    return np.asarray(light * luma, np.uint8)


def looked(ground: Ground | None, seen: NDArray[np.uint8], from_s: float, to_s: float) -> Ground:
    for number in range(round(from_s * 5), round(to_s * 5)):
        ground = step_ground(ground, seen, (), at(number / 5))
    assert ground is not None
    return ground


def shown(ground: Ground, now: NDArray[np.uint8]) -> Cells:
    return np.asarray(1 - unlike(ground, now), np.uint8)


def granted(seen: NDArray[np.uint8], *found: Box) -> Ground:
    return judge(looked(None, seen, 0, 1), Judged(at(0.9), seen, found))


def test_nothing_is_ground_before_a_close_look_however_long_it_stands() -> None:
    ground = looked(None, yard(HERE), 0, 900)
    assert not shown(ground, yard(HERE)).any()
    assert doubtful(ground) == ROWS * COLUMNS


def test_where_a_close_look_finds_nobody_is_ground_and_where_it_finds_somebody_is_none() -> None:
    ground = granted(yard(HERE), HERE)
    assert not shown(ground, yard(HERE))[WITHIN].any()
    assert shown(ground, yard(HERE))[FAR_OFF].all()
    assert doubtful(ground) == 0, "it was judged as it is"


def test_who_comes_and_stays_is_unlike_the_ground_for_ever() -> None:
    ground = looked(granted(yard()), yard(HERE), 1, 1200)
    assert not shown(ground, yard(HERE))[WITHIN].any()
    assert doubtful(ground) > 100


def test_a_chair_that_was_put_there_is_ground_after_a_close_look() -> None:
    ground = looked(granted(yard()), yard(HERE), 1, 30)
    ground = judge(ground, Judged(at(30), yard(HERE)))
    assert shown(ground, yard(HERE)).all()
    assert doubtful(ground) == 0


def test_once_they_have_gone_their_place_is_shown_without_another_close_look() -> None:
    ground = looked(granted(yard()), yard(HERE), 1, 30)
    ground = looked(ground, yard(), 30, 31)
    assert shown(ground, yard()).all()


def test_what_has_changed_since_a_close_look_began_is_not_granted_by_it() -> None:
    ground = looked(None, yard(), 0, 1)
    ground = looked(ground, yard(HERE), 1, 20)
    ground = judge(ground, Judged(at(0.5), yard()))
    assert not shown(ground, yard(HERE))[WITHIN].any()


def test_who_only_passed_when_a_close_look_found_them_leaves_the_ground_as_it_was() -> None:
    ground = looked(granted(yard()), yard(), 1, 2)
    ground = judge(ground, Judged(at(2), yard(HERE), (HERE,)))
    assert shown(ground, yard()).all()


def test_who_stood_there_unfound_and_is_found_later_is_hidden_from_then_on() -> None:
    ground = granted(yard(HERE))
    assert shown(ground, yard(HERE)).all()
    ground = judge(ground, Judged(at(120), yard(HERE), (HERE,)))
    assert not shown(ground, yard(HERE))[WITHIN].any()


def test_a_cloud_before_the_sun_changes_nothing() -> None:
    ground = granted(yard())
    dim = looked(ground, yard(light=0.8), 1, 3)
    assert shown(dim, yard(light=0.8)).all()


def test_an_unsure_find_is_refuted_where_a_close_look_found_nobody_and_nothing_changed() -> None:
    """Seen: a yard turned by 90 degrees, taken for one person with a score of 0.2, all the time."""
    whole = Box(0, 0, 1, 1)
    ground = granted(yard(HERE), HERE)
    assert clears(ground, yard(HERE), whole)
    assert not clears(ground, yard(HERE), HERE)
    came = Box(0.7, 0.3, 0.76, 0.7)
    assert not clears(ground, yard(HERE, came), came)
    assert not clears(looked(None, yard(), 0, 1), yard(), whole)
