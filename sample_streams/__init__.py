"""Recorded sample streams with exact truth, their generator, and a server that plays them."""

from sample_streams.rtsp.access import Credentials
from sample_streams.rtsp.clip import ClipUnusable
from sample_streams.rtsp.live import Sent
from sample_streams.scenes import (
    UnknownScene,
    scene_boxes,
    scene_file,
    scene_names,
    scene_video,
    scenes_folder,
)
from sample_streams.sendlog import read_send_log
from sample_streams.server import SampleCamera, SampleServer

__all__ = [
    "ClipUnusable",
    "Credentials",
    "SampleCamera",
    "SampleServer",
    "Sent",
    "UnknownScene",
    "read_send_log",
    "scene_boxes",
    "scene_file",
    "scene_names",
    "scene_video",
    "scenes_folder",
]
