"""Ports for servers that live as long as a test."""

import socket


def free_port() -> int:
    """Return a port on the loopback address that nothing listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
