"""Who watches a live view cannot read anybody once it is decoded: a sample of the part `blur` of
`make prove`, and that its measure sees what can be read."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from detect import Box, NanoDet
from tests.blur_budget import Person, frames_of, truth_of
from tests.blur_decoded import Viewer, figures, watch

SCENES = Path(__file__).parents[2] / "sample_streams" / "scenes"


def test_people_cannot_be_read_in_what_a_viewer_decodes() -> None:
    frames = islice(frames_of(SCENES / "gate.mp4"), 345, 375)
    truth = truth_of(SCENES / "gate.truth.jsonl.gz")[345:]
    viewer = watch(frames, truth, NanoDet())
    assert len(viewer.covered) > 50
    assert all(figure.holds for figure in figures(viewer)), figures(viewer)


def test_the_measure_sees_what_came_clear() -> None:
    clear = np.random.default_rng(5).normal(128, 30, (64, 64)).astype(np.float32)
    drawn = np.full_like(clear, 128)
    somebody = [Person(1, Box(0.25, 0.25, 0.75, 0.75))]
    hidden, bare = Viewer(), Viewer()
    hidden.compare(clear, drawn, drawn + 2, somebody)
    bare.compare(clear, drawn, clear, somebody)
    assert (hidden.covered, bare.covered) == ([1.0], [0.0])
    assert hidden.through == pytest.approx(0, abs=0.01)
    assert bare.through == pytest.approx(1)
    never_hidden = Viewer()
    never_hidden.compare(clear, clear, clear, somebody)
    assert never_hidden.covered == [0.0]
