"""Painting: who hides whom, and how much of whom is seen."""

import numpy as np
import pytest

from sample_streams.generate.canvas import Canvas, place
from sample_streams.generate.figures import Cell


def block(height: int = 40, width: int = 20) -> Cell:
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = 200
    return Cell(pixels, width / 2, float(height), float(height))


def canvas() -> Canvas:
    return Canvas(np.full((100, 200, 3), 100, np.float32))


def test_a_figure_stands_on_its_foot_at_its_height() -> None:
    sheet = canvas()
    silhouette = sheet.paint(place(block(), 50, 80, 60), 1, gain=1.0, lift=0.0)
    assert silhouette.box is not None
    x0, y0, x1, y1 = silhouette.box
    assert (x0 + x1) / 2 == pytest.approx(50, abs=1)
    assert y1 == pytest.approx(80, abs=1)
    assert y1 - y0 == pytest.approx(60, abs=2)
    assert sheet.share(silhouette) == 1.0


def test_whoever_is_painted_later_hides_and_the_share_says_how_much() -> None:
    sheet = canvas()
    behind = sheet.paint(place(block(), 50, 80, 40), 1, gain=1.0, lift=0.0)
    front = sheet.paint(place(block(), 60, 80, 40), 2, gain=1.0, lift=0.0)
    assert sheet.share(front) == 1.0
    assert sheet.share(behind) == pytest.approx(0.5, abs=0.06)
    assert front.box is not None
    assert behind.box is not None


def test_outside_the_frame_counts_as_unseen() -> None:
    sheet = canvas()
    half = sheet.paint(place(block(), 0, 80, 40), 1, gain=1.0, lift=0.0)
    assert sheet.share(half) == pytest.approx(0.5, abs=0.06)
    gone = sheet.paint(place(block(), -50, 80, 40), 2, gain=1.0, lift=0.0)
    assert gone.box is None
    assert sheet.share(gone) == 0.0


def test_an_occluder_brings_the_background_back() -> None:
    sheet = canvas()
    person = sheet.paint(place(block(), 50, 80, 40), 1, gain=1.0, lift=0.0)
    mask = np.zeros((100, 200), np.float32)
    mask[:, :50] = 1
    sheet.repaint(mask)
    assert sheet.share(person) == pytest.approx(0.5, abs=0.06)
    assert sheet.picture[70, 45].tolist() == [100, 100, 100]
    assert sheet.picture[70, 55, 0] > 150


def test_light_and_shadow() -> None:
    sheet = canvas()
    sheet.shadow(100, 50, 10, 3)
    assert sheet.picture[50, 100, 0] == pytest.approx(65)
    assert sheet.picture[0, 0, 0] == 100
    sheet.paint(place(block(), 50, 80, 40), 1, gain=0.5, lift=10)
    assert sheet.picture[70, 50, 0] == pytest.approx(110)
