"""Rates as a picture: of each row the answers, meetings and opt-outs, with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from followup.domain.measures.labels import CHANNELS, CUTS, GUARDS, ROLES, VARIANTS, WEEKDAYS
from followup.domain.measures.report import MOST_OPT_OUTS, Cut, Guard, Row
from followup.measures.queries import Measured
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.domain.weeks import Span
from kakehashi_common.pictures.lettering import shortened
from kakehashi_common.pictures.palette import EDGE, GRID, INK, MUTED, RULE, STRIPE, TODAY
from kakehashi_common.pictures.scene import Run, Scene

MOST_ROWS: Final = 40

_WIDTH: Final = 1080.0
_MARGIN: Final = 24.0
_LABEL: Final = 210.0
_SENT: Final = 76.0
_GUARD: Final = 132.0
_TOP: Final = 124.0
_ROW: Final = 42.0
_TEXT: Final = 13.0
"""Below a row's top: the middle of what is written."""
_DOT: Final = 30.0
_LEGEND: Final = 34.0
_PANELS: Final = _MARGIN + _LABEL + _SENT
_PANEL: Final = (_WIDTH - _MARGIN - _GUARD - _PANELS) / 3
_GAP: Final = 36.0
"""Between two panels, so that the numbers of their axes keep apart."""

_SCALES: Final = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class _Panel:
    """One rate of all rows, on one scale."""

    name: str
    rates: Sequence[Proportion]
    left: float
    limit: float | None = None
    """The limit that the rate should stay below."""

    @property
    def right(self) -> float:
        return self.left + _PANEL - _GAP

    @property
    def scale(self) -> float:
        """The rate at the right edge: no interval exceeds it, and neither does the limit."""
        highs = [each.interval.high for each in self.rates if each.interval is not None]
        most = max((*highs, self.limit or 0.0))
        return next(each for each in _SCALES if each >= most)

    def x(self, rate: float) -> float:
        return self.left + (self.right - self.left) * rate / self.scale


def rates_scene(measured: Measured) -> Scene:
    """Return the picture while it is drawn: a test checks its texts."""
    scene = Scene("followup-rates")
    rows = measured.rows[:MOST_ROWS]
    scene.text(_MARGIN, 34, Run(title(measured), 19, bold=True))
    scene.text(
        _MARGIN,
        62,
        Run("点は率、線は95%信頼区間（Wilson）。10件未満は判断しません。", 12.5, MUTED),
    )
    panels = _panels(rows)
    bottom = _TOP + _ROW * max(len(rows), 1)
    for number in range(0, len(rows), 2):
        top = _TOP + _ROW * number
        scene.rect(_MARGIN, top, _WIDTH - _MARGIN, top + _ROW, fill=STRIPE)
    scene.text(_MARGIN + _LABEL + _SENT - 14, 100, _head("送信・実施"), anchor="end")
    scene.text(_WIDTH - _MARGIN - _GUARD + 10, 100, _head("判定"))
    for panel in panels:
        _axis(scene, panel, bottom)
    for number, row in enumerate(rows):
        _row(scene, _TOP + _ROW * number, row, measured)
        for panel in panels:
            _rate(scene, _TOP + _ROW * number, panel, panel.rates[number])
    if not rows:
        scene.text(_MARGIN, _TOP + _ROW / 2, Run("この期間の送信・実施はありません。", 13, MUTED))
    scene.text(_MARGIN, bottom + _LEGEND / 2 + 6, Run(_legend(measured), 11.5, MUTED))
    return scene


def rates_svg(measured: Measured) -> str:
    """Return the picture."""
    summary = "、".join(
        f"{label(measured, row.key)}：送信・実施{row.sent}件、回答{_share(row.answered)}、"
        f"面談{_share(row.booked)}、配信停止{_share(row.opted_out)}"
        for row in measured.rows[:MOST_ROWS]
    )
    height = _TOP + _ROW * max(len(measured.rows[:MOST_ROWS]), 1) + _LEGEND + 10
    return rates_scene(measured).svg((_WIDTH, height), title(measured), summary, "ja")


def title(measured: Measured) -> str:
    """Return the picture's title, such as ``フォローアップの成果　メール・プレイブック別``."""
    what = f"{CHANNELS[measured.channel]}・{CUTS[measured.cut]}"
    return f"フォローアップの成果　{what}　{_days(measured.span)}"


