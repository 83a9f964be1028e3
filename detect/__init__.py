"""Frames to people, tracks, occupancy and findings. How a pixel becomes a breach, and the source
of every threshold: docs/detection.md."""

from detect.blur import hidden_in, unlooked
from detect.camera_rules import CAMERA_RULES, Trouble
from detect.close import CloseLook, Piece
from detect.detector import Detections, Detector, ModelUnusable
from detect.geometry import Box
from detect.ground import Coarse, Ground, Judged, clears, coarse, doubtful, judge, step_ground
from detect.guard import CameraGuard
from detect.memory import GuardMemory
from detect.mosaic import Hidden, cover_planes, draw_planes, drawn, even_height
from detect.nanodet import DEFAULT_MODEL, NanoDet
from detect.rules import BUILT_RULES
from detect.schedule import LOOKS_PER_S, LookSchedule
from detect.tamper import TAMPER_REASONS, Tampering
from detect.tracker import UNSURE
from detect.tracks import Track
from detect.watch import CameraWatch, Look

__all__ = [
    "BUILT_RULES",
    "CAMERA_RULES",
    "DEFAULT_MODEL",
    "LOOKS_PER_S",
    "TAMPER_REASONS",
    "UNSURE",
    "Box",
    "CameraGuard",
    "CameraWatch",
    "CloseLook",
    "Coarse",
    "Detections",
    "Detector",
    "Ground",
    "GuardMemory",
    "Hidden",
    "Judged",
    "Look",
    "LookSchedule",
    "ModelUnusable",
    "NanoDet",
    "Piece",
    "Tampering",
    "Track",
    "Trouble",
    "clears",
    "coarse",
    "cover_planes",
    "doubtful",
    "draw_planes",
    "drawn",
    "even_height",
    "hidden_in",
    "judge",
    "step_ground",
    "unlooked",
]
