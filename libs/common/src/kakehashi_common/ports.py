"""A port for a server that is about to start."""

import random
import socket
from contextlib import suppress
from typing import Final

_NOT_EPHEMERAL: Final = range(10_000, 32_768)
"""Linux takes the local port of an outgoing connection from 32768 on (``ip_local_port_range``).

A port that the kernel chooses for a probe comes from there too, and may be the local end of
somebody's connection by the time a server binds it.
"""
_ATTEMPTS: Final = 100
_returned: Final[set[int]] = set()
"""Not to be returned again: the server of an earlier call may not have bound its port yet."""


def free_port() -> int:
    """Return a port on the loopback address that nobody uses and no client's connection will get.

    Raises:
        OSError: none of those tried is free.
    """
    for port in random.sample(_NOT_EPHEMERAL, _ATTEMPTS):
        if port not in _returned:
            with suppress(OSError), socket.create_server(("127.0.0.1", port)):
                _returned.add(port)
                return port
    raise OSError(f"{_ATTEMPTS} ports tried, and none is free")
