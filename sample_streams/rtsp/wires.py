"""What carries a viewer's packets: the RTSP connection itself, or two ports of its own."""

import asyncio
import contextlib
import socket
from typing import Protocol, Self

from sample_streams.rtsp.rtp import interleaved


class Wire(Protocol):
    @property
    def closed(self) -> bool: ...

    @property
    def unread(self) -> int:
        """Bytes that wait because the viewer does not read."""
        ...

    def media(self, packets: list[bytes]) -> None: ...

    def control(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Interleaved:
    """Inside the RTSP connection (RFC 2326 §10.12)."""

    def __init__(self, transport: asyncio.WriteTransport, channels: tuple[int, int]) -> None:
        self._transport = transport
        self._rtp, self._rtcp = channels

    @property
    def closed(self) -> bool:
        return self._transport.is_closing()

    @property
    def unread(self) -> int:
        return self._transport.get_write_buffer_size()

    def media(self, packets: list[bytes]) -> None:
        self._transport.write(b"".join(interleaved(self._rtp, packet) for packet in packets))

    def control(self, data: bytes) -> None:
        self._transport.write(interleaved(self._rtcp, data))

    def close(self) -> None:
        """The connection is the session's to close."""


class Datagrams:
    """From a pair of ports to a pair of ports (RFC 3550 §11): RTP even, RTCP the next one."""

    unread = 0
    """Nobody waits for a datagram: what cannot leave is lost."""

    def __init__(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._rtp, self._rtcp = pair
        self._to: tuple[tuple[str, int], tuple[str, int]] = (("", 0), ("", 0))
        self._loses = 0
        self._sent = 0
        self.closed = False

    @classmethod
    def bind(cls, host: str) -> Self:
        """Raises OSError when no pair of ports is free."""
        for _ in range(50):
            rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            with contextlib.suppress(OSError):
                if port % 2 == 0:
                    rtcp.bind((host, port + 1))
                    rtp.setblocking(False)
                    rtcp.setblocking(False)
                    return cls((rtp, rtcp))
            rtp.close()
            rtcp.close()
        raise OSError("no pair of free ports")

    @property
    def ports(self) -> tuple[int, int]:
        return self._rtp.getsockname()[1], self._rtcp.getsockname()[1]

    def aim(self, host: str, ports: tuple[int, int], *, loses: int) -> None:
        """Where to send; every `loses`-th packet of media is lost on the way, 0: none."""
        self._to = (host, ports[0]), (host, ports[1])
        self._loses = loses

    def media(self, packets: list[bytes]) -> None:
        for packet in packets:
            self._sent += 1
            if not self._loses or self._sent % self._loses:
                self._send(self._rtp, packet, self._to[0])

    def control(self, data: bytes) -> None:
        self._send(self._rtcp, data, self._to[1])

    def close(self) -> None:
        self.closed = True
        self._rtp.close()
        self._rtcp.close()

    def _send(self, out: socket.socket, data: bytes, to: tuple[str, int]) -> None:
        if not self.closed:
            # Full buffers, or nobody at that port any more: a datagram is lost.
            with contextlib.suppress(OSError):
                out.sendto(data, to)


class Nowhere:
    """Takes everything, as a firewall does that lets no datagram through."""

    closed = False
    unread = 0

    def media(self, packets: list[bytes]) -> None:
        pass

    def control(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass
