"""Light, weather and sensor: what lies between the place and the coded picture."""

import cv2
import numpy as np

from sample_streams.generate.canvas import Picture

NIGHT_GAIN, NIGHT_LIFT = 0.75, 35.0
"""People in infrared: black cloth is grey there."""
_STREAKS, _STREAK_PX, _STREAK_LIGHT = 260, (7, 22), 38.0
_HAZE, _HAZE_SHARE = 150.0, 0.25
_LUMA_NOISE, _CHROMA_NOISE = 0.8, 1.2


def night(picture: Picture) -> Picture:
    """An infrared lamp at the camera and a grey picture."""
    height, width = picture.shape[:2]
    luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    grey = 18.0 + 0.8 * 255.0 * np.power(np.clip(luma, 0, 255) / 255.0, 0.75)
    radius = 0.75 * width
    across = (np.arange(width, dtype=np.float32) - 0.5 * width) / radius
    down = (np.arange(height, dtype=np.float32) - 0.5 * height) / radius
    lamp = 0.25 + 0.75 * np.exp(-(down[:, None] ** 2) - across[None, :] ** 2)
    lit = cv2.GaussianBlur((grey * lamp).astype(np.float32), (0, 0), 0.8)
    grey_bgr: Picture = np.repeat(lit[..., None], 3, axis=2).astype(np.float32)
    return grey_bgr


def rain(picture: Picture, random: np.random.Generator) -> Picture:
    """Haze, and streaks that are new in every frame."""
    height, width = picture.shape[:2]
    streaks = np.zeros((height, width), np.uint8)
    starts = random.uniform((0, -20), (width, height), (_STREAKS, 2))
    for (x, y), length in zip(starts, random.uniform(*_STREAK_PX, _STREAKS), strict=True):
        end = (round(x + 0.18 * length), round(y + length))
        cv2.line(streaks, (round(x), round(y)), end, 255, 1, cv2.LINE_AA)
    light = streaks.astype(np.float32) / 255.0 * _STREAK_LIGHT
    hazy: Picture = picture + np.float32(_HAZE_SHARE) * (np.float32(_HAZE) - picture)
    hazy += light[..., None]
    return hazy


def noise(picture: Picture, sigma: float, random: np.random.Generator, *, grey: bool) -> Picture:
    """Sensor noise: white in luma, soft in chroma."""
    height, width = picture.shape[:2]
    luma = random.standard_normal((height, width, 1), dtype=np.float32) * (_LUMA_NOISE * sigma)
    if grey:
        return picture + luma
    coarse = random.standard_normal((height // 2, width // 2, 3), dtype=np.float32)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    chroma = soft - soft.mean(axis=2, keepdims=True)
    noisy: Picture = picture + luma
    noisy += chroma * np.float32(_CHROMA_NOISE * sigma)
    return noisy
