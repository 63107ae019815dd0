"""Word days, windows and their bases for people, in Japanese and in English."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from budget_calendar.domain.budget_year.labels import BASES
from budget_calendar.domain.source_names import source_text
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.texts import Text

Language = Literal["ja", "en"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS: Final[Mapping[Language, tuple[str, ...]]] = {
    "ja": ("月", "火", "水", "木", "金", "土", "日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}

SHORT_BASES: Final[Mapping[Basis, Text]] = {
    Basis.MANUAL: Text("手入力", "manual"),
    Basis.OBSERVED: Text("実績", "observed"),
    Basis.LAW: Text("法令", "law"),
    Basis.PREDICTED: Text("予測", "predicted"),
    Basis.PRACTICE: Text("慣行", "practice"),
}
"""One word each, where there is no room for more."""

SHORT_PHASES: Final[Mapping[BudgetPhase, Text]] = {
    BudgetPhase.INFORMATION_GATHERING: Text("情報収集", "Information"),
    BudgetPhase.SUMMER_REVIEW: Text("見積", "Quotes"),
    BudgetPhase.BUDGET_POLICY: Text("方針", "Policy"),
    BudgetPhase.DEPARTMENT_REQUESTS: Text("要求", "Requests"),
    BudgetPhase.FINANCE_ASSESSMENT: Text("財政課査定", "Assessment"),
    BudgetPhase.HEAD_ASSESSMENT: Text("首長査定", "Head"),
    BudgetPhase.DELIBERATION: Text("議会", "Council"),
    BudgetPhase.EXECUTION_PREPARATION: Text("準備", "Prep."),
}
"""As they fit into a band."""

NO_LEGAL_ADVICE: Final = Text(
    "日付は目安であり、法的助言ではありません。重要な日程は必ず自治体にご確認ください。",
    "Dates are estimates and no legal advice. Confirm what matters with the municipality.",
)


def in_language(text: Text | str, language: Language) -> str:
    """The text in that language; a plain string stays as it is."""
    if isinstance(text, str):
        return text
    return text.ja if language == "ja" else text.en


def short_day(day: date, language: Language) -> str:
    """``10/30`` or ``30 Oct``: where the year is clear."""
    return f"{day.month}/{day.day}" if language == "ja" else f"{day.day} {_MONTHS[day.month - 1]}"


def full_day(day: date, language: Language) -> str:
    """``2026年10月30日（金）`` or ``Fri 30 Oct 2026``."""
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日（{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def weekday_day(day: date, language: Language) -> str:
    """``10/30（金）`` or ``Fri 30 Oct``: where the year is clear."""
    weekday = _WEEKDAYS[language][day.weekday()]
    short = short_day(day, language)
    return f"{short}（{weekday}）" if language == "ja" else f"{weekday} {short}"


def weekday_span(first: date, last: date, language: Language) -> str:
    """``8/31（月）〜9/16（水）`` or ``Mon 31 Aug – Wed 16 Sep``; a single day is one day."""
    days = dict.fromkeys((first, last))
    return _between(language).join(weekday_day(day, language) for day in days)


def short_span(first: date, last: date, language: Language) -> str:
    """``7/1〜9/30`` or ``1 Jul – 30 Sep``; a single day is one day."""
    days = dict.fromkeys((first, last))
    return _between(language).join(short_day(day, language) for day in days)


def _between(language: Language) -> str:
    return "〜" if language == "ja" else " – "


def month_name(day: date, language: Language) -> str:
    """``4月`` or ``Apr``."""
    return f"{day.month}月" if language == "ja" else _MONTHS[day.month - 1]


def window_lines(window: Window, language: Language) -> tuple[str, ...]:
    """The likely day and, where it is not certain, the days it lies between."""
    likely = full_day(window.likely, language)
    if window.days == 1:
        return (f"日付: {likely}" if language == "ja" else f"Day: {likely}",)
    earliest, latest = full_day(window.earliest, language), full_day(window.latest, language)
    if language == "ja":
        return (f"最も見込まれる日: {likely}", f"見込みの幅: {earliest}〜{latest}")
    return (f"Most likely: {likely}", f"Between {earliest} and {latest}")


def estimate_lines(estimate: Estimate, language: Language) -> tuple[str, ...]:
    """Return lines that state an estimate's days, basis, source and certainty."""
    basis = in_language(BASES[estimate.basis], language)
    percent = round(estimate.confidence * 100)
    lines = window_lines(estimate.window, language)
    source = in_language(source_text(estimate.source), language)
    if language == "ja":
        return (
            *lines,
            f"根拠: {basis}",
            f"出典: {source}",
            f"確からしさ: 約{percent}%（この範囲に収まる割合の目安）",
        )
    return (
        *lines,
        f"Basis: {basis}",
        f"Source: {source}",
        f"Confidence: about {percent}% (share of cases in which such a window holds)",
    )
