"""What a probe says in a terminal: only what is known, and the verdict last."""

import pytest

from record.cameras import CameraReason, Transport
from record.messages import Matter, ProbedPeople, ProbedStream, ProbeReport, Verdict
from tests.fakes.probes import REPORT, STREAM
from wardwatch.cli.probe_shown import show

GONE = STREAM.model_copy(
    update={
        "reachable": False,
        "reason": CameraReason.REFUSED,
        "detail": "nothing listens on that port",
        "sign_in": "unknown",
        "clock": "unknown",
        "tracks_known": False,
        **dict.fromkeys(
            (
                "transport",
                "codec",
                "width",
                "height",
                "frames_per_s",
                "keyframe_s",
                "kbit_per_s",
                "first_picture_s",
                "loss",
            )
        ),
    }
)
SLOW = Verdict(grade="usable", word=Matter.SLOW, sentence="Usable, but slow.")
LOSS = Verdict(grade="usable", word=Matter.LOSS, sentence="Usable, but lossy.")


def lines_of(capsys: pytest.CaptureFixture[str], main: ProbedStream, **more: object) -> list[str]:
    report: ProbeReport = REPORT.model_copy(update={"main": main, **more})
    show(report)
    return capsys.readouterr().out.rstrip().splitlines()


def test_rows_of_which_nothing_is_known_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    said = "\n".join(lines_of(capsys, GONE))
    assert "nothing listens on that port" in said
    for label in ("sign-in", "picture", "keyframe", "bit rate", "lost", "clock", "sound"):
        assert label not in said


def test_a_transport_that_was_not_to_be_had_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    show(REPORT, Transport.UDP)
    assert "tcp, for udp did not work" in capsys.readouterr().out
    show(REPORT)
    assert "did not work" not in capsys.readouterr().out


def test_on_a_screen_no_word_is_cut_in_two(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    sentence = "Usable, but " + "far away people are missed " * 6
    show(REPORT.model_copy(update={"verdict": SLOW.model_copy(update={"sentence": sentence})}))
    shown = capsys.readouterr().out.partition("Usable")[2].splitlines()
    assert len(shown) > 2
    assert all(len(line) <= 60 for line in shown)
    assert all(line.split()[-1] in sentence.split() for line in shown)


def test_the_verdict_stands_last_and_what_else_is_amiss_below_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = lines_of(capsys, STREAM, verdict=LOSS, matters=(LOSS, SLOW))
    assert said[-2:] == ["Usable, but lossy.", "And: Usable, but slow."]
    assert lines_of(capsys, STREAM)[-1] == "Good."


@pytest.mark.parametrize(
    ("seen", "stated", "whose"),
    [(1, False, "the one seen"), (3, False, "the smallest of 3 seen"), (0, True, "as stated")],
)
def test_the_size_of_people_is_a_sentence(
    capsys: pytest.CaptureFixture[str], seen: int, stated: bool, whose: str
) -> None:
    people = ProbedPeople(
        seen=seen,
        height=0.1,
        stated=stated,
        px=60,
        px_per_m=37,
        iec="detect",
        detector_px=30,
        reach="sometimes",
    )
    said = " ".join(lines_of(capsys, STREAM, people=people))
    assert whose in said
    assert "37 px/m (IEC 62676-4: detect), 30 rows" in said
    assert "misses them at times" in said
