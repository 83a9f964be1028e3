"""FFmpeg's own WHIP client against a real API and a real worker."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiortc import RTCCertificate
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from record.cameras import CameraState
from record.places import EVERYTHING
from record.publishing import secret_hash
from tests.api.conftest import SETTINGS, running
from tests.fakes import ffmpeg_whip
from tests.fakes.publisher import RsaCertificate
from tests.wardwatch.test_worker_whip import PHONE, Phones, phones
from tests.wardwatch.workers import await_true

TOKEN = "token-of-ffmpeg"
SECONDS = 3


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Phones, str]]:
    """A worker with a camera that publishes, and the address to publish to."""
    with phones(tmp_path) as one:
        with one.store.write(EVERYTHING) as record:
            record.publishing.set_token(PHONE, secret_hash(TOKEN))
        with running(one.store, one.running.socket_path.parent, SETTINGS) as api:
            yield one, f"{api.url}/api/v1/cameras/{PHONE}/whip"


def pem_of(certificate: RTCCertificate, folder: Path) -> tuple[str, str]:
    cert, key = folder / "publisher.crt", folder / "publisher.key"
    cert.write_bytes(certificate._cert.public_bytes(Encoding.PEM))
    secret = certificate._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key.write_bytes(secret)
    return str(cert), str(key)


@pytest.mark.parametrize(
    ("profile", "certificate", "role"),
    [
        ("high", RTCCertificate.generateCertificate, "active"),
        ("high", RsaCertificate.make, "passive"),
        ("baseline", RTCCertificate.generateCertificate, "passive"),
    ],
    ids=["high", "rsa", "baseline"],
)
def test_ffmpeg_publishes(
    served: tuple[Phones, str], tmp_path: Path, profile: str, certificate: object, role: str
) -> None:
    one, url = served
    assert callable(certificate)
    pem = pem_of(certificate(), tmp_path)
    command = [sys.executable, ffmpeg_whip.__file__, url, TOKEN, profile, str(SECONDS), *pem, role]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as client:
        await_true(lambda: one.state[0] is CameraState.ONLINE or client.poll(), 20)
        _, told = client.communicate(timeout=30)
    assert client.returncode == 0, told
    one.await_nobody()  # it says goodbye by DELETE
    counts = one.running.only
    assert (counts.width, counts.height) == (320, 180)
    assert counts.decoded >= SECONDS * ffmpeg_whip.RATE * 0.9
    assert counts.dropped["corrupt"] <= 2
