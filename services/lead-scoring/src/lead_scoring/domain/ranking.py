"""Choose the names to keep of too many: the same ones in whatever order they came."""

from zlib import crc32


def rank(name: str) -> tuple[int, str]:
    """A place for ``name`` that depends on nothing else; the smallest ones are kept."""
    return crc32(name.encode()), name
