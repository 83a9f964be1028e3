"""A device that answers calls of WS-Discovery, and its answers."""

import re
import socket
import threading
from collections.abc import Callable
from typing import Self


class FakeAnnouncer:
    """Answers calls of WS-Discovery over UDP, unicast on loopback. `answers(message_id)` gives the
    datagrams."""

    def __init__(self, answers: Callable[[str], list[bytes]]) -> None:
        self._answers = answers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.heard: list[bytes] = []

    @property
    def at(self) -> tuple[str, int]:
        return "127.0.0.1", self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                data, sender = self._socket.recvfrom(65536)
            except TimeoutError:
                continue
            self.heard.append(data)
            found = re.search(rb"MessageID>([^<]+)<", data)
            for answer in self._answers(found.group(1).decode() if found else ""):
                self._socket.sendto(answer, sender)


def probe_match(relates_to: str, xaddrs: str, scopes: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope '
        'xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><SOAP-ENV:Header><wsa:MessageID>uuid:1'
        f"</wsa:MessageID><wsa:RelatesTo>{relates_to}</wsa:RelatesTo></SOAP-ENV:Header>"
        "<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>"
        "urn:uuid:4711</wsa:Address></wsa:EndpointReference><d:Types>dn:NetworkVideoTransmitter"
        f"</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs>"
        "<d:MetadataVersion>10</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body>"
        "</SOAP-ENV:Envelope>"
    ).encode()
