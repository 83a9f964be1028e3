"""What FFmpeg is told for each scheme: which protocols it may speak, and how little to wait.

Sources: FFmpeg 8.1, "Protocols" (`protocol_whitelist`), "rtsp" and "Format Options".
"""

from urllib.parse import urlsplit

from ingest.learned import Reading
from record.cameras import Transport

_RTSP_PROTOCOLS = "rtsp,rtp,tcp,udp"
_ALLOWED_PROTOCOLS = {
    "rtsp": _RTSP_PROTOCOLS,
    "rtsps": f"{_RTSP_PROTOCOLS},tls,srtp",
    "file": "file",
}
"""`udp` and `rtp` are names FFmpeg asks for while it sets up any RTSP session; the transport
option below says what the media travel by."""


_FILE_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,wav"
"""Plain containers only: FFmpeg would also play text as a terminal, and follow playlists. Sound is
let through so that it can be called by its name."""


UDP_REORDER_S = 0.1
"""How long a packet over UDP is waited for while later ones are there already."""
UDP_BUFFER_BYTES = 1 << 20
"""A keyframe comes in one burst; the system's default takes 200 kB of it."""


def options_for(
    address: str,
    *,
    connect_timeout_s: float,
    reading: Reading,
    transport: Transport = Transport.TCP,
    udp_ports: range | None = None,
) -> dict[str, str]:
    """FFmpeg options for an address whose scheme `CameraUrl` has let through."""
    scheme = urlsplit(address).scheme
    options = {"protocol_whitelist": _ALLOWED_PROTOCOLS[scheme]}
    if scheme == "file":
        return options | {"format_whitelist": _FILE_FORMATS}
    if reading is not Reading.PACKETS:
        options["fflags"] = "noparse+nofillin"
    if reading is Reading.PIECES_UNSEEN:
        # The least there is: one packet is looked at, which cannot be the middle of a unit yet.
        options["probesize"] = "32"
    if transport is Transport.UDP and udp_ports is not None:
        # Connected before anything is sent: it shows to whom, and nobody else is heard.
        options["rtsp_flags"] = "filter_src"
        options["min_port"], options["max_port"] = str(udp_ports[0]), str(udp_ports[-1])
    return (
        options
        | _TRANSPORT[transport]
        | {
            # Sound tracks are not even set up: nobody listens, and they would cost packets.
            "allowed_media_types": "video",
            # Behind the guard of `ingest.deadline`, in microseconds: each wait for the socket.
            "timeout": str(int(connect_timeout_s * 1_000_000)),
            # The SDP names codec and size as a rule; what it leaves out shows in the first
            # keyframe. `fflags nobuffer` is left out on purpose: it throws away the packets looked
            # at here, and with them the keyframe that the first picture needs.
            "analyzeduration": "100000",
            "fpsprobesize": "0",
        }
    )


_TRANSPORT = {
    # TCP delivers in order: nothing to reorder, nothing to wait for.
    Transport.TCP: {"rtsp_transport": "tcp", "reorder_queue_size": "0", "max_delay": "0"},
    Transport.UDP: {
        "rtsp_transport": "udp",
        "max_delay": str(int(UDP_REORDER_S * 1_000_000)),
        "buffer_size": str(UDP_BUFFER_BYTES),
    },
}
