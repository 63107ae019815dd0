"""Checks that fail in the first second rather than after minutes. Standard library only.

Runs before anything is installed. Each refusal names what is wrong and what to do about it.
"""

import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from deploy.local import versions
from deploy.local.bootstrap import ROOT, VENV_PYTHON
from deploy.local.cache import cache_root
from deploy.local.instance import POSTGRES_SETTING, Instance, port_setting
from deploy.local.progress import StackError

POSTGRES_USER: Final = "nobody"
"""The user who runs PostgreSQL when the stack is started by root, as whom it refuses to run."""

SHARED: Final = Path("/var/lib/kakehashi")
"""Where `POSTGRES_USER` finds its binaries and data when the checkout lies in a folder that only
root may enter."""

_GIB: Final = 1 << 30
_CHECKOUT_BYTES: Final = 2 * _GIB
"""`.venv` takes 0.6 GiB, data of the servers about as much."""
_CACHE_BYTES: Final = 3 * _GIB
"""Building Temporal without a Go of one's own takes two for some minutes; what stays is 0.3."""

_OF_SERVER: Final = {
    "kafka": ("kafka", "kafka_controller"),
    "postgres": ("postgres",),
    "temporal": ("temporal", "temporal_ui"),
}


def check(instance: Instance, *, starts: bool) -> None:
    """Refuse what can't work on this machine.

    Args:
        instance: about to be installed or started.
        starts: whether its servers are about to start, so that their ports have to be free.

    Raises:
        StackError: the first thing that is wrong, with the remedy.
    """
    cache = cache_root()
    check_folder(cache, "choose another with XDG_CACHE_HOME")
    check_folder(ROOT / ".local", "clone into a folder that you may write to")
    if not VENV_PYTHON.exists():
        check_space(ROOT, _CHECKOUT_BYTES, "free some, or clone to another disk")
    if not (cache / f"temporal-cli-{versions.TEMPORAL_CLI}").exists():
        check_space(cache, _CACHE_BYTES, "free some, or choose another folder with XDG_CACHE_HOME")
    if "postgres" not in instance.external and os.geteuid() == 0:
        _check_postgres_user()
    # Once it has started, its own processes hold the ports; `up` then knows which are whose.
    if starts and not (instance.state / "supervisord.pid").exists():
        check_ports(instance, own_listeners(instance))


def own_listeners(instance: Instance) -> list[str]:
    """Return the names of the ports that this instance's own processes listen on."""
    external = {port for server in instance.external for port in _OF_SERVER[server]}
    return [name for name in instance.ports if name not in external]


def check_folder(folder: Path, remedy: str) -> None:
    """Refuse a `folder` that can't be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StackError(f"{folder} can't be written to ({error.strerror}): {remedy}") from None


def check_space(folder: Path, needed: int, remedy: str) -> None:
    """Refuse a disk with less than `needed` bytes free where `folder` lies."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StackError(
            f"the disk of {folder} has {free / _GIB:.1f} GiB free, and {needed / _GIB:.0f} GiB "
            f"are needed: {remedy}"
        )


def check_ports(instance: Instance, listeners: Iterable[str]) -> None:
    """Refuse when another program listens where one of `listeners` is to."""
    for name in listeners:
        port = instance.ports[name]
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise StackError(
                    f"port {port} for {name} is taken by another program: stop that program, or "
                    f"choose another port with {port_setting(instance.name, name)} in "
                    f"{instance.settings_file}"
                ) from None


def _check_postgres_user() -> None:
    otherwise = f"run make as an ordinary user, or name a server in .env ({POSTGRES_SETTING})"
    if shutil.which("setpriv") is None:
        raise StackError(
            "PostgreSQL can't run as root, and `setpriv` (util-linux) is missing: install it, "
            + otherwise
        )
    try:
        pwd.getpwnam(POSTGRES_USER)
    except KeyError:
        raise StackError(
            f"PostgreSQL can't run as root, and there is no user {POSTGRES_USER}: {otherwise}"
        ) from None