def label(measured: Measured, key: str | None) -> str:
    """Return the display name of a row."""
    if key is None:
        return "全体" if measured.cut is Cut.ALL else "不明"
    match measured.cut:
        case Cut.ROLE:
            return ROLES.get(key, key)
        case Cut.WEEKDAY:
            return f"{WEEKDAYS[int(key) - 1]}曜日"
        case Cut.HOUR:
            return f"{int(key)}時台"
        case Cut.WEEKDAY_HOUR:
            weekday, _, hour = key.partition("-")
            return f"{WEEKDAYS[int(weekday) - 1]}曜日 {int(hour)}時台"
        case _:
            playbook, *step = key.split("/")
            if measured.cut is Cut.VARIANT:
                step[-1] = VARIANTS.get(step[-1], step[-1])
            return "／".join((measured.names.get(playbook, playbook), *step))


def _panels(rows: Sequence[Row]) -> tuple[_Panel, ...]:
    return (
        _Panel("回答率", [row.answered for row in rows], _PANELS),
        _Panel("面談化率", [row.booked for row in rows], _PANELS + _PANEL),
        _Panel("配信停止率", [row.opted_out for row in rows], _PANELS + 2 * _PANEL, MOST_OPT_OUTS),
    )


def _axis(scene: Scene, panel: _Panel, bottom: float) -> None:
    scene.text(panel.left, 86, _head(panel.name))
    for part in (0.0, 0.5, 1.0):
        rate = panel.scale * part
        scene.line(panel.x(rate), _TOP, panel.x(rate), bottom, stroke=RULE if not part else GRID)
        scene.text(panel.x(rate), 110, Run(f"{100 * rate:g}%", 10.5, MUTED), anchor="middle")
    if panel.limit is not None:
        x = panel.x(panel.limit)
        scene.line(x, _TOP, x, bottom, stroke=TODAY, stroke_dasharray="4 3")


def _row(scene: Scene, top: float, row: Row, measured: Measured) -> None:
    middle = top + _ROW / 2
    text = shortened(label(measured, row.key), 12.5, _LABEL - 8)
    scene.text(_MARGIN + 4, middle - (8 if row.refused else 0), Run(text, 12.5))
    if row.refused:
        refused = f"見合わせ {sum(row.refused.values())}件"
        scene.text(_MARGIN + 4, middle + 9, Run(refused, 10.5, MUTED))
    scene.text(_MARGIN + _LABEL + _SENT - 14, middle, Run(f"{row.sent:,}件", 12.5), anchor="end")
    exceeded = row.guard is Guard.EXCEEDED
    left = _WIDTH - _MARGIN - _GUARD + 10
    scene.text(
        left,
        middle - 8,
        Run(GUARDS[row.guard], 12, TODAY if exceeded else INK, bold=exceeded),
    )
    complained = f"苦情 {row.complained.count:,}/{row.complained.n:,}件"
    scene.text(left, middle + 9, Run(complained, 10.5, MUTED))


def _rate(scene: Scene, top: float, panel: _Panel, found: Proportion) -> None:
    colour = MUTED if found.too_few else INK
    scene.text(panel.left + 4, top + _TEXT, Run(_share(found), 11.5, colour), halo=True)
    if found.rate is None or found.interval is None:
        return
    over = panel.limit is not None and found.interval.low > panel.limit
    middle, ink = top + _DOT, TODAY if over else EDGE
    low, high = panel.x(found.interval.low), panel.x(found.interval.high)
    scene.line(low, middle, high, middle, stroke=ink, stroke_width=2)
    for end in (low, high):
        scene.line(end, middle - 4, end, middle + 4, stroke=ink, stroke_width=2)
    x = panel.x(found.rate)
    scene.rect(x - 4, middle - 4, x + 4, middle + 4, fill=ink, rx=4)


def _share(found: Proportion) -> str:
    if found.rate is None:
        return f"件数不足（{found.count:,}/{found.n:,}件）"
    return f"{100 * found.rate:.1f}%（{found.count:,}/{found.n:,}件）"


def _legend(measured: Measured) -> str:
    left_out = len(measured.rows) - MOST_ROWS
    more = f"　ほか{left_out}行は省略。" if left_out > 0 else ""
    return (
        "回答率・面談化率は、14日以上前の送信・実施のうち14日以内に反応のあった割合。"
        f"破線は配信停止率の上限（{100 * MOST_OPT_OUTS:g}%）。{more}"
    )


def _days(span: Span) -> str:
    first, last = span.first.monday, span.last.sunday
    until = f"{last.month}月{last.day}日"
    if last.year != first.year:
        until = f"{last.year}年{until}"
    return f"{first.year}年{first.month}月{first.day}日〜{until}"


def _head(text: str) -> Run:
    return Run(text, 12.5, INK, bold=True)
