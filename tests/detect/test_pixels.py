"""Whether a person is large enough: the classes of IEC 62676-4, and the detector's own need."""

import pytest

from detect.pixels import PERSON_M, IecClass, Reach, iec_class, person_size, reach

INPUT = (192, 320)


@pytest.mark.parametrize(
    ("px_per_m", "named"),
    [
        (0, IecClass.NONE),
        (24.9, IecClass.NONE),
        (25, IecClass.DETECT),
        (62.4, IecClass.DETECT),
        (62.5, IecClass.OBSERVE),
        (125, IecClass.RECOGNISE),
        (249.9, IecClass.RECOGNISE),
        (250, IecClass.IDENTIFY),
        (1000, IecClass.IDENTIFY),
    ],
)
def test_classes_begin_where_the_standard_says(px_per_m: float, named: IecClass) -> None:
    assert iec_class(px_per_m) is named


@pytest.mark.parametrize(
    ("px", "found"),
    [
        (0, Reach.NEVER),
        (23.9, Reach.NEVER),
        (24, Reach.SOMETIMES),
        (31.9, Reach.SOMETIMES),
        (32, Reach.SURE),
    ],
)
def test_the_detector_needs_rows_of_its_own_input(px: float, found: Reach) -> None:
    assert reach(px) is found


def test_a_person_a_fifth_of_a_hd_picture_tall() -> None:
    size = person_size(0.2, (1920, 1080), (1920, 1080), INPUT)
    assert size.px == pytest.approx(216)
    assert size.px_per_m == pytest.approx(216 / PERSON_M)
    assert size.iec is IecClass.RECOGNISE
    assert size.detector_px == pytest.approx(36)  # 1080 rows become 180
    assert size.reach is Reach.SURE


def test_the_sub_stream_decides_for_the_detector_and_the_main_one_for_people() -> None:
    size = person_size(0.2, (2560, 1440), (640, 360), INPUT)
    assert size.px == pytest.approx(288)
    assert size.detector_px == pytest.approx(36)


def test_blowing_up_a_small_stream_adds_no_pixels() -> None:
    assert person_size(0.5, (160, 120), (160, 120), INPUT).detector_px == pytest.approx(60)


def test_an_upright_picture_is_fitted_by_its_height() -> None:
    assert person_size(0.5, (720, 1280), (720, 1280), INPUT).detector_px == pytest.approx(96)
