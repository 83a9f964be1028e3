"""Real players against the real server."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from sample_streams import (
    ClipUnusable,
    Credentials,
    SampleCamera,
    SampleServer,
    Sent,
    UnknownScene,
)
from sample_streams.generate.encode import encode
from sample_streams.generate.stage import HEIGHT, WIDTH
from sample_streams.rtsp.quirks import Quirks
from sample_streams.sendlog import read_send_log
from sample_streams.serve import camera

TCP = {"rtsp_transport": "tcp", "fpsprobesize": "0", "analyzeduration": "1", "fflags": "nobuffer"}


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.5 s, so that a test sees it go round."""
    path: Path = tmp_path_factory.mktemp("clip") / "short.mp4"
    pictures = (np.full((HEIGHT, WIDTH, 3), 8 * at, np.uint8) for at in range(15))
    encode(path, pictures, crf=30)
    return path


VideoPacket: TypeAlias = "av.Packet[VideoStream]"


def packets(url: str, count: int, **options: str) -> Iterator[VideoPacket]:
    with av.open(url, options=TCP | options, timeout=5) as container:
        for at, packet in enumerate(container.demux(container.streams.video[0])):
            yield packet
            if at + 1 == count:
                return


def seconds(packet: VideoPacket) -> float:
    assert packet.pts is not None
    assert packet.time_base is not None
    return float(packet.pts * packet.time_base)


def decoded(packet: VideoPacket) -> list[av.VideoFrame]:
    """What a packet alone decodes to."""
    codec = av.VideoCodecContext.create("h264", "r")
    return [*codec.decode(packet), *codec.decode(None)]


def wall_clock_s(packet: VideoPacket) -> float:
    """The sender report's time of a packet: AVProducerReferenceTime, microseconds since 1970."""
    return int.from_bytes(bytes(packet.get_sidedata("prft"))[:8], "little") / 1e6


def test_times_grow_across_the_loop_and_agree_with_the_send_log(short_clip: Path) -> None:
    sent: dict[float, Sent] = {}
    with SampleServer(
        [SampleCamera("short", short_clip, 0.5)],
        on_sent=lambda one: sent.update({round(one.pts_s, 3): one}),
    ) as server:
        read = list(packets(server.url("short"), 32))
    times = [seconds(packet) for packet in read]
    assert times == pytest.approx([times[0] + at / 10 for at in range(32)])
    assert {round(one.scene_s, 1) for one in sent.values()} == {at / 10 for at in range(15)}
    # The pictures that go ahead, from the keyframe on, were taken before the camera began.
    live = [packet for packet in read if seconds(packet) >= min(sent)]
    assert len(live) >= 25
    for packet in live:
        one = sent[round(seconds(packet), 3)]
        assert one.sent_at >= one.due_at - 0.001
        assert wall_clock_s(packet) == pytest.approx(one.due_at, abs=0.005)


def test_two_players_of_one_camera_see_the_same_moment(short_clip: Path) -> None:
    with SampleServer([SampleCamera("a", short_clip), SampleCamera("b", short_clip)]) as server:
        first = packets(server.url("a"), 30)
        for _ in range(5):
            next(first)
        second = packets(server.url("a"), 30)
        next(second)
        assert server.viewers("a") == 2
        assert server.viewers("b") == 0
        ahead = {seconds(packet): packet.size for packet in first}
        shared = [p for p in second if seconds(p) in ahead]
        assert len(shared) >= 10
        assert all(ahead[seconds(packet)] == packet.size for packet in shared)


def test_a_camera_begins_when_it_is_watched_for_the_first_time(short_clip: Path) -> None:
    sent: list[Sent] = []
    with SampleServer(
        [SampleCamera("a", short_clip, 0.3)], on_sent=sent.append, begin_when_watched=True
    ) as server:
        time.sleep(0.6)
        assert sent == []
        assert len(list(packets(server.url("a"), 8))) == 8
        assert sent[0].scene_s == pytest.approx(0.3)
        assert sent[0].sent_at == pytest.approx(sent[0].due_at, abs=0.05)


def test_a_resting_camera_goes_on_with_empty_pictures(short_clip: Path) -> None:
    scene: list[float] = []
    camera = SampleCamera("a", short_clip, 1.0, rest_s=1.0)
    with SampleServer([camera], on_sent=lambda one: scene.append(one.scene_s)) as server:
        read = list(packets(server.url("a"), 34))
    # 15 pictures are one group: the rest is all of them, once more.
    assert len(read) == 34
    assert [round(s, 1) for s in scene[5:20]] == [at / 10 for at in range(15)]


def test_a_whole_picture_comes_at_once_wherever_the_scene_is() -> None:
    with SampleServer([SampleCamera("late", "real", 1.5)]) as server:
        for _ in range(2):
            began = time.monotonic()
            packet = next(packets(server.url("late"), 1, fflags="genpts"))
            assert packet.is_keyframe
            assert time.monotonic() - began < 1.0  # keyframes are 2 s apart
            assert next(iter(decoded(packet))).width == 640


