"""A fingerprint of the code that a process runs."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

_BYTES = 16


def fingerprint(paths: Sequence[Path]) -> str:
    """Of the names and contents of these files and of all files in these folders.

    What Python itself writes beside its sources doesn't count, nor does a path that isn't there.
    """
    digest = hashlib.blake2b(digest_size=_BYTES)
    for path in paths:
        for file in sorted(_files(path)):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(path.parent)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for file in path.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file
