import numpy as np
import pytest

from detect.motion import Motion, corners, correct, measure, predict

ASPECT = 9 / 16


def test_boxes_and_back() -> None:
    boxes = np.array([[0.1, 0.2, 0.2, 0.6]], np.float32)
    values = measure(boxes, ASPECT)
    assert values[0] == pytest.approx([0.15, 0.6 * ASPECT, 0.1, 0.4 * ASPECT])
    assert corners(values)[0] == pytest.approx([0.1, 0.2 * ASPECT, 0.2, 0.6 * ASPECT])


def reference(measurements: np.ndarray, dt: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """The same filter for one coordinate, written with matrices as the textbook has it."""
    frames = dt * 30
    transition = np.array([[1.0, dt], [0.0, 1.0]])
    noise = np.diag([(height / 20) ** 2 * frames, (height / 160 * 30) ** 2 * frames])
    seen = np.array([[1.0, 0.0]])
    mean = np.array([measurements[0], 0.0])
    spread = np.diag([(2 * height / 20) ** 2, (10 * height / 160 * 30) ** 2])
    for measurement in measurements[1:]:
        mean, spread = transition @ mean, transition @ spread @ transition.T + noise
        total = (seen @ spread @ seen.T).item() + (height / 20) ** 2
        gain = (spread @ seen.T)[:, 0] / total
        mean = mean + gain * (measurement - mean[0])
        spread = spread - np.outer(gain, gain) * total
    return mean, spread


def test_four_small_filters_are_the_large_one() -> None:
    xs = np.array([0.1, 0.13, 0.15, 0.19, 0.2])
    rows = [np.array([[x, 0.5, 0.1, 0.2]]) for x in xs]
    motion = Motion.born(rows[0])
    for row in rows[1:]:
        motion = predict(motion, 0.2, np.array([False]))
        motion = correct(motion, np.array([0]), row)
    mean, spread = reference(xs, 0.2, 0.2)
    assert motion.position[0, 0] == pytest.approx(mean[0])
    assert motion.velocity[0, 0] == pytest.approx(mean[1])
    assert motion.pp[0, 0] == pytest.approx(spread[0, 0])
    assert motion.pv[0, 0] == pytest.approx(spread[0, 1])
    assert motion.vv[0, 0] == pytest.approx(spread[1, 1])


def test_who_is_not_seen_walks_on_and_keeps_their_size() -> None:
    motion = Motion(
        np.array([[0.5, 0.5, 0.1, 0.2]]),
        np.array([[0.1, 0.0, 0.3, -0.3]]),
        *(np.full((1, 4), value) for value in (1e-4, 0.0, 1e-4)),
    )
    later = predict(motion, 1.0, np.array([True]))
    assert later.position[0] == pytest.approx([0.6, 0.5, 0.1, 0.2])
    assert (later.pp > motion.pp).all()
