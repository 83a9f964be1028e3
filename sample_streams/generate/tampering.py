"""What somebody does to a camera: cover it, shine into it, turn its focus or the camera itself,
switch the light off, freeze it."""

import cv2
import numpy as np

from sample_streams.generate.canvas import Picture
from sample_streams.generate.script import Tampering
from sample_streams.generate.stage import HEIGHT, WIDTH, Stage

_COVER_S = 0.6
_DARK = 0.045
_DEFOCUS_PX = 9.0
"""Standard deviation of the blur: a person at 10 m is a smear."""
_TURN_DEG, _ZOOM, _PUSH = 14.0, 1.25, (70.0, -45.0)


def under_way(tamperings: tuple[Tampering, ...], at_s: float) -> Tampering | None:
    return next((t for t in tamperings if t.from_s <= at_s < t.to_s), None)


def tampered(picture: Picture, stage: Stage, tampering: Tampering, at_s: float) -> Picture:
    """The picture while it lasts; frozen pictures are repeated where they are coded."""
    if tampering.kind == "covered":
        return _covered(picture, min(at_s - tampering.from_s, tampering.to_s - at_s) / _COVER_S)
    if tampering.kind == "dark":
        return picture * np.float32(_DARK)
    if tampering.kind == "blinded":
        return _blinded(picture)
    if tampering.kind == "defocused":
        return cv2.GaussianBlur(picture, (0, 0), _DEFOCUS_PX).astype(np.float32)
    if tampering.kind == "moved":
        return _moved(stage)
    return picture


def _covered(picture: Picture, progress: float) -> Picture:
    """A dark soft sheet from the top right corner; all over at progress 1."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    along = (down / HEIGHT + (WIDTH - across) / WIDTH) / 2
    sheet = np.clip((progress * 1.25 - along) / 0.12, 0, 1)[..., None]
    folds = 24.0 + 6.0 * np.sin(across / 47.0 + down / 90.0)[..., None]
    covered: Picture = (picture * (1 - sheet) + folds * sheet).astype(np.float32)
    return covered


def _blinded(picture: Picture) -> Picture:
    """A torch held at the lens: a disc beyond white, a veil of scattered light over everything,
    and an exposure that has given way by two stops."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    apart = np.hypot(down - 0.45 * HEIGHT, across - 0.55 * WIDTH)[..., None] / WIDTH
    light = 800.0 * np.exp(-((apart / 0.28) ** 2)) + 100.0 * np.exp(-apart / 0.5)
    blinded: Picture = np.minimum(picture * np.float32(0.25) + light, 255).astype(np.float32)
    return blinded


def _moved(stage: Stage) -> Picture:
    """The same place seen by a turned camera; beyond the background's edge it is mirrored."""
    left, top, right, _ = stage.view.crop
    scale = WIDTH / (right - left)
    shown = np.array([[scale, 0, -left * scale], [0, scale, -top * scale], [0, 0, 1]])
    if stage.view.mirrored:
        shown = np.array([[-1, 0, WIDTH], [0, 1, 0], [0, 0, 1]]) @ shown
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), _TURN_DEG, _ZOOM)
    turn[:, 2] += np.array(_PUSH)
    move = (np.vstack([turn, [0, 0, 1]]) @ shown)[:2]
    return cv2.warpAffine(
        stage.whole, move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    ).astype(np.float32)
