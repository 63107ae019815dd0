"""A directory of finished downloads and builds, outside the checkout, keyed by version.

An entry is built in a temporary directory beside its final place and renamed into it, so that it
is either absent or complete. A lock file per entry makes a second builder wait for the first.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.local.progress import step


def cache_root() -> Path:
    """`$XDG_CACHE_HOME/kakehashi`, or `~/.cache/kakehashi`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kakehashi"


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the kernel drops it when the holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step(f"Waiting for another run that holds {path}"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached(name: str, build: Callable[[Path], None], *, root: Path | None = None) -> Path:
    """The directory `name` of the cache, made by `build` when it isn't there.

    `build` gets an empty directory to fill. When it raises, nothing is left behind.
    """
    root = root or cache_root()
    entry = root / name
    if entry.is_dir():
        return entry
    with locked(root / f".{name}.lock"):
        if entry.is_dir():
            return entry
        unfinished = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=root))
        try:
            build(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(entry)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return entry
