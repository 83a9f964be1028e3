"""Reading a clip into coded frames."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams import ClipUnusable, scene_video
from sample_streams.rtsp.clip import load_clip, parameter_sets, split_nal_units


def test_a_recorded_clip() -> None:
    clip = load_clip(scene_video("real"))
    assert (clip.width, clip.height, clip.frames_per_s, len(clip.frames)) == (
        640,
        360,
        Fraction(10),
        400,
    )
    assert clip.duration_s == 40.0
    assert clip.sps[0] & 31 == 7
    assert clip.pps[0] & 31 == 8
    assert [at for at, frame in enumerate(clip.frames) if frame.key] == list(range(0, 400, 20))
    assert all(unit[0] & 31 in {1, 5, 6} for frame in clip.frames for unit in frame.nal_units)


def test_what_cannot_be_played_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    for path in (broken, tmp_path / "missing.mp4"):
        with pytest.raises(ClipUnusable, match=path.name):
            load_clip(path)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=6), st.sampled_from([2, 4]))
def test_nal_units_behind_their_lengths(units: list[bytes], length_bytes: int) -> None:
    sample = b"".join(len(unit).to_bytes(length_bytes, "big") + unit for unit in units)
    assert list(split_nal_units(sample, length_bytes)) == units


def test_a_unit_longer_than_its_sample() -> None:
    with pytest.raises(ValueError, match="longer"):
        split_nal_units(b"\x00\x00\x00\x09abc", 4)


@pytest.mark.parametrize(
    "record", [b"", b"\x00" * 20, b"\x01" + b"\x00" * 9, b"\x01MM\x1f\xff\xe1\x00\x09ab"]
)
def test_broken_parameter_sets(record: bytes) -> None:
    with pytest.raises(ValueError, match=r"record|parameter set"):
        parameter_sets(record)
