"""GStreamer as a WHIP publisher, with its default (RSA) certificate.

FFmpeg's client, which Debian's package is too old to have, comes with PyAV's wheels and is tested
with the rest (`tests/wardwatch/test_whip_ffmpeg.py`)."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from record.cameras import CameraState
from record.places import EVERYTHING
from record.publishing import secret_hash
from tests.api.conftest import SETTINGS, running
from tests.peers.servers import SYSTEM_PYTHON
from tests.wardwatch.test_worker_whip import PHONE, Phones, phones
from tests.wardwatch.workers import await_true

MISSING = "GStreamer's WebRTC is not installed; `make test-peers` installs it"
CLIENT = Path(__file__).with_name("gstreamer_publisher.py")
TOKEN, SECONDS = "token-of-gstreamer", 6
_HAS_BINDINGS = (
    "import gi; gi.require_version('GstWebRTC', '1.0'); gi.require_version('GstSdp', '1.0'); "
    "from gi.repository import Gst, GstSdp, GstWebRTC; Gst.init(None); "
    "assert all(Gst.ElementFactory.find(e) for e in ('webrtcbin', 'nicesrc', 'x264enc', 'vp8enc'))"
)

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module", autouse=True)
def _gstreamer() -> None:
    if not Path(SYSTEM_PYTHON).exists():
        pytest.skip(MISSING)
    tried = subprocess.run([SYSTEM_PYTHON, "-c", _HAS_BINDINGS], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip(MISSING)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Phones, str]]:
    with phones(tmp_path) as one:
        with one.store.write(EVERYTHING) as record:
            record.publishing.set_token(PHONE, secret_hash(TOKEN))
        with running(one.store, one.running.socket_path.parent, SETTINGS) as api:
            yield one, f"{api.url}/api/v1/cameras/{PHONE}/whip"


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_gstreamer_publishes(served: tuple[Phones, str], codec: str) -> None:
    one, url = served
    command = [SYSTEM_PYTHON, str(CLIENT), url, TOKEN, codec, str(SECONDS)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as client:
        await_true(lambda: one.state[0] is CameraState.ONLINE or client.poll(), 30)
        _, told = client.communicate(timeout=30)
    assert client.returncode == 0, told
    one.await_nobody(4)
    counts = one.running.only
    assert (counts.width, counts.height) == (320, 180)
    assert counts.decoded >= 30
    assert counts.dropped["corrupt"] <= 2
