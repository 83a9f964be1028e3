"""GStreamer as a WHIP publisher; run by the system's Python, which has its bindings.

    python3 gstreamer_publisher.py URL TOKEN CODEC SECONDS

Debian's GStreamer has `webrtcbin`, which is all of WebRTC, and not yet `whipsink`, which is the few
lines of HTTP below. Prints `begun` once it is connected. Its certificate is RSA, as is its default.
"""

import sys
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402 - after the versions

CODECS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 "
    "! rtph264pay config-interval=-1 pt=96 "
    "! application/x-rtp,media=video,encoding-name=H264,payload=96",
    "vp8": "vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay pt=97 "
    "! application/x-rtp,media=video,encoding-name=VP8,payload=97",
}


class Publisher:
    def __init__(self, url: str, token: str, codec: str) -> None:
        self.url, self.token = url, token
        self.location = ""
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(
            "videotestsrc is-live=true pattern=ball "
            "! video/x-raw,width=320,height=180,framerate=15/1 "
            f"! videoconvert ! {CODECS[codec]} ! webrtcbin name=peer bundle-policy=max-bundle"
        )
        self.peer = self.pipeline.get_by_name("peer")
        # Its ICE would use all addresses of this machine but this one. Kept as long as the peer,
        # whose only reference to it the bindings take over.
        self.ice = self.peer.props.ice_agent
        self.ice.emit("add-local-ip-address", "127.0.0.1")
        self.peer.connect("on-negotiation-needed", self.negotiate)
        self.peer.connect("notify::ice-gathering-state", self.gathered)
        self.peer.connect("notify::connection-state", self.state)

    def run(self, seconds: float) -> None:
        GLib.timeout_add(int(seconds * 1000), self.loop.quit)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        if self.location:
            self.call("DELETE", self.location)
        self.pipeline.set_state(Gst.State.NULL)

    def negotiate(self, peer: object) -> None:
        transceiver = self.peer.emit("get-transceiver", 0)
        transceiver.props.direction = GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY
        promise = Gst.Promise.new_with_change_func(self.offered, None)
        self.peer.emit("create-offer", None, promise)

    def offered(self, promise: Gst.Promise, _data: object) -> None:
        # Both are kept: what the reply holds goes with it.
        self.reply = promise.get_reply()
        self.offer = self.reply.get_value("offer")
        self.peer.emit("set-local-description", self.offer, Gst.Promise.new())

    def gathered(self, *_: object) -> None:
        if self.peer.props.ice_gathering_state != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        # Not in the peer's own thread, which has to go on meanwhile.
        GLib.idle_add(self.post)

    def post(self) -> bool:
        offer = self.peer.props.local_description.sdp.as_text()
        answered = self.call("POST", self.url, offer.encode())
        self.location = answered[1]
        _, message = GstSdp.SDPMessage.new()
        GstSdp.sdp_message_parse_buffer(answered[0], message)
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        answer = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        self.peer.emit("set-remote-description", answer, Gst.Promise.new())
        return False

    def state(self, *_: object) -> None:
        if self.peer.props.connection_state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            print("begun", flush=True)

    def call(self, method: str, url: str, body: bytes | None = None) -> tuple[bytes, str]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        request = urllib.request.Request(url, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            location = response.headers.get("Location", "")
            origin = "/".join(self.url.split("/")[:3])
            return response.read(), origin + location if location else ""


if __name__ == "__main__":
    Gst.init(None)
    Publisher(sys.argv[1], sys.argv[2], sys.argv[3]).run(float(sys.argv[4]))
