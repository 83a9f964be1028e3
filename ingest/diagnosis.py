"""Why a camera could not be opened, where FFmpeg does not tell: asked of the camera itself, once.

FFmpeg says the same thing of a camera that lets us in and is silent, of a web server, and of an
answer without an end: that it waited in vain. One short look of our own tells them apart.
"""

from urllib.parse import urlsplit

from ingest import errors
from ingest.rtsp_look import RtspLook, Spoke, look
from ingest.streams import StreamFailed
from ingest.tls import CameraTls
from record.cameras import CAMERA_SCHEMES, CameraReason, CameraUrl

LOOK_S = 1.0

_BY_SPOKE = {
    Spoke.NOTHING: (CameraReason.STALLED, "it lets us in and then says nothing"),
    Spoke.HUNG_UP: (CameraReason.REFUSED, "it lets us in and hangs up"),
    Spoke.HTTP: (
        CameraReason.REFUSED,
        "a web server answers on that port, and streams have another",
    ),
    Spoke.NOISE: (CameraReason.REFUSED, "what answers on that port does not speak RTSP"),
    Spoke.TOO_MUCH: (CameraReason.CORRUPT, "its answer is too long to be one"),
}


def diagnosed(
    failed: errors.Unclear, url: CameraUrl, tls: CameraTls, server_name: str | None
) -> StreamFailed:
    """What is really the matter; `failed` itself where nothing better is found out."""
    host = urlsplit(url.address).hostname or ""
    return reason_of(look(url, host, LOOK_S, tls, server_name)) or failed


def reason_of(seen: RtspLook) -> StreamFailed | None:
    if seen.spoke in _BY_SPOKE:
        return StreamFailed(*_BY_SPOKE[seen.spoke])
    if seen.redirected and not _to_a_camera(seen.leads_to):
        return errors.leads_nowhere()
    if seen.described and all(media != "video" for media, _ in seen.tracks):
        return errors.no_video()
    return None


def _to_a_camera(leads_to: str | None) -> bool:
    scheme = (leads_to or "").partition(":")[0].lower()
    return scheme in CAMERA_SCHEMES - {"file", "whip"}
