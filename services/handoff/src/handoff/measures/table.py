"""A report as CSV, for spreadsheets: one line a row, numbers without units."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final

from handoff.domain.handoff.labels import CLOCKS
from handoff.domain.handoff.rejections import REASONS, RejectionReason
from handoff.domain.handoff.terms import ENDED, ClockName, Status
from handoff.domain.measures.durations import Durations, Hours
from handoff.domain.measures.labels import STATUSES, STEPS
from handoff.domain.measures.report import Cut, Row
from handoff.domain.measures.rounds import Step
from handoff.measures.names import Names
from kakehashi_common.domain.proportions import Proportion

Cell = str | int | float | None
_Columns = Iterator[tuple[str, Cell]]

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Excel reads a CSV as UTF-8 only if it begins with this."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is computed by a spreadsheet. Source: OWASP, CSV injection."""


def measures_csv(rows: Sequence[Row], cut: Cut, names: Names) -> str:
    """Return the report as a spreadsheet reads it, with Japanese names of the columns."""
    lines = [dict(_columns(row, names.of(cut, row.key))) for row in rows]
    return csv_text(list(lines[0]) if lines else [], [list(each.values()) for each in lines])


def csv_text(header: Sequence[str], lines: Sequence[Sequence[Cell]]) -> str:
    """Return a table as CSV in UTF-8 with a byte order mark, by RFC 4180."""
    text = StringIO(_BYTE_ORDER_MARK, newline="")
    text.seek(0, 2)
    writer = csv.writer(text)
    for line in (header, *lines):
        writer.writerow([_safe(cell) for cell in line])
    return text.getvalue()


def rate_columns(name: str, rate: Proportion) -> _Columns:
    """Yield the columns of a rate; what is too few to say is left empty."""
    interval = rate.interval
    yield name, _rounded(rate.rate, 4)
    yield f"{name}・該当数", rate.count
    yield f"{name}・対象数", rate.n
    yield f"{name}・95%下限", _rounded(interval.low if interval else None, 4)
    yield f"{name}・95%上限", _rounded(interval.high if interval else None, 4)


def _columns(row: Row, name: str | None) -> _Columns:
    yield "区分", row.key
    yield "名称", name
    yield "引き継ぎ件数", row.rounds
    yield "進行中", row.open
    yield from rate_columns("受諾率", row.acceptance)
    yield "受諾回答待ち", row.awaited
    yield from _durations("受諾まで", row.time_to_accept)
    yield from _durations("初回連絡まで", row.time_to_contact)
    yield from _durations("リードへの初回回答まで", row.lead_response)
    yield "未回答のリード", row.leads_unanswered
    for clock in ClockName:
        kept = row.clocks.get(clock, Proportion(0, 0))
        yield from rate_columns(f"{CLOCKS[clock]}の期限遵守率", kept)
    for transition in row.transitions:
        step, following = STEPS[transition.step], STEPS[Step(transition.step + 1)]
        yield from rate_columns(f"{step}から{following}への移行率", transition.went_on)
        yield f"{step}で進行中", transition.open
    stays = {each.status: each for each in row.stays}
    for status in (each for each in Status if each not in ENDED):
        stay = stays.get(status)
        yield f"{STATUSES[status]}・件数", stay.n if stay else 0
        yield from _hours(f"{STATUSES[status]}・滞留時間", stay.took if stay else None)
    rejections = {each.reason: each.count for each in row.rejections}
    for reason in RejectionReason:
        yield f"見送り：{REASONS[reason].label}", rejections.get(reason, 0)


def _durations(name: str, found: Durations) -> _Columns:
    yield f"{name}・件数", found.n
    yield from _hours(f"{name}・営業時間", found.business)
    yield from _hours(f"{name}・実時間", found.wall_clock)


def _hours(name: str, found: Hours | None) -> _Columns:
    yield f"{name}の中央値", _rounded(found.median if found else None, 2)
    yield f"{name}の90%点", _rounded(found.p90 if found else None, 2)
    yield f"{name}の平均", _rounded(found.mean if found else None, 2)


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
