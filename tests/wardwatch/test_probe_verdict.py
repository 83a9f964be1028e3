"""The verdict: one sentence for whatever was found, with the mend in it."""

from dataclasses import replace as changed
from typing import Any

import pytest

from record.cameras import CameraReason
from record.messages import ProbedDevice, ProbedPeople, ProbedStream, Verdict
from tests.fakes.probes import STREAM
from wardwatch.makers import maker_of
from wardwatch.probe_verdict import Found, matters, verdict

PEOPLE = ProbedPeople(
    seen=1,
    height=0.3,
    stated=False,
    px=324,
    px_per_m=200,
    iec="recognise",
    detector_px=54,
    reach="sure",
)
DEVICE = ProbedDevice(
    manufacturer="HIKVISION",
    model="DS",
    firmware="5",
    clock_ahead_s=0.4,
    main=None,
    sub="rtsp://h/sub",
)


def stream(**more: Any) -> ProbedStream:
    return STREAM.model_copy(update=more)


def sub(**more: Any) -> ProbedStream:
    return stream(stream="sub", width=640, height=360, kbit_per_s=200.0, **more)


def judged(found: Found) -> Verdict:
    said = verdict(found)
    assert said.sentence.endswith(".")
    assert "\n" not in said.sentence
    assert len(said.sentence) < 260
    return said


def test_good_says_what_it_is() -> None:
    said = judged(Found(stream(), people=PEOPLE, device=DEVICE))
    assert (said.grade, said.word) == ("good", "good")
    assert "1920x1080, H.264, 15 pictures a second, 900 kbit/s" in said.sentence


@pytest.mark.parametrize("reason", CameraReason)
def test_every_reason_has_its_mend(reason: CameraReason) -> None:
    main = judged(Found(stream(reason=reason)))
    assert (main.grade, main.word) == ("unusable", reason.value)
    assert main.sentence.startswith("Unusable, ")
    assert ": " in main.sentence
    second = judged(Found(stream(), sub(reason=reason)))
    assert (second.grade, second.word) == ("unusable", reason.value)
    assert second.sentence.startswith("Its sub-stream is unusable, ")


def test_what_this_camera_did_is_said_rather_than_what_the_like_of_it_do() -> None:
    silent = stream(
        reason=CameraReason.STALLED,
        detail="it lets us in and then says nothing",
        first_picture_s=None,
    )
    said = judged(Found(silent)).sentence
    assert said.startswith("Unusable, it lets us in and then says nothing: restart the camera")
    assert "sub-stream" not in said
    thin = judged(Found(stream(reason=CameraReason.STALLED, detail="no picture for 2 s")))
    assert thin.sentence.startswith("Unusable, no picture for 2 s: watch the sub-stream")


@pytest.mark.parametrize(
    ("found", "grade", "word", "says"),
    [
        (
            Found(
                stream(), people=PEOPLE.model_copy(update={"reach": "never", "detector_px": 9.0})
            ),
            "unusable", "too_small", "9 rows",
        ),
        (
            Found(stream(), people=PEOPLE.model_copy(update={"reach": "sometimes"})),
            "usable", "small", "zoom in",
        ),
        (Found(stream(loss=0.05)), "usable", "loss", "5% of what it sends"),
        (Found(stream(), sub(loss=0.1)), "usable", "loss", "10%"),
        (Found(stream(frames_per_s=2.0)), "usable", "slow", "2.0 pictures a second"),
        (Found(stream(frames_per_s=2.0), sub()), "good", "good", "nothing to mend"),
        (Found(stream(), sub(frames_per_s=1.0)), "usable", "slow", "set it to 5"),
        (Found(stream(clock_ahead_s=90.0)), "usable", "clock_skewed", "90 s fast"),
        (Found(stream(clock_ahead_s=-25_200.0)), "usable", "clock_skewed", "7 h slow"),
        (
            Found(stream(), device=DEVICE.model_copy(update={"clock_ahead_s": -3e8})),
            "usable", "clock_skewed", "days slow",
        ),
        (Found(stream(keyframe_s=10.0)), "usable", "rare_keyframes", "10 s or more"),
        (Found(stream(keyframe_s=None, seconds=8.0)), "usable", "rare_keyframes", "8 s or more"),
        (Found(stream(keyframe_s=None, seconds=2.0)), "good", "good", "nothing to mend"),
        (Found(stream(kbit_per_s=4096.0)), "usable", "no_sub_stream", "4096 kbit/s"),
        (Found(stream(kbit_per_s=4096.0), device=DEVICE), "usable", "no_sub_stream", "rtsp://h/sub"),
        (Found(stream(kbit_per_s=4096.0), sub()), "good", "good", "640x360"),
        (Found(stream(sign_in="basic")), "usable", "bare_password", "RTSPS"),
        (Found(stream(sign_in="basic", encrypted=True)), "good", "good", "nothing to mend"),
        (Found(stream(frames_per_s=5.0)), "good", "good", "5 pictures"),
    ],
)  # fmt: skip
def test_what_matters_is_named_with_the_mend(
    found: Found, grade: str, word: str, says: str
) -> None:
    said = judged(found)
    assert (said.grade, said.word) == (grade, word)
    assert says in said.sentence


def test_the_worst_goes_first() -> None:
    small = PEOPLE.model_copy(update={"reach": "never"})
    found = Found(stream(loss=0.5, frames_per_s=1.0), people=small)
    assert judged(found).word == "too_small"
    assert judged(changed(found, main=stream(reason=CameraReason.STALLED))).word == "stalled"


@pytest.mark.parametrize(
    ("manufacturer", "server", "maker"),
    [
        ("HIKVISION", None, "Hikvision"),
        ("tp-link", "something", "TP-Link"),
        ("Some Maker", "Hipcam RealServer/V1.0", "Some Maker"),
        (None, "Vivotek RTSP server", "Vivotek"),
        (None, "Rtsp Server/3.0", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_the_maker_is_what_is_plainly_said(
    manufacturer: str | None, server: str | None, maker: str | None
) -> None:
    assert maker_of(manufacturer, server) == maker


def test_all_that_matters_is_told_and_the_verdict_is_the_first_of_it() -> None:
    found = Found(stream(frames_per_s=2.0, keyframe_s=9.0, loss=0.1, kbit_per_s=4000.0))
    said = matters(found)
    assert [one.word for one in said] == ["loss", "slow", "rare_keyframes", "no_sub_stream"]
    assert said[0] == verdict(found)
    assert matters(Found(stream())) == ()
