"""What several makes of camera say of themselves over ONVIF. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoding:
    """One profile, as the make writes it."""

    token: str
    codec: str
    width: int
    height: int
    fps: int = 15
    kbit: int = 1024
    path: str = "/stream"


@dataclass(frozen=True, slots=True)
class Make:
    """What one make says of itself."""

    manufacturer: str
    model: str
    firmware: str
    profiles: tuple[Encoding, ...]
    media_path: str = "/onvif/Media"
    topics: tuple[tuple[str, str, str], ...] = ()
    """(topic, name of the item, value) of the events it tells of, each once."""


HIKVISION = Make(
    "HIKVISION",
    "DS-2CD2043G2-I",
    "V5.7.3 build 220112",
    (
        Encoding("Profile_1", "H264", 2688, 1520, 20, 4096, "/Streaming/Channels/101"),
        Encoding("Profile_2", "H264", 640, 360, 15, 512, "/Streaming/Channels/102"),
    ),
    topics=(
        ("tns1:RuleEngine/CellMotionDetector/Motion", "IsMotion", "true"),
        ("tns1:VideoSource/ImageTooDark/ImagingService", "State", "true"),
        ("tns1:UserAlarm/IVA/HumanShapeDetect", "State", "true"),
    ),
)
DAHUA = Make(
    "Dahua",
    "IPC-HFW2431S",
    "2.800.0000000.31.R",
    (
        Encoding(
            "MediaProfile00000",
            "H265",
            2560,
            1440,
            25,
            3072,
            "/cam/realmonitor?channel=1&subtype=0",
        ),
        Encoding(
            "MediaProfile00001", "H265", 704, 576, 15, 512, "/cam/realmonitor?channel=1&subtype=1"
        ),
        Encoding(
            "MediaProfile00002", "H264", 1280, 720, 15, 1024, "/cam/realmonitor?channel=1&subtype=2"
        ),
    ),
    media_path="/onvif/media_service",
    topics=(("tns1:VideoSource/GlobalSceneChange/ImagingService", "State", "1"),),
)
AXIS = Make(
    "AXIS",
    "P3245-V",
    "10.12.114",
    (Encoding("profile_1_h264", "H264", 1920, 1080, 30, 0, "/onvif-media/media.amp"),),
    media_path="/onvif/services",
    topics=(("tns1:VideoSource/tnsaxis:Tampering", "Tampering", "1"),),
)
TAPO = Make(
    "tp-link",
    "Tapo C200",
    "1.1.9",
    (
        Encoding("profile_1", "H264", 1920, 1080, 15, 2048, "/stream1"),
        Encoding("profile_2", "H264", 640, 360, 15, 512, "/stream2"),
        Encoding("profile_3", "MPEG4", 320, 240, 15, 128, "/stream8"),
    ),
    media_path="/onvif/service",
)
NAMELESS = Make("", "", "", ())
"""Has no profile at all."""
