"""Draw the legend of marks and fills, and the notes about the dates."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.labels import BASES
from budget_calendar.domain.budget_year.wording import NO_LEGAL_ADVICE, Language, in_language
from budget_calendar.domain.windows import Basis, Window
from budget_calendar.pictures.marks import SESSION, SESSION_EDGE, mark
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.lettering import wrapped
from kakehashi_common.pictures.palette import BAND, CURRENT, EDGE, MUTED, PAPER, hatch
from kakehashi_common.pictures.scene import Run, Scene

_SAMPLE = 34.0
_BETWEEN = 24.0
_ROW = 24.0
_NOTE = 17.0

_MARKS: Final = Text("印は最も見込まれる日と根拠:", "Marks show the likely day and its basis:")


def draw_bases(scene: Scene, left: float, top: float, language: Language) -> float:
    """The mark of each basis in one row; gives back where the next row begins."""
    middle = top + _ROW / 2
    x = scene.text(left, middle, Run(in_language(_MARKS, language), 11.5, MUTED)).right + 16
    for basis in Basis:
        scene.draw(mark(basis, x, middle))
        x = scene.text(x + 11, middle, Run(in_language(BASES[basis], language), 11.5)).right
        x += _BETWEEN
    return top + _ROW


def draw_fills(
    scene: Scene, left: float, top: float, fills: Sequence[tuple[str, Text]], language: Language
) -> float:
    """Samples of fills, each with its meaning, in one row; gives back where the next row begins.

    Args:
        scene: what to draw on.
        left: where the row begins.
        top: where the row begins.
        fills: ``phase``, ``current``, ``deadline``, ``uncertain``, ``window`` or ``session``, each
            with what it means.
        language: of the meanings.
    """
    middle, x = top + _ROW / 2, left
    for fill, meaning in fills:
        _sample(scene, fill, x, middle)
        x = scene.text(x + _SAMPLE + 8, middle, Run(in_language(meaning, language), 11.5)).right
        x += _BETWEEN
    return top + _ROW


def draw_notes(
    scene: Scene, left: float, right: float, top: float, notes: Sequence[str], language: Language
) -> float:
    """Notes line by line, the legal notice last; gives back where the last one ends."""
    for note in (*notes, in_language(NO_LEGAL_ADVICE, language)):
        for line in wrapped(note, 11, right - left):
            scene.text(left, top + _NOTE / 2, Run(line, 11, MUTED))
            top += _NOTE
    return top


def window_bar(scene: Scene, begins: float, ends: float, middle: float) -> None:
    """The bar of a milestone's window."""
    scene.rect(
        begins, middle - 4, ends, middle + 4, fill="#e8ecf1", stroke=SESSION_EDGE, rx=4,
        stroke_width=0.8,
    )  # fmt: skip


def hatched(
    scene: Scene, begins: float, ends: float, middle: float, half: float, *, outlined: bool = False
) -> None:
    """Days that may belong to something or not: hatched, with a dashed outline if asked for."""
    if outlined:
        scene.rect(
            begins, middle - half, ends, middle + half, fill=PAPER, stroke=EDGE, stroke_width=0.8,
            stroke_dasharray="3 2",
        )  # fmt: skip
    scene.draw(hatch((begins, ends), (middle - half, middle + half)))


def uncertain_days(windows: Sequence[Window]) -> list[tuple[date, date]]:
    """The days inside those of the windows that are longer than a day, as spans apart."""
    spans: list[tuple[date, date]] = []
    for window in sorted(windows):
        if window.days == 1:
            continue
        if spans and window.earliest <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], window.latest))
        else:
            spans.append((window.earliest, window.latest))
    return spans


def _sample(scene: Scene, fill: str, x: float, middle: float) -> None:
    end = x + _SAMPLE
    if fill == "phase":
        scene.rect(x, middle - 7, end, middle + 7, fill=BAND, stroke=EDGE, stroke_width=0.8)
    elif fill == "current":
        scene.rect(x, middle - 7, end, middle + 7, fill=CURRENT, stroke=EDGE, stroke_width=0.8)
    elif fill == "deadline":
        scene.line(x, middle, end, middle, stroke=EDGE, stroke_width=2.4)
    elif fill == "session":
        scene.rect(
            x, middle - 7, end, middle + 7, fill=SESSION, stroke=SESSION_EDGE, stroke_width=0.8
        )
    elif fill == "uncertain":
        hatched(scene, x, end, middle, 7, outlined=True)
    else:
        window_bar(scene, x, end, middle)
