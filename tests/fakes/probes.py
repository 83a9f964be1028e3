"""Answers to probes, as a worker that has just looked would give them."""

from record.cameras import Transport
from record.messages import FoundDevice, Matter, ProbedStream, ProbeReport, Verdict

STREAM = ProbedStream(
    stream="main",
    reachable=True,
    reason=None,
    detail="",
    sign_in="digest",
    encrypted=False,
    server="Hikvision",
    transport=Transport.TCP,
    codec="h264",
    width=1920,
    height=1080,
    frames_per_s=15.0,
    announced_frames_per_s=15.0,
    keyframe_s=2.0,
    kbit_per_s=900.0,
    first_picture_s=0.4,
    loss=0.0,
    clock="agrees",
    clock_ahead_s=None,
    audio=None,
    tracks_known=True,
    seconds=4.0,
)
REPORT = ProbeReport(
    main=STREAM,
    sub=None,
    device=None,
    people=None,
    maker="Hikvision",
    verdict=Verdict(grade="good", word=Matter.GOOD, sentence="Good."),
    matters=(),
)
DEVICE = FoundDevice(
    address="192.168.1.64",
    service="http://192.168.1.64/onvif/device_service",
    name="HIKVISION DS-2CD2043",
    hardware="DS-2CD2043",
    location="vietnam",
)
