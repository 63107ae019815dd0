"""The dated events and bars that a sequence is made of, and their marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from budget_calendar.domain.windows import Basis
from budget_calendar.pictures.marks import BASIS_COLOURS, SESSION, SESSION_EDGE
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.palette import BAND, INK, MUTED, PAPER, TODAY
from kakehashi_common.pictures.svg import element, polygon


class EventKind(StrEnum):
    """The kind of an event; it decides its mark."""

    PHASE = "phase"
    """A phase of the budget year was entered."""
    MILESTONE = "milestone"
    """A date of the calendar came near or passed."""
    STEP = "step"
    """A person confirmed a step."""
    SUCCESS = "success"
    """Money was voted, a contract was signed."""
    SETBACK = "setback"
    """Cut, refused, missed."""
    REMINDER = "reminder"
    """A reminder to the owner, or an escalation to a superior."""
    REVISION = "revision"
    """A date moved, a route changed."""


KINDS: Final[Mapping[EventKind, Text]] = {
    EventKind.PHASE: Text("段階に入る", "phase entered"),
    EventKind.MILESTONE: Text("節目", "milestone"),
    EventKind.STEP: Text("確認された進展", "step confirmed"),
    EventKind.SUCCESS: Text("成果（議決・契約）", "success (voted, signed)"),
    EventKind.SETBACK: Text("後退（削減・否決）", "setback (cut, missed)"),
    EventKind.REMINDER: Text("督促・報告", "reminder, escalation"),
    EventKind.REVISION: Text("日程・経路の変更", "date or route changed"),
}
"""The name of each kind."""


@dataclass(frozen=True, slots=True)
class SequenceEvent:
    """One event on its day in Japan."""

    day: date
    lane: Text | str
    """Whose event it is: a municipality, a pursuit. Lanes appear in the order of the input."""
    label: Text | str
    kind: EventKind
    detail: Text | str = ""
    """More, shown under the pointer."""
    folded: bool = False
    """Whether its mark is enough: its label is shown under the pointer."""


class BarKind(StrEnum):
    """The kind of a bar."""

    ROUTE = "route"
    """A deal is on its way to the money."""
    CONTRACT = "contract"
    """It is under contract."""
    PHASE = "phase"
    """A municipality is in a phase of its budget year."""


BARS: Final[Mapping[BarKind, Text]] = {
    BarKind.ROUTE: Text("案件の進め方", "a deal's route"),
    BarKind.CONTRACT: Text("契約・履行", "under contract"),
    BarKind.PHASE: Text("予算編成の段階", "phase of the budget year"),
}
"""The name of each kind."""

_FILLS: Final = {
    BarKind.ROUTE: BAND,
    BarKind.CONTRACT: "#bfe3d3",
    BarKind.PHASE: SESSION,
}


@dataclass(frozen=True, slots=True)
class SequenceBar:
    """Days in Japan on which something goes on, both ends included."""

    first: date
    last: date
    lane: Text | str
    label: Text | str
    kind: BarKind
    name: Text | str = ""
    """The label in full, where that is short; shown under the pointer."""


def bar(kind: BarKind, horizontal: tuple[float, float], vertical: tuple[float, float]) -> str:
    """A bar between two places."""
    (left, right), (top, bottom) = horizontal, vertical
    return element(
        "rect",
        x=left,
        y=top,
        width=max(right - left, 1),
        height=bottom - top,
        rx=2,
        fill=_FILLS[kind],
        stroke=PAPER,
        stroke_width=1,
    )


def event_mark(kind: EventKind, x: float, y: float) -> str:  # noqa: PLR0911 -- one per kind
    """The mark of a kind with its middle at a point; kinds differ in shape, not only in colour."""
    match kind:
        case EventKind.PHASE:
            return element("rect", x=x - 2, y=y - 6, width=4, height=12, rx=1, fill=SESSION_EDGE)
        case EventKind.MILESTONE:
            points = [(x, y - 5.5), (x + 5.5, y), (x, y + 5.5), (x - 5.5, y)]
            return polygon(points, BASIS_COLOURS[Basis.PREDICTED], PAPER)
        case EventKind.STEP:
            return element("circle", cx=x, cy=y, r=5, fill=INK, stroke=PAPER, stroke_width=1.2)
        case EventKind.SUCCESS:
            disc = element("circle", cx=x, cy=y, r=6.5, fill=BASIS_COLOURS[Basis.OBSERVED])
            return disc + _stroke(f"M{x - 3:.2f} {y + 0.3:.2f}l2.2 2.4l4-4.8", PAPER)
        case EventKind.SETBACK:
            disc = element("circle", cx=x, cy=y, r=6.5, fill=TODAY)
            return disc + _stroke(
                f"M{x - 2.5:.2f} {y - 2.5:.2f}l5 5m0-5l-5 5",
                PAPER,
            )
        case EventKind.REMINDER:
            points = [(x, y - 6), (x + 6, y + 5), (x - 6, y + 5)]
            return polygon(points, BASIS_COLOURS[Basis.PRACTICE], PAPER)
        case EventKind.REVISION:
            return element(
                "circle", cx=x, cy=y, r=4.4, fill=PAPER, stroke=MUTED, stroke_width=2,
                stroke_dasharray="3 1.6",
            )  # fmt: skip


def _stroke(path: str, colour: str) -> str:
    return element("path", d=path, fill="none", stroke=colour, stroke_width=1.7)
