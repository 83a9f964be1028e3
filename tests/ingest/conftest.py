"""How hypothesis runs here, and one clip that all file tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.ingest.clips import write_clip

settings.register_profile("ingest", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("ingest")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty frames of 160x96 at 10 frames a second."""
    return write_clip(tmp_path_factory.mktemp("clip") / "thirty.mp4", frames=30)
