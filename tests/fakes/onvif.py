"""ONVIF devices over real HTTP on loopback, with answers as several makes give them, and devices
that misbehave in one chosen way."""

import base64
import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

from tests.fakes.onvif_makes import Encoding, Make

USER, PASSWORD = "admin", "correct-horse"
_NS = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" '
    'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:wsa5="http://www.w3.org/2005/08/addressing" '
    'xmlns:tns1="http://www.onvif.org/ver10/topics" xmlns:ter="http://www.onvif.org/ver10/error"'
)


def envelope(body: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<s:Envelope {_NS}><s:Body>{body}</s:Body></s:Envelope>".encode()


def fault(code: str, reason: str) -> bytes:
    return envelope(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>"
        f"ter:{code}</s:Value></s:Subcode></s:Code><s:Reason>"
        f'<s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault>'
    )


Trouble = Literal["", "garbage", "huge", "bomb", "hangs", "drips", "redirects", "empty", "html"]


@dataclass
class FakeDevice:
    """`with FakeDevice(HIKVISION) as device:` answers at `device.service`."""

    make: Make
    auth: Literal["none", "wsse", "digest"] = "wsse"
    clock_ahead: timedelta = timedelta(0)
    lists_as: str = ""
    """The host that it names in its addresses; empty: its own."""
    trouble: Trouble = ""
    troubled: str = ""
    """The action that goes wrong; empty: all."""
    redirects_to: str = ""
    asked: list[str] = field(default_factory=list)
    """Actions, in order; `pulled`, `renewed` and the like among them."""

    def __enter__(self) -> Self:
        device = self
        self._stopped = threading.Event()
        self._told = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                device.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Nothing on standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        port: int = self._server.server_address[1]
        return port

    @property
    def service(self) -> str:
        return f"http://127.0.0.1:{self.port}/onvif/device_service"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", "0"))
        request = handler.rfile.read(length).decode()
        found = re.search(r"Body[^>]*>\s*<(?:\w+:)?(\w+)", request)
        action = found.group(1) if found else "nothing"
        self.asked.append(action)
        if self.trouble and self.troubled in ("", action):
            self._misbehave(handler)
        elif action == "GetSystemDateAndTime" or self._signed(handler, request):
            self._say(handler, 200, self._body(action))
        elif self.auth == "digest":
            self._say(handler, 401, b"", 'Digest realm="IPC", qop="auth", nonce="5eed"')
        else:
            self._say(handler, 400, fault("NotAuthorized", "Sender not Authorized"))

    def _signed(self, handler: BaseHTTPRequestHandler, request: str) -> bool:
        if self.auth == "none":
            return True
        if self.auth == "digest":
            return _http_digest(handler.headers.get("Authorization", ""), handler.path)
        return _wsse(request, datetime.now(UTC) + self.clock_ahead)

    def _say(
        self, handler: BaseHTTPRequestHandler, status: int, body: bytes, challenge: str = ""
    ) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        if challenge:
            handler.send_header("WWW-Authenticate", challenge)
        handler.end_headers()
        handler.wfile.write(body)

    def _misbehave(self, handler: BaseHTTPRequestHandler) -> None:
        troubles: dict[str, Callable[[], None]] = {
            "garbage": lambda: self._say(handler, 200, b"\x00\xff<<<not xml at all"),
            "empty": lambda: self._say(handler, 200, b""),
            "html": lambda: self._say(handler, 200, b"<html><body>Login</body></html>"),
            "huge": lambda: self._huge(handler),
            "bomb": lambda: self._say(handler, 200, BOMB),
            "hangs": self._hang,
            "drips": lambda: self._drip(handler),
            "redirects": lambda: self._redirect(handler),
        }
        handler.close_connection = True
        try:
            troubles[self.trouble]()
        except OSError:
            return  # they hung up

    def _hang(self) -> None:
        self._stopped.wait(20)

    def _huge(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/soap+xml")
        handler.end_headers()
        for _ in range(64):
            handler.wfile.write(b"<a>" * 100_000)

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(400):
            handler.wfile.write(b"x")
            if self._stopped.wait(0.05):
                return

    def _redirect(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", self.redirects_to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _address(self, path: str) -> str:
        return f"http://{self.lists_as or f'127.0.0.1:{self.port}'}{path}"

    def _body(self, action: str) -> bytes:
        answers: dict[str, Callable[[], str]] = {
            "GetSystemDateAndTime": self._time,
            "GetDeviceInformation": self._about,
            "GetCapabilities": self._capabilities,
            "GetProfiles": self._profiles,
            "GetStreamUri": self._uri,
            "CreatePullPointSubscription": self._subscription,
            "PullMessages": self._messages,
            "Renew": lambda: (
                f"<wsnt:RenewResponse><wsnt:TerminationTime>{_now()}"
                "</wsnt:TerminationTime></wsnt:RenewResponse>"
            ),
            "Unsubscribe": lambda: "<wsnt:UnsubscribeResponse/>",
        }
        made = answers.get(action)
        return fault("ActionNotSupported", action) if made is None else envelope(made())

    def _time(self) -> str:
        now = datetime.now(UTC) + self.clock_ahead
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
            "<tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}"
            f"</tt:Minute><tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}"
            f"</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _about(self) -> str:
        make = self.make
        return (
            f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{make.manufacturer}"
            f"</tds:Manufacturer><tds:Model>{make.model}</tds:Model><tds:FirmwareVersion>"
            f"{make.firmware}</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber>"
            "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>"
        )

    def _capabilities(self) -> str:
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Events><tt:XAddr>"
            f"{self._address('/onvif/Events')}</tt:XAddr>"
            "<tt:WSSubscriptionPolicySupport>true</tt:WSSubscriptionPolicySupport>"
            "<tt:WSPullPointSupport>true</tt:WSPullPointSupport>"
            "<tt:WSPausableSubscriptionManagerInterfaceSupport>false"
            "</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events><tt:Media><tt:XAddr>"
            f"{self._address(self.make.media_path)}</tt:XAddr><tt:StreamingCapabilities/></tt:Media>"
            "</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _profiles(self) -> str:
        listed = "".join(_profile(one) for one in self.make.profiles)
        return f"<trt:GetProfilesResponse>{listed}</trt:GetProfilesResponse>"

    def _uri(self) -> str:
        """Of the first profile first, and so on."""
        number = self.asked.count("GetStreamUri") - 1
        one = self.make.profiles[number % len(self.make.profiles)]
        host = (self.lists_as or "127.0.0.1").split(":")[0]
        path = one.path.replace("&", "&amp;")
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://{host}:554{path}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
            "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
            "</trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def _subscription(self) -> str:
        return (
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa5:Address>"
            f"{self._address('/onvif/Subscription?Idx=0')}</wsa5:Address></tev:SubscriptionReference>"
            f"<wsnt:CurrentTime>{_now()}</wsnt:CurrentTime><wsnt:TerminationTime>{_now(60)}"
            "</wsnt:TerminationTime></tev:CreatePullPointSubscriptionResponse>"
        )

    def _messages(self) -> str:
        told, self._told = self.make.topics[self._told : self._told + 2], self._told + 2
        if not told:
            self._stopped.wait(0.1)
        listed = "".join(_message(*one) for one in told)
        return (
            f"<tev:PullMessagesResponse><tev:CurrentTime>{_now()}</tev:CurrentTime>"
            f"<tev:TerminationTime>{_now(60)}</tev:TerminationTime>{listed}"
            "</tev:PullMessagesResponse>"
        )


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b']><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&j;</s:Body>'
    b"</s:Envelope>"
)
"""A billion laughs."""


def _now(ahead_s: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=ahead_s)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _profile(one: Encoding) -> str:
    rate = (
        f"<tt:RateControl><tt:FrameRateLimit>{one.fps}</tt:FrameRateLimit><tt:EncodingInterval>1"
        f"</tt:EncodingInterval><tt:BitrateLimit>{one.kbit}</tt:BitrateLimit></tt:RateControl>"
    )
    return (
        f'<trt:Profiles token="{one.token}" fixed="true"><tt:Name>{one.token}</tt:Name>'
        f'<tt:VideoEncoderConfiguration token="e{one.token}"><tt:Name>e</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{one.codec}</tt:Encoding><tt:Resolution>"
        f"<tt:Width>{one.width}</tt:Width><tt:Height>{one.height}</tt:Height></tt:Resolution>"
        f"<tt:Quality>4</tt:Quality>{rate if one.kbit else ''}<tt:SessionTimeout>PT5S"
        "</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def _message(topic: str, name: str, value: str) -> str:
    return (
        "<wsnt:NotificationMessage><wsnt:Topic Dialect="
        f'"http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">{topic}</wsnt:Topic>'
        f'<wsnt:Message><tt:Message UtcTime="{_now()}" PropertyOperation="Changed"><tt:Source>'
        '<tt:SimpleItem Name="VideoSourceConfigurationToken" Value="V1"/></tt:Source><tt:Data>'
        f'<tt:SimpleItem Name="{name}" Value="{value}"/></tt:Data></tt:Message></wsnt:Message>'
        "</wsnt:NotificationMessage>"
    )


def _wsse(request: str, now: datetime) -> bool:
    """The digest of WS-UsernameToken, made within five seconds of the device's own clock."""

    def tag(name: str) -> str:
        found = re.search(rf"<(?:\w+:)?{name}(?:\s[^>]*)?>([^<]*)<", request)
        return found.group(1) if found else ""

    nonce, created, digest = tag("Nonce"), tag("Created"), tag("Password")
    try:
        raw = base64.b64decode(nonce)
        made = datetime.fromisoformat(created)
    except ValueError:
        return False
    wanted = base64.b64encode(
        hashlib.sha1(raw + created.encode() + PASSWORD.encode()).digest()  # noqa: S324 - the standard's
    ).decode()
    near = abs(made - now) < timedelta(seconds=5)
    return tag("Username") == USER and digest == wanted and near


def _http_digest(sent: str, path: str) -> bool:
    said = dict(re.findall(r'(\w+)="?([^",]*)"?', sent))

    def h(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - RFC 2617

    first, second = h(f"{USER}:IPC:{PASSWORD}"), h(f"POST:{said.get('uri', path)}")
    wanted = h(f"{first}:5eed:{said.get('nc')}:{said.get('cnonce')}:auth:{second}")
    return said.get("username") == USER and said.get("response") == wanted
