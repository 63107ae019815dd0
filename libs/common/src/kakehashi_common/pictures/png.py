"""SVG to PNG, with the fonts that ship with the service: no font of the system is looked at."""

import math
import re
from functools import cache
from importlib.resources import files

import resvg_py

_FONTS = (
    ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
    ("noto_cjk_sans_jp_bold", "NotoSansCJKjp-Bold.otf"),
)
"""Noto Sans CJK JP, SIL Open Font License 1.1."""
_FAMILY = "Noto Sans CJK JP"


_MOST_PIXELS = 3_500_000
"""Pixels are what takes time: so many stay well under a second of processor time."""
_SIZE = re.compile(r'<svg [^>]*width="([0-9.]+)" height="([0-9.]+)"')


def png(svg: str, *, zoom: float = 1.5) -> bytes:
    """A picture of this package as PNG.

    Takes up to a second of processor time: call it off the event loop (``asyncio.to_thread``).

    Args:
        svg: the picture.
        zoom: pixels for each of the SVG's, lowered for a large picture, but never below 1.

    Raises:
        ValueError: ``svg`` isn't an SVG with a width and a height.
    """
    size = _SIZE.search(svg)
    if size is None:
        raise ValueError("a picture needs <svg … width=… height=…>")
    area = float(size[1]) * float(size[2])
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=min(zoom, max(1.0, math.sqrt(_MOST_PIXELS / area))),
        skip_system_fonts=True,
        font_files=list(_font_files()),
        font_family=_FAMILY,
        sans_serif_family=_FAMILY,
        languages=["ja"],
    )


@cache
def _font_files() -> tuple[str, ...]:
    return tuple(str(files(package) / name) for package, name in _FONTS)
