"""The ports of media over UDP, rewritten on their way through a line."""

from tests.faults.datagrams import ports_of, with_ports

ASKED = (
    b"SETUP rtsp://h/x RTSP/1.0\r\nTransport: RTP/AVP/UDP;unicast;client_port=20004-20005\r\n\r\n"
)
TOLD = (
    b"RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;client_port=1-2;server_port=5000-5001\r\n\r\n"
)


def test_each_side_is_told_the_ports_of_the_line() -> None:
    assert ports_of(ASKED, "client") == (20004, 20005)
    assert ports_of(ASKED, "server") is None
    assert ports_of(TOLD, "server") == (5000, 5001)
    assert b"client_port=7-8\r\n" in with_ports(ASKED, "client", (7, 8))
    assert b"client_port=1-2;server_port=7-8\r\n" in with_ports(TOLD, "server", (7, 8))
    assert ports_of(b"SETUP x RTSP/1.0\r\nTransport: RTP/AVP/TCP;interleaved=0-1", "client") is None
