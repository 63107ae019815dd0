import socket
from pathlib import Path

import pytest

from kakehashi_common.ports import free_port

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_ports_are_free_and_none_is_returned_twice() -> None:
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == len(ports)
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.skipif(not _RANGE.exists(), reason="Linux says here which ports are ephemeral")
def test_no_client_connection_gets_such_a_port() -> None:
    first, last = map(int, _RANGE.read_text().split())

    assert not [port for _ in range(200) if first <= (port := free_port()) <= last]
