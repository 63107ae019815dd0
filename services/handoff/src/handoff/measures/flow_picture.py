"""A week's flow as a picture: how many handoffs reached each step, and how many fell out where."""

from collections.abc import Mapping
from typing import Final

from handoff.domain.measures.agenda import Agenda, Passage
from handoff.domain.measures.labels import LOSSES, STEPS
from handoff.domain.measures.rounds import Step
from kakehashi_common.domain.weeks import Week
from kakehashi_common.pictures.lettering import shortened
from kakehashi_common.pictures.palette import (
    BAND,
    EDGE,
    INK,
    MUTED,
    NOTICE,
    NOTICE_EDGE,
    STRIPE,
)
from kakehashi_common.pictures.scene import Run, Scene

_WIDTH: Final = 980.0
_MARGIN: Final = 24.0
_COLUMN: Final = (_WIDTH - 2 * _MARGIN) / len(Step)
_BAR: Final = 92.0
_PLOT_TOP: Final = 108.0
_UP: Final = 104.0
"""The highest bar."""
_BASE: Final = _PLOT_TOP + _UP
_NAMES: Final = 30.0
_DOWN: Final = 56.0
_REASON: Final = 16.0
_MOST_REASONS: Final = 3
_LOSSES: Final = _BASE + _NAMES
_HEIGHT: Final = _LOSSES + _DOWN + 24 + (_MOST_REASONS + 1) * _REASON + 14


def flow_scene(agenda: Agenda, team: str | None) -> Scene:
    """Return the picture while it is drawn, for whoever checks its texts."""
    scene = Scene("handoff-flow")
    most = max((max(each.reached, _fell_out(each)) for each in agenda.flow), default=0)
    scene.text(_MARGIN, 34, Run(title(agenda.week, team), 19, bold=True))
    scene.text(
        _MARGIN,
        62,
        Run("上：この週に各段階へ進んだ件数　下：この週に離脱した件数とその理由", 12.5, MUTED),
    )
    scene.rect(_MARGIN, _BASE, _WIDTH - _MARGIN, _LOSSES, fill=STRIPE)
    for number, passage in enumerate(agenda.flow):
        _column(scene, _MARGIN + _COLUMN * (number + 0.5), passage, most)
    return scene


def flow_svg(agenda: Agenda, team: str | None) -> str:
    """Return the picture."""
    told = "、".join(
        f"{STEPS[each.step]}{each.reached}件（離脱{_fell_out(each)}件）" for each in agenda.flow
    )
    scene = flow_scene(agenda, team)
    return scene.svg((_WIDTH, _HEIGHT), title(agenda.week, team), told, "ja")


def title(week: Week, team: str | None) -> str:
    """Return what the meeting is about, such as ``引き継ぎ週次会議　2026年11月23日〜29日``."""
    first, last = week.monday, week.sunday
    until = f"{last.day}日"
    if last.month != first.month:
        until = f"{last.month}月{until}"
    if last.year != first.year:
        until = f"{last.year}年{until}"
    whose = f"　{team}" if team else ""
    return f"引き継ぎの週次会議　{first.year}年{first.month}月{first.day}日〜{until}{whose}"


def _column(scene: Scene, middle: float, passage: Passage, most: int) -> None:
    fell_out = _fell_out(passage)
    scale = 1 / most if most else 0.0
    left, right = middle - _BAR / 2, middle + _BAR / 2
    top = _BASE - _UP * passage.reached * scale
    if passage.reached:
        scene.rect(left, top, right, _BASE, fill=BAND, stroke=EDGE, stroke_width=1)
    scene.text(middle, top - 15, Run(str(passage.reached), 22, INK, bold=True), anchor="middle")
    scene.text(
        middle, _BASE + _NAMES / 2, Run(STEPS[passage.step], 14, INK, bold=True), anchor="middle"
    )
    if passage.step is not Step.WON:
        edge = middle + _COLUMN / 2
        scene.text(edge, _BASE + _NAMES / 2, Run("→", 15, MUTED), anchor="middle")
    if not fell_out:
        return
    bottom = _LOSSES + _DOWN * fell_out * scale
    scene.rect(left, _LOSSES, right, bottom, fill=NOTICE, stroke=NOTICE_EDGE, stroke_width=1)
    scene.text(
        middle, bottom + 14, Run(f"離脱 {fell_out}", 14, NOTICE_EDGE, bold=True), anchor="middle"
    )
    for number, line in enumerate(_reasons(passage.lost)):
        text = shortened(line, 11, _COLUMN - 6)
        scene.text(middle, bottom + 32 + number * _REASON, Run(text, 11, MUTED), anchor="middle")


def _reasons(lost: Mapping[str, int]) -> list[str]:
    lines = [f"{LOSSES.get(reason, reason)} {count}" for reason, count in lost.items()]
    if len(lines) <= _MOST_REASONS + 1:
        return lines
    others = sum(list(lost.values())[_MOST_REASONS:])
    return [*lines[:_MOST_REASONS], f"ほかの理由 {others}"]


def _fell_out(passage: Passage) -> int:
    return sum(passage.lost.values())
