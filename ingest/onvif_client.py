"""Asking one ONVIF device: who made it, what time it has, which streams it offers, what happens.

zeep speaks SOAP from ONVIF's own descriptions (`onvif_wsdl`); why zeep and not one of the two
packages on top of it stands in docs/cameras.md.
"""

import socket
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import zeep
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

from ingest.dialling import resolve
from ingest.onvif import (
    DEVICE_PATH,
    MOST_PROFILES,
    PORTS,
    OnvifDevice,
    OnvifFailed,
    Profile,
    stream_url,
)
from ingest.onvif_answers import answered, events_of, moment, text, whole
from ingest.onvif_transport import WSDL, DeviceTransport, LocalTransport
from ingest.streams import StreamFailed
from record.cameras import CameraReason
from record.clock import Clock
from record.networks import CameraNetworks

CALL_S = 4.0
LISTEN_S = 8.0
"""Of a call that a device may keep open: `ingest.onvif_events.WAIT_S` and some more."""
KNOCK_S = 0.7
"""For a port that may be closed, or filtered without a word."""
_SETTINGS = zeep.Settings(
    strict=False,  # cameras leave out what the standard asks for
    xml_huge_tree=False,
    forbid_dtd=True,
    forbid_entities=True,
    forbid_external=True,
)
_DEVICE = ("ver10/device/wsdl/devicemgmt.wsdl", "{http://www.onvif.org/ver10/device/wsdl}Device")
_MEDIA = ("ver10/media/wsdl/media.wsdl", "{http://www.onvif.org/ver10/media/wsdl}Media")
_EVENTS = "{http://www.onvif.org/ver10/events/wsdl}"
_EVENT = ("ver10/events/wsdl/event.wsdl", f"{_EVENTS}Event")
_PULL = ("ver10/events/wsdl/event.wsdl", f"{_EVENTS}PullPointSubscription")
_MANAGER = ("ver10/events/wsdl/event.wsdl", f"{_EVENTS}SubscriptionManager")


@cache
def _document(wsdl: str) -> Document:
    """Read once a process: a tenth of a second and some megabytes each."""
    transport: Any = LocalTransport()  # zeep says that it wants the class, and does not
    return Document(str(WSDL / wsdl), transport, settings=_SETTINGS)


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """Where a device answers, and as whom we ask."""

    service: str
    """`http://host/onvif/device_service`."""
    username: str | None = None
    password: str | None = None


