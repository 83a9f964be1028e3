"""From a script to the three files of a recorded scene."""

from collections.abc import Iterator
from pathlib import Path

from sample_streams.generate.boxes import write_boxes
from sample_streams.generate.direct import Scene, stage_scene
from sample_streams.generate.encode import encode
from sample_streams.generate.figures import FRAMES_PER_S
from sample_streams.generate.material import Bgr, Material
from sample_streams.generate.scene_file import scene_json
from sample_streams.generate.script import Script
from sample_streams.generate.truth import Frame, tell

SEED = 20261124


def produce(name: str, script: Script, material: Material, folder: Path, seed: int = SEED) -> None:
    """Write NAME.mp4, NAME.scene.json and NAME.truth.jsonl.gz into a folder."""
    scene = stage_scene(material, script, seed)
    frames: list[Frame] = []
    video = folder / f"{name}.mp4"
    encode(video, _filmed(scene, frames), crf=script.crf)
    truth = tell(script, frames, 1 / FRAMES_PER_S)
    text = scene_json(video.name, script, truth)
    (folder / f"{name}.scene.json").write_text(text, encoding="utf-8")
    write_boxes(folder / f"{name}.truth.jsonl.gz", frames)


def _filmed(scene: Scene, frames: list[Frame]) -> Iterator[Bgr]:
    """Pictures for the encoder, their truth kept on the way: a clip need not fit in memory."""
    for shot in scene.shots():
        frames.append(shot.truth)
        yield shot.picture
