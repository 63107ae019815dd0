"""Colours, fonts, and hatching, which can be told from a plain fill in grayscale too."""

from typing import Final

from kakehashi_common.pictures.svg import element, number

FONTS: Final = (
    "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Hiragino Kaku Gothic ProN',"
    "'BIZ UDPGothic','Yu Gothic UI','Yu Gothic',Meiryo,sans-serif"
)

PAPER: Final = "#ffffff"
INK: Final = "#1b2733"
MUTED: Final = "#52606d"
GRID: Final = "#e3e8ee"
RULE: Final = "#b8c4d0"
STRIPE: Final = "#f6f8fa"
BAND: Final = "#a9cdec"
"""A span, a bar."""
CURRENT: Final = "#5ba4dc"
"""The span that today lies in."""
EDGE: Final = "#2b6496"
TODAY: Final = "#b3261e"
NOTICE: Final = "#fff4d6"
NOTICE_EDGE: Final = "#b7791f"

_HATCH_STEP = 6


def hatch(horizontal: tuple[float, float], vertical: tuple[float, float]) -> str:
    """Rising strokes over a rectangle; all hatched rectangles of a picture continue each other.

    Strokes rather than a pattern, which takes several times as long to turn into pixels.
    """
    (left, right), (top, bottom) = horizontal, vertical
    strokes = []
    # A stroke goes up and right from (start, bottom) to (start + high, top), cut at both sides.
    start = (left - (bottom - top)) // _HATCH_STEP * _HATCH_STEP
    while start < right:
        first, last = max(start, left), min(start + bottom - top, right)
        if last > first:
            strokes.append(
                f"M{number(first)} {number(bottom - (first - start))}"
                f"l{number(last - first)} {number(first - last)}"
            )
        start += _HATCH_STEP
    return element("path", d="".join(strokes), stroke=EDGE, stroke_width=1.2, stroke_opacity=0.6)
