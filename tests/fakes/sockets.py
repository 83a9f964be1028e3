"""What sockets this process holds, to see that none is left."""

import psutil


def udp_sockets() -> set[tuple[int, object]]:
    """Descriptor and own address of each UDP socket."""
    return {(one.fd, one.laddr) for one in psutil.Process().net_connections("udp")}
