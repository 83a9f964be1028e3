"""The session description (RFC 8866) of a camera. Pure."""

import base64

from sample_streams.rtsp.clip import Clip
from sample_streams.rtsp.quirks import Quirks
from sample_streams.rtsp.rtp import CLOCK_HZ, PAYLOAD_TYPE

TRACK = "track0"
"""The picture; dead tracks are `dead0` and so on."""
DEAD = "dead"
JPEG_TYPE = 26
"""Static payload type of JPEG (RFC 3551 §6)."""
_NAMES = {"h264": "H264", "h265": "H265", "mjpeg": "JPEG"}
_DEAD_MEDIA = {
    "audio": ("m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"),
    "video": ("m=video 0 RTP/AVP 97", "a=rtpmap:97 H264/90000"),
    # What ONVIF cameras send along (ONVIF Streaming §5.1.2.1.1).
    "application": ("m=application 0 RTP/AVP 107", "a=rtpmap:107 vnd.onvif.metadata/90000"),
}


def payload_type(codec: str) -> int:
    return JPEG_TYPE if codec == "mjpeg" else PAYLOAD_TYPE


def description(name: str, clip: Clip, quirks: Quirks = Quirks()) -> str:
    """One picture track, after whatever dead ones the camera has."""
    number = payload_type(clip.codec)
    lines = [
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        f"s={name}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
    ]
    for at, kind in enumerate(quirks.dead_tracks):
        lines += [*_DEAD_MEDIA[kind], f"a=control:{DEAD}{at}"]
    lines += [
        f"m=video 0 RTP/AVP {number}",
        f"a=rtpmap:{number} {_NAMES[clip.codec]}/{CLOCK_HZ}",
        *_format(clip, number, announced=quirks.sets_announced),
        f"a=framerate:{float(clip.frames_per_s):g}",
        f"a=control:{TRACK}",
    ]
    return "\r\n".join([*lines, ""])


def _format(clip: Clip, number: int, *, announced: bool) -> list[str]:
    """RFC 6184 §8.1, RFC 7798 §7.1; JPEG has no parameters."""
    announced = announced and bool(clip.sps)
    if clip.codec == "h265" and announced:
        sets = (("vps", clip.vps), ("sps", clip.sps), ("pps", clip.pps))
        return [f"a=fmtp:{number} " + ";".join(f"sprop-{of}={_base64(unit)}" for of, unit in sets)]
    if clip.codec != "h264":
        return []
    if not announced:
        return [f"a=fmtp:{number} packetization-mode=1"]
    profile = clip.sps[1:4].hex().upper()
    sets_text = ",".join(_base64(unit) for unit in (clip.sps, clip.pps))
    parameters = f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sets_text}"
    return [f"a=fmtp:{number} {parameters}"]


def _base64(unit: bytes) -> str:
    return base64.b64encode(unit).decode()
