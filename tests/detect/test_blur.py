"""Nobody can be read in a picture that is shown: checked on pictures in which every pixel differs
from its neighbours, so that any patch that was left alone betrays itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detect import Box, coarse, draw_planes, drawn, hidden_in
from detect.geometry import contains
from detect.mosaic import MASKED
from detect.veil import REMEMBERED, Veil, room_for, step_veil
from record.cameras import Mask, Point
from record.frames import Planes
from record.ids import MaskId
from record.sightings import Footstep
from tests.detect.shown import unreadable
from tests.detect.walks import at, track
from tests.fakes.pictures import ArrayPicture

WIDTH, HEIGHT = 640, 360


@pytest.fixture(scope="module")
def noise() -> ArrayPicture:
    image = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    return ArrayPicture(image)


def show(picture: ArrayPicture, *people: Box, age: float | None = 0.1) -> NDArray[np.uint8]:
    return unreadable(picture, WIDTH, people, detected_age_s=age)


def changed(picture: ArrayPicture, shown: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((picture.image != shown).any(axis=2))


def runs(column: NDArray[np.uint8]) -> list[int]:
    """Lengths of stretches of equal colour."""
    edges = np.flatnonzero((np.diff(column.astype(int), axis=0) != 0).any(axis=1))
    return [int(one) for one in np.diff(np.concatenate([[-1], edges, [len(column) - 1]]))]


def test_a_person_is_drawn_in_cells_of_a_sixth_of_their_height(noise: ArrayPicture) -> None:
    box = Box(0.4, 0.3, 0.5, 0.8)
    shown = show(noise, box)
    height = box.height * HEIGHT
    top, bottom = round(box.top * HEIGHT), round(box.bottom * HEIGHT)
    for x in range(round(box.left * WIDTH) + 1, round(box.right * WIDTH) - 1, 7):
        inner = runs(shown[top:bottom, x])[1:-1]
        assert min(inner) >= height / 6


def test_a_box_is_hidden_with_room_around_it_and_the_rest_is_left_alone(
    noise: ArrayPicture,
) -> None:
    box = Box(0.4, 0.3, 0.5, 0.8)
    hidden = changed(noise, show(noise, box))
    rows, columns = np.flatnonzero(hidden.any(axis=1)), np.flatnonzero(hidden.any(axis=0))
    room = Box(*room_for(box, 0.1, HEIGHT / WIDTH))
    assert room.left < box.grown(0.2).left
    assert room.bottom > box.grown(0.2).bottom
    assert rows[0] == pytest.approx(room.top * HEIGHT, abs=4)
    assert rows[-1] == pytest.approx(room.bottom * HEIGHT, abs=4)
    assert columns[0] == pytest.approx(room.left * WIDTH, abs=4)
    assert columns[-1] == pytest.approx(room.right * WIDTH, abs=4)
    inside = hidden[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert inside.mean() > 0.98  # a cell's colour may meet a pixel's by chance


@pytest.mark.parametrize("age", [None, 1.01, 60.0])
def test_without_a_fresh_detection_the_whole_picture_is_hidden(
    noise: ArrayPicture, age: float | None
) -> None:
    shown = show(noise, age=age)
    assert changed(noise, shown).mean() > 0.98
    assert min(runs(shown[:, 100])) >= HEIGHT / 6


def test_with_a_fresh_detection_and_nobody_there_the_picture_is_clear(noise: ArrayPicture) -> None:
    assert not changed(noise, show(noise, age=1.0)).any()


@pytest.mark.parametrize(
    "box",
    [
        Box(-0.1, 0.2, 0.05, 0.9),
        Box(0.9, -0.3, 1.4, 1.2),
        Box(0.5, 0.5, 0.5005, 0.501),
        Box(2.0, 2.0, 3.0, 3.0),
        Box(0.0, 0.0, 1.0, 1.0),
    ],
)
def test_boxes_at_and_beyond_the_edges(noise: ArrayPicture, box: Box) -> None:
    before = noise.image.copy()
    shown = show(noise, box)
    assert shown.shape == noise.image.shape
    assert (noise.image == before).all()
    inside = changed(noise, shown)[
        max(0, round(box.top * HEIGHT) + 1) : max(0, round(box.bottom * HEIGHT) - 1),
        max(0, round(box.left * WIDTH) + 1) : max(0, round(box.right * WIDTH) - 1),
    ]
    assert inside.size == 0 or inside.mean() > 0.98


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.01, 0.5), st.floats(0.02, 0.9))
def test_nothing_of_a_person_is_left(x: float, y: float, width: float, height: float) -> None:
    image = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    picture = ArrayPicture(image)
    box = Box(x, y, x + width, y + height)
    inside = changed(picture, show(picture, box))[
        int(np.floor(y * HEIGHT)) : int(np.ceil(min(1, box.bottom) * HEIGHT)),
        int(np.floor(x * WIDTH)) : int(np.ceil(min(1, box.right) * WIDTH)),
    ]
    assert inside.mean() > 0.9


def scene(x: int | None) -> ArrayPicture:
    """A grey yard with fine texture, and a dark figure at column `x`."""
    image = np.random.default_rng(9).integers(110, 130, (HEIGHT, WIDTH, 3), np.uint8)
    if x is not None:
        image[120:240, x : x + 40] = np.random.default_rng(x).integers(0, 60, (120, 40, 3))
    return ArrayPicture(image)


def test_who_moves_is_hidden_though_nobody_was_detected() -> None:
    before, now = coarse(scene(200)), scene(230)
    shown = unreadable(now, WIDTH, (), detected_age_s=0.1, before=before)
    hidden = changed(now, shown)
    assert hidden[120:240, 240:270].mean() > 0.95  # where the figure came to
    assert hidden[120:240, 200:230].mean() > 0.95  # where it was
    assert not hidden[:, 400:].any()
    assert not hidden[:, :150].any()


@pytest.mark.parametrize("tall", [40, 80, 160])
def test_who_comes_in_is_hidden_whole_though_their_legs_look_like_the_ground(tall: int) -> None:
    """From the scenes `gate` and `night`: in the first tenths of a second, before a look has found
    them, and in what differs from the ground there were no legs."""
    yard, now = scene(None), scene(None)
    now.image[100 : 100 + round(0.75 * tall), 300 : 300 + round(0.3 * tall)] //= 2
    shown = unreadable(now, WIDTH, (), detected_age_s=0.1, before=coarse(yard))
    hidden = changed(now, shown)
    assert hidden[100 : 100 + tall, 300 : 300 + round(0.3 * tall)].mean() >= 0.95
    assert not hidden[:, :200].any()


def test_a_yard_in_which_nothing_moves_is_clear() -> None:
    still = scene(200)
    shown = unreadable(still, WIDTH, (), detected_age_s=0.1, before=coarse(still))
    assert not changed(still, shown).any()


def test_a_picture_of_another_size_before_hides_all() -> None:
    before = coarse(ArrayPicture(np.zeros((480, 640, 3), np.uint8)))
    now = scene(None)
    assert changed(now, unreadable(now, WIDTH, (), detected_age_s=0.1, before=before)).mean() > 0.9


def test_a_smaller_picture_keeps_its_shape_with_even_rows(noise: ArrayPicture) -> None:
    shown = unreadable(noise, 322, (Box(0.1, 0.1, 0.3, 0.9),), detected_age_s=0.0)
    assert shown.shape == (182, 322, 3)


# Who is to be hidden --------------------------------------------------------------------------


def test_unsure_detections_and_tentative_tracks_are_hidden_too() -> None:
    tentative = track(1, (Footstep(at(0), Point(0.5, 0.6)),), confirmed=False)
    unsure = Box(0.1, 0.1, 0.2, 0.3)
    veil = step_veil(Veil(), [tentative], [unsure], at(0))
    assert veil.boxes == (unsure, tentative.box)


def test_who_stands_so_still_that_they_are_lost_stays_hidden() -> None:
    person = track(1, (Footstep(at(0), Point(0.5, 0.6)),))
    veil = step_veil(Veil(), [person], [], at(0))
    lost_at = at(2)
    veil = step_veil(veil, [], [], lost_at)
    assert veil.boxes == (person.box,)
    veil = step_veil(veil, [], [], lost_at + REMEMBERED / 2)
    assert veil.boxes == (person.box,)
    veil = step_veil(veil, [], [], lost_at + REMEMBERED)
    assert veil.boxes == ()


def test_who_left_the_picture_is_not_remembered() -> None:
    veil = step_veil(Veil(), [track(1, (Footstep(at(0), Point(0.99, 0.6)),))], [], at(0))
    assert step_veil(veil, [], [], at(1)).boxes == ()


def test_a_veil_is_bounded() -> None:
    veil = Veil()
    for key in range(1000):
        person = track(key, (Footstep(at(key / 100), Point(0.5, 0.6)),))
        veil = step_veil(veil, [person], [], at(key / 100))
    assert len(veil.last) == 1
    assert len(veil.remembered) <= 32


# Privacy masks --------------------------------------------------------------------------------


def mask(*corners: tuple[float, float]) -> Mask:
    return Mask(MaskId("window"), tuple(Point(x, y) for x, y in corners))


WINDOW = mask((0.6, 0.1), (0.9, 0.1), (0.9, 0.5), (0.6, 0.5))


def masked(picture: ArrayPicture, *masks: Mask, age: float | None = 0.1) -> NDArray[np.uint8]:
    return unreadable(picture, WIDTH, (), detected_age_s=age, masks=masks)


@pytest.mark.parametrize("age", [0.1, 5.0, None])
def test_nothing_behind_a_mask_is_ever_shown(noise: ArrayPicture, age: float | None) -> None:
    shown = masked(noise, WINDOW, age=age)
    inside = shown[36:181, 384:577].reshape(-1, 3)
    assert (inside == np.array(MASKED)).all()
    assert (shown[:, :300] != np.array(MASKED)).any(axis=2).mean() > 0.98


def test_what_is_behind_a_mask_does_not_even_colour_the_cells_beside_it() -> None:
    dark = ArrayPicture(np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    bright = ArrayPicture(dark.image.copy())
    bright.image[36:180, 384:576] = 255
    person = Box(0.5, 0.05, 0.7, 0.95)
    one, other = (
        unreadable(picture, WIDTH, (person,), detected_age_s=0.1, masks=(WINDOW,))
        for picture in (dark, bright)
    )
    assert (one == other).all()


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1)),
        min_size=3,
        max_size=3,
    )
)
def test_every_pixel_whose_middle_lies_in_a_mask_is_painted(
    corners: list[tuple[float, float]],
) -> None:
    picture = ArrayPicture(np.full((36, 64, 3), 200, np.uint8))
    painted = mask(*corners)
    shown = unreadable(picture, 64, (), detected_age_s=0.0, masks=(painted,))
    for row in range(0, 36, 3):
        for column in range(0, 64, 3):
            if contains(painted.polygon, Point((column + 0.5) / 64, (row + 0.5) / 36)):
                assert tuple(shown[row, column]) == MASKED


PEOPLE = {"nobody": (), "somebody": (Box(0.4, 0.3, 0.5, 0.8),)}


@pytest.mark.parametrize("width", [640, 322, 200])
@pytest.mark.parametrize("age", [None, 0.1])
@pytest.mark.parametrize("people", PEOPLE.values(), ids=PEOPLE)
def test_planes_hide_what_the_whole_picture_hides(
    noise: ArrayPicture, people: tuple[Box, ...], age: float | None, width: int
) -> None:
    hidden = hidden_in(noise, width, people, detected_age_s=age)
    whole = drawn(noise, hidden, (WINDOW,), width)
    height = whole.shape[0]
    clear, planes = noise.planes(width, height), noise.planes(width, height)
    draw_planes(planes, hidden, (WINDOW,))
    changed = (whole != noise.bgr(width, height)).any(axis=2)
    # A value may be met by chance.
    assert ((clear.luma != planes.luma) == changed).mean() > 0.97
    assert ((clear.blue != planes.blue) == changed[::2, ::2]).mean() > 0.95
    assert ((clear.red != planes.red) == changed[::2, ::2]).mean() > 0.95
    left, top, right, bottom = (
        int(one * s) for one, s in zip((0.6, 0.1, 0.9, 0.5), (width, height) * 2, strict=True)
    )
    for plane, value, step in ((planes.luma, 57, 1), (planes.blue, 128, 2), (planes.red, 128, 2)):
        inside = plane[-(-top // step) : bottom // step, -(-left // step) : right // step]
        assert (inside == value).all()


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1280, 720), (320, 180), (704, 576)])
def test_a_plane_is_drawn_as_a_whole_picture_is(width: int, height: int) -> None:
    """Whether a row of a place's pixels is written as one number or not."""
    rng = np.random.default_rng(11)
    luma = rng.integers(0, 256, (height, width), np.uint8)
    picture = ArrayPicture(np.dstack([luma] * 3))
    hidden = np.zeros((round(160 * height / width), 160), np.uint8)
    for coarseness in (1, 2, 3, 4, 1):
        top, left = rng.integers(0, hidden.shape[0] - 20), rng.integers(0, 120)
        hidden[top : top + 20, left : left + 40] = coarseness
    chroma = np.full((height // 2, width // 2), 128, np.uint8)
    planes = Planes(luma.copy(), chroma.copy(), chroma.copy())
    draw_planes(planes, hidden, ())
    whole = drawn(picture, hidden, (), width)
    assert (planes.luma == whole[:, :, 0]).all()
    assert (planes.luma != luma).any()
    assert (planes.blue == 128).all()


@given(st.integers(8, 300), st.integers(8, 160), st.integers(1, 4))
def test_a_cell_is_never_smaller_than_a_sixth_of_who_is_hidden_by_it(
    rows: int, columns: int, coarseness: int
) -> None:
    """Nor at the edges, where a whole one does not fit."""
    image = np.random.default_rng(12).integers(0, 256, (rows, columns, 3), np.uint8)
    hidden = np.full((rows // 2, columns // 2), coarseness, np.uint8)
    shown = drawn(ArrayPicture(image[: rows // 2 * 2]), hidden, (), columns // 2 * 2)
    least = int(len(shown) / 6 / 2 ** (4 - coarseness))  # a cell ends with a pixel
    for column in range(0, shown.shape[1], 5):
        assert min(runs(shown[:, column])) >= min(least, len(shown) - 2)
