"""What a device answers, read with suspicion: values, or `OnvifFailed` with the reason."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
import urllib3
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import Fault, TransportError

from ingest.onvif import OnvifFailed
from ingest.onvif_xml import Element, read_xml, text_of
from record.cameras import CameraReason

T = TypeVar("T")


def answered(ask: Callable[[], T]) -> T:
    """What was asked, or `OnvifFailed`: the one place where everybody's errors are sorted."""
    try:
        return ask()
    except Fault as fault:
        raise _of_fault(fault) from None
    except TransportError as error:
        raise _of_status(error.status_code) from None
    except requests.Timeout:
        raise OnvifFailed(CameraReason.STALLED, "it did not answer in time") from None
    except requests.RequestException:
        raise OnvifFailed(CameraReason.UNREACHABLE, "it does not answer, or hung up") from None
    except (OSError, urllib3.exceptions.HTTPError):
        raise OnvifFailed(CameraReason.UNREACHABLE, "the line to it is broken") from None
    except (ZeepError, etree.LxmlError, ValueError, TypeError, LookupError, AttributeError):
        # zeep trusts what it is told: of garbage it raises whatever happens to go wrong first.
        raise OnvifFailed(CameraReason.CORRUPT, "what it answers is not ONVIF") from None
    except (ArithmeticError, RecursionError, AssertionError):
        raise OnvifFailed(CameraReason.CORRUPT, "what it answers is not ONVIF") from None


def _of_fault(fault: Fault) -> OnvifFailed:
    codes = " ".join(str(code) for code in (fault.code, *(fault.subcodes or ())))
    said = f"{codes} {fault.message}".lower().replace(" ", "")
    if "notauthorized" in said or "failedauthentication" in said or "unauthorized" in said:
        return OnvifFailed(CameraReason.AUTH_FAILED, "user name or password is wrong for ONVIF")
    if "notsupported" in said or "noprofile" in said or "noentity" in said:
        return OnvifFailed(CameraReason.NOT_FOUND, "it does not offer that")
    return OnvifFailed(CameraReason.CORRUPT, "it refuses with a fault of its own")


def _of_status(status: int | None) -> OnvifFailed:
    if status in (401, 403):
        return OnvifFailed(CameraReason.AUTH_FAILED, "user name or password is wrong for ONVIF")
    if status in (404, 405):
        return OnvifFailed(CameraReason.NOT_FOUND, "there is no ONVIF at that address")
    return OnvifFailed(CameraReason.CORRUPT, f"it answers with HTTP {status}")


def text(of: Any, name: str) -> str:
    """At most 200 printable characters of what should be text."""
    value = getattr(of, name, None)
    shown = "".join(char for char in value if char.isprintable()) if isinstance(value, str) else ""
    return shown.strip()[:200] if name != "Uri" else shown.strip()[:2000]


def whole(of: Any, name: str) -> int | None:
    value = getattr(of, name, None)
    return value if isinstance(value, int) and 0 <= value < 1_000_000 else None


def moment(told: Any) -> datetime | None:
    date: Any = getattr(told, "Date", None)
    time: Any = getattr(told, "Time", None)
    try:
        return datetime(
            date.Year, date.Month, date.Day, time.Hour, time.Minute, min(time.Second, 59), 0, UTC
        )
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


def events_of(answer: requests.Response, most: int) -> list[tuple[str, dict[str, str]]]:
    """From the XML itself: zeep loses the text of a topic, whose type is mixed content."""
    root = read_xml(answer.content)
    if root is None:
        raise OnvifFailed(CameraReason.CORRUPT, "what it answers is not XML")
    if root.find(".//{*}PullMessagesResponse") is None:
        if answer.status_code in (401, 403) or "NotAuthorized" in text_of(root, "Subcode/{*}Value"):
            raise _of_status(401)
        raise OnvifFailed(CameraReason.CORRUPT, "it refuses to tell of events")
    found = list(root.iter("{*}NotificationMessage"))[:most]
    return [(text_of(one, "Topic", 500), _items(one)) for one in found]


def _items(message: Element) -> dict[str, str]:
    found = [item for data in message.iter("{*}Data") for item in data.iter("{*}SimpleItem")]
    return {item.get("Name", ""): item.get("Value", "")[:200] for item in found[:32]}
