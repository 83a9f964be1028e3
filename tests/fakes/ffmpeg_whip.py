"""FFmpeg's own WHIP client, as a program:

    python ffmpeg_whip.py URL TOKEN PROFILE SECONDS CERTIFICATE KEY active|passive

PyAV's wheels bring FFmpeg 8 with its `whip` muxer. A process of its own, for PyAV holds the
interpreter's lock while FFmpeg shakes hands with the server. Prints `begun` once it publishes.

The certificate (PEM) is given: built with GnuTLS, as in these wheels, FFmpeg makes itself one on
the curve P-224, which OpenSSL 4 takes from nobody (RFC 8422 has left it out of TLS).
"""

import sys
import time
from fractions import Fraction

import av
import numpy as np

RATE = 15


def main(url: str, token: str, profile: str, seconds: str, cert: str, key: str, role: str) -> None:
    options = {
        "authorization": token,
        "handshake_timeout": "8000",
        "cert_file": cert,
        "key_file": key,
        "whip_flags": "dtls_active" if role == "active" else "0",
    }
    with av.open(url, "w", format="whip", options=options) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.gop_size = RATE
        # `veryfast`: the one above it has nothing that takes more than the baseline profile.
        stream.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": profile,
            "bf": "0",
        }
        began = time.monotonic()
        for number in range(int(float(seconds) * RATE)):
            pixels = np.full((180, 320, 3), 90, np.uint8)
            left = number * 4 % 280
            pixels[60:120, left : left + 40] = 230
            frame = av.VideoFrame.from_ndarray(pixels, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
            if number == 0:
                print("begun", flush=True)
            time.sleep(max(0.0, began + number / RATE - time.monotonic()))


if __name__ == "__main__":
    main(*sys.argv[1:8])
