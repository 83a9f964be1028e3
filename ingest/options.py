"""What FFmpeg is told for each scheme: which protocols it may speak, and how little to wait.

Sources: FFmpeg 8.1, "Protocols" (`protocol_whitelist`), "rtsp" and "Format Options".
"""

from urllib.parse import urlsplit

_RTSP_PROTOCOLS = "rtsp,rtp,tcp,udp"
_ALLOWED_PROTOCOLS = {
    "rtsp": _RTSP_PROTOCOLS,
    "rtsps": f"{_RTSP_PROTOCOLS},tls,srtp",
    "file": "file",
}
"""`udp` and `rtp` are names FFmpeg asks for while it sets up any RTSP session; the transport
option below keeps the media on the one TCP connection."""


_FILE_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,wav"
"""Plain containers only: FFmpeg would also play text as a terminal, and follow playlists. Sound is
let through so that it can be called by its name."""


def options_for(address: str, *, connect_timeout_s: float, in_pieces: bool) -> dict[str, str]:
    """FFmpeg options for an address whose scheme `CameraUrl` has let through.

    `in_pieces`: hand over packets as RTP brought them, without FFmpeg's parser, which holds every
    picture back until the next one begins.
    """
    scheme = urlsplit(address).scheme
    options = {"protocol_whitelist": _ALLOWED_PROTOCOLS[scheme]}
    if scheme == "file":
        return options | {"format_whitelist": _FILE_FORMATS}
    if in_pieces:
        options["fflags"] = "noparse+nofillin"
    return options | {
        "rtsp_transport": "tcp",
        # Sound tracks are not even set up: nobody listens, and they would cost packets.
        "allowed_media_types": "video",
        # Behind the guard of `ingest.deadline`, in microseconds: each wait for the socket.
        "timeout": str(int(connect_timeout_s * 1_000_000)),
        # TCP delivers in order: nothing to reorder, nothing to wait for.
        "reorder_queue_size": "0",
        "max_delay": "0",
        # The SDP names codec and size as a rule; what it leaves out shows in the first keyframe.
        # `fflags nobuffer` is left out on purpose: it throws away the packets looked at here,
        # and with them the keyframe that the first picture needs.
        "analyzeduration": "100000",
        "fpsprobesize": "0",
    }
