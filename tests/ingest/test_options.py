import errno
from collections.abc import Callable

import av.error
import pytest

from ingest.errors import while_dialling, while_opening, while_reading
from ingest.learned import Reading
from ingest.options import options_for
from ingest.streams import StreamFailed
from record.cameras import CAMERA_SCHEMES, CameraReason


@pytest.mark.parametrize("scheme", sorted(CAMERA_SCHEMES - {"whip"}))
def test_every_scheme_has_its_own_short_list_of_protocols(scheme: str) -> None:
    options = options_for(f"{scheme}://host/path", connect_timeout_s=5, reading=Reading.PIECES)
    allowed = set(options["protocol_whitelist"].split(","))
    assert allowed.isdisjoint({"http", "https", "ftp", "concat", "pipe", "data", "subfile"})
    assert ("file" in allowed) == (scheme == "file")


def test_media_stay_on_the_one_connection() -> None:
    options = options_for("rtsp://host/path", connect_timeout_s=2.5, reading=Reading.PACKETS)
    assert options["rtsp_transport"] == "tcp"
    assert options["timeout"] == "2500000"
    assert "fflags" not in options


def system_error(number: int) -> av.error.FFmpegError:
    return av.error.FFmpegError(
        number, "said of rtsp://user:secret@host/", "rtsp://user:secret@host/"
    )


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT])
def test_a_network_that_does_not_lead_there_is_unreachable(number: int) -> None:
    failed = while_dialling(system_error(number))
    assert failed.reason is CameraReason.UNREACHABLE
    assert "secret" not in str(failed)


@pytest.mark.parametrize("sort", [while_dialling, while_opening, while_reading])
@pytest.mark.parametrize("number", [errno.EIO, errno.EPERM, 12345678, -1])
def test_whatever_comes_has_a_reason_and_no_address(
    sort: Callable[[av.error.FFmpegError], StreamFailed], number: int
) -> None:
    failed = sort(system_error(number))
    assert failed.reason in CameraReason
    assert "host" not in failed.detail.replace("no such host", "")
    assert "secret" not in str(failed)
