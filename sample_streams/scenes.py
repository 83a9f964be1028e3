"""Where the recorded scenes lie: in this package, beside the code, in a checkout as in a wheel."""

from importlib import resources
from pathlib import Path

SUFFIX = ".scene.json"


class UnknownScene(Exception):
    """No recorded scene of that name; carries the names that exist."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known = scene_names()
        super().__init__(f"no sample scene {name!r}; there are {', '.join(self.known)}")


def scenes_folder() -> Path:
    """A real folder: pip always unpacks wheels, so no temporary copy is needed."""
    return Path(str(resources.files("sample_streams"))) / "scenes"


def scene_names() -> tuple[str, ...]:
    return tuple(sorted(p.name.removesuffix(SUFFIX) for p in scenes_folder().glob("*" + SUFFIX)))


def scene_file(name: str) -> Path:
    """The scene file (lines, areas, rules, truth) of a recorded scene."""
    return _existing(name, SUFFIX)


def scene_video(name: str) -> Path:
    """The recorded clip of a scene: H.264, 640x360, 10 frames a second."""
    return _existing(name, ".mp4")


def scene_boxes(name: str) -> Path:
    """Where every person is in every frame: gzipped JSON lines, see `generate.boxes`."""
    return _existing(name, ".truth.jsonl.gz")


def _existing(name: str, suffix: str) -> Path:
    # Names come from command lines and URLs: never let one point outside the folder.
    if not name.isidentifier():
        raise UnknownScene(name)
    path = scenes_folder() / f"{name}{suffix}"
    if not path.is_file():
        raise UnknownScene(name)
    return path
