"""Frames to people, tracks, occupancy and findings. How a pixel becomes a breach, and the source
of every threshold: docs/detection.md."""

from detect.blur import hidden_in
from detect.camera_rules import CAMERA_RULES, Trouble
from detect.detector import Detections, Detector, ModelUnusable
from detect.geometry import Box
from detect.ground import Coarse, Ground, coarse, step_ground
from detect.guard import CameraGuard
from detect.memory import GuardMemory
from detect.mosaic import Hidden, cover_planes, draw_planes, drawn, even_height
from detect.nanodet import DEFAULT_MODEL, NanoDet
from detect.rules import BUILT_RULES
from detect.schedule import LOOKS_PER_S, LookSchedule
from detect.tamper import TAMPER_REASONS, Tampering
from detect.tracks import Track
from detect.watch import CameraWatch, Look

__all__ = [
    "BUILT_RULES",
    "CAMERA_RULES",
    "DEFAULT_MODEL",
    "LOOKS_PER_S",
    "TAMPER_REASONS",
    "Box",
    "CameraGuard",
    "CameraWatch",
    "Coarse",
    "Detections",
    "Detector",
    "Ground",
    "GuardMemory",
    "Hidden",
    "Look",
    "LookSchedule",
    "ModelUnusable",
    "NanoDet",
    "Tampering",
    "Track",
    "Trouble",
    "coarse",
    "cover_planes",
    "draw_planes",
    "drawn",
    "even_height",
    "hidden_in",
    "step_ground",
]
