"""The mark of each basis, and the colours of council sessions.

The marks differ in shape as well as in colour (from Okabe and Ito's palette for colour-blind
readers), so that a picture can be read in grayscale.
"""

from typing import Final

from budget_calendar.domain.windows import Basis
from kakehashi_common.pictures.palette import PAPER
from kakehashi_common.pictures.svg import Value, element, polygon

SESSION: Final = "#d3d9e0"
SESSION_EDGE: Final = "#7b8794"

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
