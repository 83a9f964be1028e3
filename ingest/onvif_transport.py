"""How SOAP travels to a device: to one checked address, so many bytes, until one deadline.

zeep does the SOAP and requests the HTTP; neither limits how long a device may take that sends one
byte a second, nor how much it may say, nor where its redirects lead.
"""

import socket
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from zeep.transports import Transport

WSDL = Path(__file__).parent / "onvif_wsdl"
MOST_BYTES = 1024 * 1024
"""Of one answer: the longest seen, sixteen profiles of a recorder, has 190 kB."""
CONNECT_S = 2.0


class TooMuch(requests.RequestException):
    """An answer over `MOST_BYTES`."""


class LocalTransport(Transport):
    """For the descriptions of services (WSDL), which are files of ours."""

    def __init__(self, session: requests.Session | None = None) -> None:
        super().__init__(session=session)  # type: ignore[no-untyped-call]

    def load(self, url: str) -> bytes:
        path = Path(url).resolve()
        if not path.is_relative_to(WSDL):
            raise ValueError(f"{url} is not among our descriptions")
        return path.read_bytes()


class DeviceTransport(LocalTransport):
    """One device, at an address that was checked: every call goes there, whatever it names."""

    def __init__(self, address: str, credentials: tuple[str, str] | None, call_s: float) -> None:
        self._address = address
        self._credentials = credentials
        self._digest: HTTPDigestAuth | None = None
        self.call_s = call_s
        """Longest time of the next call."""
        self._adapter = _Adapter()
        session = requests.Session()
        session.trust_env = False  # no proxy of the system: it would be asked for our cameras
        session.verify = False  # cameras sign for themselves; there is nobody to check it with
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # of which it warns
        session.mount("http://", self._adapter)
        session.mount("https://", self._adapter)
        super().__init__(session)

    def get(self, address: str, *_: object, **__: object) -> Any:
        raise ValueError(f"nothing is fetched from {urlsplit(address).hostname}")

    def post(self, address: str, message: bytes, headers: MutableMapping[str, str]) -> Any:
        answer = self._post(address, message, headers)
        challenge = answer.headers.get("www-authenticate", "")
        if answer.status_code != 401 or self._credentials is None or self._digest is not None:
            return answer
        if not challenge.lower().startswith("digest "):
            return answer
        self._digest = _answer_to(challenge, self._credentials)
        return self._post(address, message, headers)

    def close(self) -> None:
        self.session.close()

    def cut(self) -> None:
        """End a call under way; from any thread."""
        self._adapter.cut()

    def _post(self, address: str, message: bytes, headers: MutableMapping[str, str]) -> Any:
        url = self._at_address(address)
        sent = {**headers, "Host": urlsplit(address).netloc, "Connection": "close"}
        if self._digest is not None:
            sent["Authorization"] = self._digest.build_digest_header("POST", url) or ""
        with (
            self._until(self.call_s),
            self.session.post(
                url,
                data=message,
                headers=sent,
                timeout=(min(CONNECT_S, self.call_s), self.call_s),
                allow_redirects=False,
                stream=True,
            ) as answer,
        ):
            body = bytearray()
            for piece in answer.iter_content(16 * 1024):
                body += piece
                if len(body) > MOST_BYTES:
                    raise TooMuch(f"more than {MOST_BYTES} bytes")
        answer._content = bytes(body)  # what requests keeps of an answer read whole
        return answer

    def _at_address(self, address: str) -> str:
        parts = urlsplit(address)
        host = f"[{self._address}]" if ":" in self._address else self._address
        netloc = host if parts.port is None else f"{host}:{parts.port}"
        return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))

    @contextmanager
    def _until(self, seconds: float) -> Iterator[None]:
        """Whatever the device does, its connection is cut then: time-outs of requests begin anew
        with every byte. No connection outlives its call: many devices close them unsaid."""
        late = threading.Event()

        def on_deadline() -> None:
            late.set()
            self.cut()

        timer = threading.Timer(seconds, on_deadline)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._adapter.close()
            if late.is_set():
                raise requests.Timeout("the answer takes too long")


def _answer_to(challenge: str, credentials: tuple[str, str]) -> HTTPDigestAuth:
    digest = HTTPDigestAuth(*credentials)
    digest.init_per_thread_state()
    digest._thread_local.chal = parse_dict_header(challenge.partition(" ")[2])
    return digest


class _Adapter(HTTPAdapter):
    """Knows the connections that it has open."""

    def __init__(self) -> None:
        self._open: list[socket.socket] = []
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=2)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        opened = self._open

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                opened[:] = [self.sock]

        class Encrypted(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                opened[:] = [self.sock]

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(HTTPSConnectionPool):
            ConnectionCls = Encrypted

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

    def cut(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
