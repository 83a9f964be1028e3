"""The room's face: sorted, complete, and cheap to import."""

import subprocess
import sys

import sample_streams


def test_the_face_is_sorted_and_holds_what_it_says() -> None:
    assert list(sample_streams.__all__) == sorted(sample_streams.__all__, key=str)
    assert all(hasattr(sample_streams, name) for name in sample_streams.__all__)


def test_serving_loads_no_picture_library() -> None:
    code = "import sys, sample_streams.serve; print('cv2' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split()[0] == "False"


def test_the_data_carries_its_licences() -> None:
    folder = sample_streams.scenes_folder().parent
    notice = (folder / "NOTICE").read_text(encoding="utf-8")
    assert "vtest.avi" in notice
    assert "BSD-3-Clause" in notice
    assert (folder / "LICENSE-Apache-2.0.txt").is_file()