@pytest.mark.parametrize("scheme", ["digest", "basic"])
def test_cameras_behind_a_password(short_clip: Path, scheme: str) -> None:
    credentials = Credentials("installer", "p:w", "basic" if scheme == "basic" else "digest")
    with SampleServer([SampleCamera("c", short_clip)], credentials=credentials) as server:
        url = server.url("c")
        assert len(list(packets(url.replace("//", "//installer:p%3Aw@"), 3))) == 3
        for wrong in (url, url.replace("//", "//installer:guess@")):
            with pytest.raises(av.HTTPUnauthorizedError):
                next(packets(wrong, 1))


def test_an_unknown_camera_is_refused_and_udp_where_it_is_to_be(short_clip: Path) -> None:
    stubborn = SampleCamera("c", short_clip, quirks=Quirks(udp="refuses"))
    with SampleServer([stubborn]) as server:
        with pytest.raises(av.HTTPNotFoundError):
            next(packets(server.url("other"), 1))
        with pytest.raises(OSError, match="not supported"):
            next(packets(server.url("c"), 1, rtsp_transport="udp"))


def ask(port: int, *requests: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"".join(requests))
        connection.shutdown(socket.SHUT_WR)
        answers = b""
        while data := connection.recv(65_536):
            answers += data
        return answers


def test_requests_out_of_order_and_nonsense(short_clip: Path) -> None:
    with SampleServer([SampleCamera("c", short_clip)]) as server:
        early = ask(server.port, b"PLAY rtsp://x/c RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        assert early.startswith(b"RTSP/1.0 454 ")
        odd = ask(server.port, b"RECORD rtsp://x/c RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        assert odd.startswith(b"RTSP/1.0 501 ")
        for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"a" * 20_000, b"\x00\r\n\r\n"):
            assert ask(server.port, nonsense).startswith(b"RTSP/1.0 400 ")
        assert ask(server.port, b"$\x00\x00\x02abOPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n").startswith(
            b"RTSP/1.0 200 OK\r\nCSeq: 2\r\n"
        )


def test_closing_waits_for_nobody_who_does_not_read_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with SampleServer([SampleCamera("real", "real")]) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as silent:
            silent.sendall(
                b"DESCRIBE rtsp://x/real RTSP/1.0\r\nCSeq: 1\r\n\r\n"
                b"SETUP rtsp://x/real/track0 RTSP/1.0\r\nCSeq: 2\r\n"
                b"Transport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"
            )
            assert b"454" not in silent.recv(4096)
            began = time.monotonic()
            server.close()
            assert time.monotonic() - began < 3.0
        assert not server.running
        server.close()
    assert threading.active_count() == before


def test_what_cannot_be_served_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnknownScene, match="gate"):
        SampleServer([SampleCamera("x", "nowhere")]).__enter__()
    with pytest.raises(UnknownScene):
        SampleServer([SampleCamera("x", "../scenes/gate")]).__enter__()
    with pytest.raises(ClipUnusable):
        SampleServer([SampleCamera("x", tmp_path / "none.mp4")]).__enter__()
    with pytest.raises(ValueError, match="same name"):
        SampleServer([SampleCamera("x", "real"), SampleCamera("x", "gate")])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            SampleServer([SampleCamera("x", "real")], port=port).__enter__()


def started(*arguments: str) -> tuple["subprocess.Popen[str]", str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sample_streams", "serve", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    word, url = process.stdout.readline().split()
    assert word == "ready"
    return process, url


def test_the_command_serves_logs_and_ends_on_a_signal(tmp_path: Path) -> None:
    log = tmp_path / "sent.jsonl"
    process, url = started("--camera", "door=real:+38.5", "--send-log", str(log))
    with process:
        read = list(packets(f"{url}/door", 5))
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    sent = read_send_log(log)
    assert {one.pts_s for one in sent} & {seconds(packet) for packet in read}
    assert [one.number for one in sent] == list(range(5, 5 + len(sent)))
    assert sent[0].scene_s == 38.5


def test_the_command_ends_with_its_parent() -> None:
    code = (
        "import subprocess, sys;"
        "p = subprocess.Popen([sys.executable, '-m', 'sample_streams', 'serve', '--camera',"
        " 'a=real', '--die-with-parent'], stdout=subprocess.PIPE);"
        "p.stdout.readline(); print(p.pid, flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        cwd=Path(__file__).parents[2],
    )
    child = int(done.stdout)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _alive(child):
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    """Running, and not merely waiting to be collected."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("text", ["gate", "=gate", "gate=", "a=gate:+x", "a=gate:+nan", "a=b:+-1"])
def test_a_camera_is_spelled_properly(text: str) -> None:
    with pytest.raises(Exception, match="is not NAME=SCENE"):
        camera(text)


def test_cameras_on_the_command_line(tmp_path: Path) -> None:
    assert camera("a=gate") == SampleCamera("a", "gate")
    assert camera("yard2=yard:+13.5") == SampleCamera("yard2", "yard", 13.5)
    assert camera("yard2=yard:+13.5~180") == SampleCamera("yard2", "yard", 13.5, 180.0)
    clip = tmp_path / "x.mp4"
    assert camera(f"a={clip}:+2") == SampleCamera("a", clip, 2.0)
