"""A picture while it is drawn: shapes become SVG, and every text keeps the box it takes up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kakehashi_common.pictures.lettering import width
from kakehashi_common.pictures.palette import FONTS, INK, PAPER
from kakehashi_common.pictures.svg import Value, element, markup, number

_HALO = 3.0
_LINE = 1.2
"""Height of a line of text, in font sizes."""
_BASELINE = 0.36
"""The distance of the baseline below the middle of a line, in font sizes."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one style."""

    text: str
    size: float = 12
    fill: str = INK
    bold: bool = False

    @property
    def width(self) -> float:
        """In pixels."""
        return width(self.text, self.size)


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text and the box that it takes up."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Label") -> bool:
        """Whether the two boxes share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def run_width(runs: Sequence[Run]) -> float:
    """The width of a line of such runs."""
    return sum(run.width for run in runs)


@dataclass
class Scene:
    """The shapes of a picture; later ones lie above earlier ones.

    Args:
        ident: prefix of the picture's ids, unique in a page; a valid XML name.
    """

    ident: str
    labels: list[Label] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)

    def rect(self, left: float, top: float, right: float, bottom: float, **style: Value) -> None:
        """A rectangle between two corners."""
        self._parts.append(
            element("rect", x=left, y=top, width=right - left, height=bottom - top, **style)
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, **style: Value) -> None:
        """A straight line."""
        self._parts.append(element("line", x1=x1, y1=y1, x2=x2, y2=y2, **style))

    def draw(self, markup: str) -> None:
        """Any other element."""
        self._parts.append(markup)

    def text(
        self, x: float, middle: float, *runs: Run, anchor: str = "start", halo: bool = False
    ) -> Label:
        """A line of text whose vertical middle is ``middle``, at ``x`` by ``anchor``.

        Args:
            x: where the line starts, has its middle or ends.
            middle: half way between top and bottom of the line.
            runs: its pieces, left to right.
            anchor: ``start``, ``middle`` or ``end``.
            halo: a white rim that keeps it readable above lines.
        """
        size = max(run.size for run in runs)
        wide = run_width(runs)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        label = Label(
            "".join(run.text for run in runs),
            left,
            middle - size * _LINE / 2,
            left + wide,
            middle + size * _LINE / 2,
        )
        self.labels.append(label)
        rim: dict[str, Value] = (
            {"paint_order": "stroke", "stroke": PAPER, "stroke_width": _HALO} if halo else {}
        )
        spans = [
            element(
                "tspan",
                markup(run.text),
                font_size=run.size,
                fill=run.fill,
                font_weight=700 if run.bold else None,
            )
            for run in runs
        ]
        self._parts.append(
            element(
                "text",
                *spans,
                x=x,
                y=middle + size * _BASELINE,
                text_anchor=None if anchor == "start" else anchor,
                xml__space="preserve",
                **rim,
            )
        )
        return label

    @contextmanager
    def tooltip(self, text: str) -> Iterator[None]:
        """Give the shapes drawn inside a tooltip, which screen readers read too."""
        self._parts.append(f"<g>{element('title', markup(text))}")
        yield
        self._parts.append("</g>")

    def svg(self, size: tuple[float, float], title: str, description: str, language: str) -> str:
        """The whole picture, ``size`` wide and high, on white."""
        wide, high = size
        head = (
            element("title", markup(title), id=f"{self.ident}-title")
            + element("desc", markup(description), id=f"{self.ident}-desc")
            + element("rect", width=wide, height=high, fill=PAPER)
        )
        return (
            element(
                "svg",
                "\n",
                head,
                "\n",
                "\n".join(self._parts),
                "\n",
                xmlns="http://www.w3.org/2000/svg",
                width=wide,
                height=high,
                viewBox=f"0 0 {number(wide)} {number(high)}",
                role="img",
                xml__lang=language,
                lang=language,
                aria_labelledby=f"{self.ident}-title {self.ident}-desc",
                font_family=FONTS,
            )
            + "\n"
        )
