"""A relay (TURN over TCP, RFC 8656) on loopback for one client at a time, as far as aioice needs
one. Its line can be blocked: it reads nothing more, and holds back little."""

import asyncio
import hashlib
import socket
import struct
from typing import cast

from aioice import stun

from ingest.rtc import RtcLoop, TurnServer

USERNAME, PASSWORD, REALM, NONCE = "ward", "secret", "relay.test", b"once"
KEY = hashlib.md5(f"{USERNAME}:{REALM}:{PASSWORD}".encode()).digest()  # noqa: S324 - RFC 8489 §9.2.2
LITTLE = 4096
"""Bytes that it reads ahead."""


class FakeTurn:
    def __init__(self) -> None:
        self.relayed = 0
        """Datagrams passed on to the other side."""
        self._loop = RtcLoop("relay")
        self._loop.start()
        self._serving: set[asyncio.Task[None]] = set()
        self._open: asyncio.Event = asyncio.Event()
        self._open.set()
        self._server = self._loop.run(self._start(), 2)

    @property
    def settings(self) -> TurnServer:
        port = self._server.sockets[0].getsockname()[1]
        return TurnServer((f"turn:127.0.0.1:{port}?transport=tcp",), USERNAME, PASSWORD)

    def block(self) -> None:
        self._loop.call(self._open.clear)

    def free(self) -> None:
        self._loop.call(self._open.set)

    def stop(self) -> None:
        self._loop.run(self._stop(), 2)
        self._loop.stop()

    async def _start(self) -> asyncio.Server:
        listening = socket.socket()
        # The kernel would else take megabytes of a stream that nobody reads.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        listening.bind(("127.0.0.1", 0))
        return await asyncio.start_server(self._serve, sock=listening, limit=LITTLE)

    async def _stop(self) -> None:
        self._server.close()
        for serving in list(self._serving):
            serving.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay: _Relay | None = None
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        try:
            while True:
                await self._open.wait()
                head = await reader.readexactly(4)
                first, length = struct.unpack("!HH", head)
                if first & 0xC000 == 0x4000:
                    body = await reader.readexactly(length + -length % 4)
                    if relay is not None:
                        relay.pass_on(first, body[:length])
                        self.relayed += 1
                    continue
                asked = stun.parse_message(head + await reader.readexactly(16 + length))
                if (
                    asked.message_method is stun.Method.ALLOCATE
                    and relay is None
                    and ("USERNAME" in asked.attributes)
                ):
                    _, relay = await asyncio.get_running_loop().create_datagram_endpoint(
                        lambda: _Relay(writer), local_addr=("127.0.0.1", 0)
                    )
                writer.write(bytes(_answer(asked, relay, writer)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.CancelledError:
            return
        finally:
            self._serving.discard(serving)
            if relay is not None:
                relay.close()
            writer.close()


class _Relay(asyncio.DatagramProtocol):
    """The relayed address of a client."""

    def __init__(self, client: asyncio.StreamWriter) -> None:
        self._client = client
        self._peers: dict[int, tuple[str, int]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> tuple[str, int]:
        assert self._transport is not None
        found: tuple[str, int] = self._transport.get_extra_info("sockname")
        return found

    def bind(self, channel: int, peer: tuple[str, int]) -> None:
        self._peers[channel] = peer

    def pass_on(self, channel: int, data: bytes) -> None:
        if self._transport is not None and channel in self._peers:
            self._transport.sendto(data, self._peers[channel])

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for channel, peer in self._peers.items():
            if peer == addr[:2]:
                padding = bytes(-len(data) % 4)
                self._client.write(struct.pack("!HH", channel, len(data)) + data + padding)


def _answer(
    asked: stun.Message, relay: _Relay | None, writer: asyncio.StreamWriter
) -> stun.Message:
    method, number = asked.message_method, asked.transaction_id
    if "USERNAME" not in asked.attributes:
        refused = stun.Message(method, stun.Class.ERROR, number)
        refused.attributes["ERROR-CODE"] = (401, "Unauthorized")
        refused.attributes["NONCE"], refused.attributes["REALM"] = NONCE, REALM
        return refused
    answer = stun.Message(method, stun.Class.RESPONSE, number)
    assert relay is not None
    if method is stun.Method.ALLOCATE:
        answer.attributes["LIFETIME"] = 600
        answer.attributes["XOR-RELAYED-ADDRESS"] = relay.address
        answer.attributes["XOR-MAPPED-ADDRESS"] = writer.get_extra_info("peername")
    elif method is stun.Method.CHANNEL_BIND:
        relay.bind(asked.attributes["CHANNEL-NUMBER"], asked.attributes["XOR-PEER-ADDRESS"])
    elif method is stun.Method.REFRESH:
        answer.attributes["LIFETIME"] = asked.attributes["LIFETIME"]
    answer.add_message_integrity(KEY)
    return answer