class OnvifClient:
    """One device; used by one thread, `cut` by any. Every method raises `OnvifFailed`."""

    def __init__(
        self,
        at: DeviceAddress,
        networks: CameraNetworks,
        clock: Clock,
        *,
        call_s: float = CALL_S,
        budget_s: float | None = None,
    ) -> None:
        """`call_s`: of one call; `budget_s`: of all calls together, None: no limit."""
        self._call_s = call_s
        self._until = None if budget_s is None else clock.monotonic() + budget_s
        self._at = at
        self._clock = clock
        given = None if at.username is None else (at.username, at.password or "")
        try:
            address = resolve(urlsplit(at.service).hostname or "", networks)[0]
        except StreamFailed as failed:
            raise OnvifFailed(failed.reason, failed.detail) from None
        self._transport = DeviceTransport(address, given, call_s)
        self._ahead = timedelta(0)

    def close(self) -> None:
        self._transport.close()

    def cut(self) -> None:
        self._transport.cut()

    def clock_ahead(self) -> timedelta | None:
        """How far the device's clock is ahead; asked without a password, as the standard wants,
        for the password's own proof has the time in it. None: it does not tell a time."""
        answer = self._ask(_DEVICE, self._at.service, "GetSystemDateAndTime", signed=False)
        told = moment(getattr(answer, "UTCDateTime", None))
        if told is None:
            return None
        self._ahead = told - self._clock.now()
        return self._ahead

    def describe(self) -> OnvifDevice:
        """All that an installer wants to know."""
        ahead = self._clock_or_none()
        about = self._ask(_DEVICE, self._at.service, "GetDeviceInformation")
        return OnvifDevice(
            manufacturer=text(about, "Manufacturer"),
            model=text(about, "Model"),
            firmware=text(about, "FirmwareVersion"),
            clock_ahead=ahead,
            profiles=self.profiles(),
        )

    def profiles(self) -> tuple[Profile, ...]:
        """The streams, each with its address; empty where the device offers none."""
        media = self._service("Media")
        if media is None:
            return ()
        listed = self._ask(_MEDIA, media, "GetProfiles") or []
        if not isinstance(listed, list):
            raise OnvifFailed(CameraReason.CORRUPT, "its list of profiles is none")
        return tuple(self._profile(media, one) for one in listed[:MOST_PROFILES])

    def subscribe(self, lasts_s: float) -> "PullPoint":
        """A place to fetch events from; for so long, and then it has to be renewed."""
        self._clock_or_none()
        events = self._service("Events")
        if events is None:
            raise OnvifFailed(CameraReason.NOT_FOUND, "it offers no events")
        made = self._ask(
            _EVENT, events, "CreatePullPointSubscription", InitialTerminationTime=_lasting(lasts_s)
        )
        reference = getattr(made, "SubscriptionReference", None)
        address = getattr(getattr(reference, "Address", None), "_value_1", None)
        if not isinstance(address, str):
            raise OnvifFailed(CameraReason.CORRUPT, "it does not say where to fetch events")
        return PullPoint(self, self._at_device(address))

    def _clock_or_none(self) -> timedelta | None:
        try:
            return self.clock_ahead()
        except OnvifFailed as failed:
            if failed.reason in (CameraReason.CORRUPT, CameraReason.AUTH_FAILED):
                return None
            raise

    def _service(self, name: str) -> str | None:
        """The address of one of the device's services."""
        answer = self._ask(_DEVICE, self._at.service, "GetCapabilities", Category=["All"])
        address = getattr(getattr(answer, name, None), "XAddr", None)
        return self._at_device(address) if isinstance(address, str) and address else None

    def _at_device(self, xaddr: str) -> str:
        """Path and query of an address that the device gave, at the device that we reached: what
        it names besides is its own view of its network, and may lead anywhere."""
        try:
            given = urlsplit(xaddr.strip())
        except ValueError:
            raise OnvifFailed(CameraReason.CORRUPT, "an address that it names is none") from None
        ours = urlsplit(self._at.service)
        return urlunsplit((ours.scheme, ours.netloc, given.path or "/", given.query, ""))

    def _profile(self, media: str, profile: Any) -> Profile:
        encoder = getattr(profile, "VideoEncoderConfiguration", None)
        size = getattr(encoder, "Resolution", None)
        rate = getattr(encoder, "RateControl", None)
        token = text(profile, "token")
        return Profile(
            token=token,
            name=text(profile, "Name"),
            codec=text(encoder, "Encoding"),
            width=whole(size, "Width") or 0,
            height=whole(size, "Height") or 0,
            frames_per_s=whole(rate, "FrameRateLimit"),
            kbit_per_s=whole(rate, "BitrateLimit"),
            url=None if encoder is None or not token else self._stream_url(media, token),
        )

    def _stream_url(self, media: str, token: str) -> Any:
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        try:
            answer = self._ask(_MEDIA, media, "GetStreamUri", StreamSetup=setup, ProfileToken=token)
        except OnvifFailed as failed:
            if failed.reason in (CameraReason.CORRUPT, CameraReason.NOT_FOUND):
                return None  # of this profile alone
            raise
        return stream_url(text(answer, "Uri"), urlsplit(self._at.service).hostname or "")

    def _ask(
        self,
        of: tuple[str, str],
        address: str,
        what: str,
        *,
        signed: bool = True,
        raw: bool = False,
        **more: Any,
    ) -> Any:
        """`raw`: the HTTP answer as it is, whatever its status."""
        self._transport.call_s = self._time_left()

        def ask() -> Any:
            client = zeep.Client(
                _document(of[0]),
                transport=self._transport,
                settings=_SETTINGS,
                wsse=self._token() if signed else None,
            )
            service = client.create_service(f"{of[1]}Binding", address)
            with client.settings(raw_response=raw):
                return service[what](**more)

        return answered(ask)

    def _time_left(self) -> float:
        """For the next call."""
        if self._until is None:
            return self._call_s
        left = self._until - self._clock.monotonic()
        if left <= 0:
            raise OnvifFailed(CameraReason.STALLED, "it takes too long")
        return min(self._call_s, left)

    def _token(self) -> UsernameToken | None:
        """WS-UsernameToken with the password's digest, at the time that the device has."""
        if self._at.username is None:
            return None
        created = (self._clock.now() + self._ahead).replace(tzinfo=None)
        return UsernameToken(
            self._at.username,
            self._at.password or "",
            use_digest=True,
            created=created,
            zulu_timestamp=True,
        )


def reach(
    host: str,
    credentials: tuple[str, str] | None,
    networks: CameraNetworks,
    clock: Clock,
    *,
    ports: tuple[int, ...] = PORTS,
    call_s: float = CALL_S,
    budget_s: float | None = None,
) -> OnvifClient:
    """The device at `host`, at the first of `ports` where one answers. Raises `OnvifFailed`."""
    try:
        address = resolve(host, networks)[0]
    except StreamFailed as failed:
        raise OnvifFailed(failed.reason, failed.detail) from None
    shown = f"[{address}]" if ":" in address else address
    user, password = credentials or (None, None)
    for port in ports:
        if not _listens(address, port):
            continue
        at = DeviceAddress(f"http://{shown}:{port}{DEVICE_PATH}", user, password)
        client = OnvifClient(at, networks, clock, call_s=call_s, budget_s=budget_s)
        try:
            client.clock_ahead()
        except OnvifFailed as failed:
            if failed.reason is not CameraReason.AUTH_FAILED:
                client.close()
                continue
        return client
    raise OnvifFailed(CameraReason.NOT_FOUND, "nothing there speaks ONVIF")


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), KNOCK_S).close()
    except OSError:
        return False
    return True


class PullPoint:
    """Events of one device, fetched (ONVIF Core, 9.2: real-time pull-point notification)."""

    def __init__(self, client: OnvifClient, address: str) -> None:
        self._client = client
        self._address = address

    def pull(self, wait_s: float, most: int) -> list[tuple[str, dict[str, str]]]:
        """Topic and simple items of each event; waits so long at the device for the first."""
        answer = self._client._ask(
            _PULL,
            self._address,
            "PullMessages",
            raw=True,
            Timeout=_lasting(wait_s),
            MessageLimit=most,
        )
        return events_of(answer, most)

    def renew(self, lasts_s: float) -> None:
        self._client._ask(_MANAGER, self._address, "Renew", TerminationTime=_lasting(lasts_s))

    def end(self) -> None:
        self._client._ask(_MANAGER, self._address, "Unsubscribe")


def _lasting(seconds: float) -> timedelta:
    return timedelta(seconds=round(seconds))
