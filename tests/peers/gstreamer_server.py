"""GStreamer's RTSP server with a moving test picture; run by the system's Python, which has its
bindings. `gstreamer_server.py '{"port": 8554, "coding": "h264", …}'`, see `Camera`."""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - after the versions

CODINGS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 "
    "! rtph264pay name=pay0 pt=96 config-interval=1",
    "h264-b": "x264enc bframes=2 speed-preset=ultrafast key-int-max=15 "
    "! rtph264pay name=pay0 pt=96 config-interval=1",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 "
    "! rtph265pay name=pay0 pt=96 config-interval=1",
    "mjpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
}
BARE = (
    "! capssetter name=pay0 replace=true caps=application/x-rtp,media=video,clock-rate=90000,"
    "encoding-name=H264,packetization-mode=(string)1,payload=96"
)
"""Forgets, of what is announced, the parameter sets."""
LEAP_EVERY_MS = 1500
SOUND = "audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=8"


def main() -> None:
    wanted = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(str(wanted["port"]))
    factory = GstRtspServer.RTSPMediaFactory.new()
    frames = wanted.get("frames", -1)
    picture = (
        f"videotestsrc is-live=true num-buffers={frames} pattern=ball "
        "! video/x-raw,format=I420,width=320,height=192,framerate=15/1"
    )
    sound = SOUND if wanted.get("sound") else ""
    coding = CODINGS[wanted["coding"]]
    if wanted.get("bare"):
        coding = coding.replace("name=pay0 ", "") + f" {BARE}"
    if wanted.get("leap_s"):
        picture += " ! identity name=leaps"
    factory.set_launch(f"( {picture} ! {coding} {sound} )")
    factory.connect("media-configure", configure, wanted)
    if "user" in wanted:
        guard(server, factory, wanted["user"], wanted["password"])
    server.get_mount_points().add_factory("/gate", factory)
    if not server.attach(None):
        sys.exit("the port is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


def configure(_factory, media, wanted) -> None:  # type: ignore[no-untyped-def] # gi has no types
    if "leap_s" in wanted:
        pad = media.get_element().get_by_name("leaps").get_static_pad("src")
        step, leapt = int(wanted["leap_s"] * Gst.SECOND), [0]

        def leap() -> bool:
            leapt[0] += step
            pad.set_offset(leapt[0])
            return True

        GLib.timeout_add(LEAP_EVERY_MS, leap)
    if wanted.get("reports") is False:
        media.connect("prepared", fall_silent)


def fall_silent(media) -> None:  # type: ignore[no-untyped-def] # gi has no types
    """No reports leave."""
    pipeline = media.get_element().get_parent()
    rtpbin = next(one for one in pipeline.children if one.get_factory().get_name() == "rtpbin")
    for pad in rtpbin.srcpads:
        if pad.get_name().startswith("send_rtcp_src"):
            pad.add_probe(
                Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST,
                lambda *_: Gst.PadProbeReturn.DROP,
            )


def guard(server, factory, user, password) -> None:  # type: ignore[no-untyped-def] # gi has no types
    """Digest, and nothing else."""
    auth, token = GstRtspServer.RTSPAuth.new(), GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", user)
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions.new()
    permissions.add_role(user)
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role(user, right, True)
    factory.set_permissions(permissions)


if __name__ == "__main__":
    main()
