"""Colours, fonts, and the mark of each basis.

The marks differ in shape as well as in colour (from Okabe and Ito's palette for colour-blind
readers), and what is uncertain is hatched, so that a picture can be read in grayscale.
"""

from typing import Final

from budget_calendar.domain.windows import Basis
from budget_calendar.pictures.svg import Value, element, number, polygon

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
"""A phase."""
CURRENT: Final = "#5ba4dc"
"""The phase that today lies in."""
EDGE: Final = "#2b6496"
SESSION: Final = "#d3d9e0"
SESSION_EDGE: Final = "#7b8794"
TODAY: Final = "#b3261e"
NOTICE: Final = "#fff4d6"
NOTICE_EDGE: Final = "#b7791f"

BASIS_COLOURS: Final = {
    Basis.MANUAL: "#a0458a",
    Basis.OBSERVED: "#00795a",
    Basis.LAW: "#1b2733",
    Basis.PREDICTED: "#0068a8",
    Basis.PRACTICE: "#b85000",
}

_R = 5.5


def mark(basis: Basis, x: float, y: float) -> str:
    """The mark of a basis with its middle at a point: 11 pixels wide and high."""
    colour = BASIS_COLOURS[basis]
    rim: dict[str, Value] = {"stroke": PAPER, "stroke_width": 1.2}
    match basis:
        case Basis.MANUAL:
            points = [(x, y - _R), (x + _R, y + _R * 0.8), (x - _R, y + _R * 0.8)]
            return polygon(points, colour, PAPER)
        case Basis.OBSERVED:
            return element("circle", cx=x, cy=y, r=_R, fill=colour, **rim)
        case Basis.LAW:
            side = _R * 1.7
            return element(
                "rect", x=x - side / 2, y=y - side / 2, width=side, height=side, fill=colour, **rim
            )
        case Basis.PREDICTED:
            points = [(x, y - _R), (x + _R, y), (x, y + _R), (x - _R, y)]
            return polygon(points, colour, PAPER)
        case Basis.PRACTICE:
            return element(
                "circle", cx=x, cy=y, r=_R - 1.3, fill=PAPER, stroke=colour, stroke_width=2.2
            )


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
