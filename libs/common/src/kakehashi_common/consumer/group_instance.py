"""The name by which a group knows a process that was killed when it comes back.

A process that is killed can't leave its group: the group waits for its session to end before it
gives its partitions to the next one. Kafka's static membership (KIP-345) knows a process by a name
and lets it go on at once. A name must belong to one process at a time, or the two would throw each
other out for ever; so it is that of a file which this process holds locked, and which the kernel
lets go when the process ends, however it ends.
"""

import fcntl
import os
import re
import socket
import tempfile
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

_MAX_PER_HOST: Final = 64
"""Consumers of one group on one host that are known by a name."""

_LONGEST_HOST: Final = 150


class GroupInstance:
    """Holds the first name that no other process of this host holds in a group.

    Args:
        servers: Where the group is.
        group_id: The group.
        folder: Where the locked files are; absent: the system's folder for temporary files.
    """

    def __init__(self, servers: str, group_id: str, folder: Path | None = None) -> None:
        self.group_id = group_id
        self.name: str | None = None
        """The name to join the group by; ``None``, as a new member, where no file can be locked."""
        self._file: IO[bytes] | None = None
        folder = folder or Path(tempfile.gettempdir())
        group = blake2b(f"{servers}\0{group_id}".encode(), digest_size=8).hexdigest()
        with suppress(OSError):
            for number in range(_MAX_PER_HOST):
                file = (folder / f"kakehashi-consumer-{group}-{number}.lock").open("ab")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    file.close()
                    continue
                self._file = file
                self.name = _name_of(file)
                return

    def release(self) -> None:
        """Let the name go, once the group was left."""
        if self._file is not None:
            self._file.close()


def _name_of(file: IO[bytes]) -> str:
    """Return the host and the file, which differs between containers that share a host's name."""
    stat = os.fstat(file.fileno())
    host = re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:_LONGEST_HOST]
    return f"{host}-{stat.st_dev:x}-{stat.st_ino:x}"
