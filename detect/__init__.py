"""Frames to people, tracks, occupancy and findings. How a pixel becomes a breach, and the source
of every threshold: docs/detection.md."""

from detect.blur import coarse, cover, unreadable
from detect.detector import Detections, Detector, ModelUnusable
from detect.geometry import Box
from detect.nanodet import DEFAULT_MODEL, NanoDet
from detect.rules import BUILT_RULES
from detect.schedule import LOOKS_PER_S, LookSchedule
from detect.tracks import Track
from detect.watch import CameraWatch, Look

__all__ = [
    "BUILT_RULES",
    "DEFAULT_MODEL",
    "LOOKS_PER_S",
    "Box",
    "CameraWatch",
    "Detections",
    "Detector",
    "Look",
    "LookSchedule",
    "ModelUnusable",
    "NanoDet",
    "Track",
    "coarse",
    "cover",
    "unreadable",
]
