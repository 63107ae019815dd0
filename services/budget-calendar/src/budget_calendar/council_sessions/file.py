"""One file of one council session: JSON with its name, its voting days and its bills.

``{"session": "平成24年第1回定例会", "dates": ["平成24年2月20日", …], "bills": [{"title": …,
"result": …}, …], "sourceUrls": […]}`` (``sourceUrls`` may be missing; more fields do no harm).

What the dates mean: they are the captions of the lists of results, so each is a day on which bills
were voted. The latest is the session's last voting day. The earliest is only the first day with a
vote: councils vote on urgent bills on the opening day, but also in mid-session, two or three days
before the end. It is taken for the opening day (``opens_on``) when it lies at least 14 days before
the last vote, since committees sit in between (common practice); else the opening day is unknown.
Which bill was voted on which of the days, the file does not say.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from budget_calendar.council_sessions.names import (
    NotASessionNameError,
    SessionName,
    read_session_name,
)
from budget_calendar.domain.council.bill_titles import has_passed, read_budget_title
from budget_calendar.domain.council.sessions import BudgetBill, ObservedSession
from budget_calendar.domain.fiscal_years import fiscal_year_of
from kakehashi_common.domain.errors import DomainError, require_text
from kakehashi_common.domain.japanese_dates import (
    NotADateError,
    parse_japanese_date,
    plain,
    year_named_in,
)

COMMITTEES_SIT: Final = timedelta(days=14)
"""At least so long before the last vote, a voting day is taken for the opening day."""
LONGEST: Final = timedelta(days=100)
"""Days farther apart are not of one session; year-round terms (通年会期) are not read here."""
JANUARY: Final = 1
"""A winter session may end in January (common practice); it counts in the year in which it opened.
"""


class LeftOut(StrEnum):
    """The data left out because of a problem."""

    SESSION = "session"
    """The whole session."""
    VALUE = "value"
    """This value only."""
    NOTHING = "nothing"
    """It was read; the reason says how."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be read, or only leniently."""

    file: str
    field: str
    """``dates[2]``, ``bills[14].title``; empty for the whole file."""
    value: str
    reason: str
    left_out: LeftOut


@dataclass(frozen=True, slots=True)
class SessionFile:
    """The sessions read from one file, and its problems."""

    file: str
    name: str
    """The session's name as published; empty where there is none."""
    dates: tuple[str, ...]
    """As published."""
    session: ObservedSession | None
    problems: tuple[Problem, ...]


class _WrongShapeError(ValueError):
    """The file is not what it should be."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.value = _shown(value)
        self.reason = reason


def read_session_file(path: Path, code: str, municipality: str) -> SessionFile:
    """Read one file; it never fails for what is in it, the problems say what could not be read.

    Args:
        path: the file.
        code: the municipality's code, kept with the session.
        municipality: its name, as bill titles use it.
    """
    reading = _Reading(path.name)
    name: str = ""
    dates: tuple[str, ...] = ()
    session = None
    try:
        document = _document(path)
        name, dates = _text(document, "session"), _texts(document, "dates")
        session = reading.session(document, name, dates, code, municipality)
    except _WrongShapeError as wrong:
        reading.note(wrong.field, wrong.value, wrong.reason, LeftOut.SESSION)
    return SessionFile(path.name, name, dates, session, tuple(reading.problems))


class _Reading:
    """One file while it is read; collects its problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def note(self, field: str, value: str, reason: str, left_out: LeftOut) -> None:
        self.problems.append(Problem(self.file, field, value, reason, left_out))

    def session(
        self,
        document: dict[str, object],
        name: str,
        dates: tuple[str, ...],
        code: str,
        municipality: str,
    ) -> ObservedSession | None:
        named = _named(name)
        days = sorted(self._days(dates, named.year))
        if not days:
            self.note("dates", name, "no voting day could be read", LeftOut.SESSION)
            return None
        if days[-1] - days[0] > LONGEST:
            self.note(
                "dates",
                "、".join(dates),
                f"its days are {(days[-1] - days[0]).days} days apart: not of one session",
                LeftOut.SESSION,
            )
            return None
        return ObservedSession(
            code=code,
            kind=named.kind,
            year=named.year,
            number=named.number,
            opens_on=days[0] if days[-1] - days[0] >= COMMITTEES_SIT else None,
            last_vote_on=days[-1],
            bills=tuple(self._budgets(document, days[-1], municipality)),
            source=_source(document, self.file),
        )

    def _days(self, dates: tuple[str, ...], year: int) -> Iterator[date]:
        for i, text in enumerate(dates):
            try:
                day = parse_japanese_date(text)
            except NotADateError as not_a_date:
                reason, named = not_a_date.reason, year_named_in(text)
                if named is not None and named != year and "月" in text:
                    reason += f"; and it names {named}, the session is of {year}"
                self.note(f"dates[{i}]", text, reason, LeftOut.VALUE)
                continue
            if day.year == year or (day.year, day.month) == (year + 1, JANUARY):
                yield day
            else:
                reason = f"a day of {day.year} under a session of {year}: another session's?"
                self.note(f"dates[{i}]", text, reason, LeftOut.VALUE)

    def _budgets(
        self, document: dict[str, object], voted: date, municipality: str
    ) -> Iterator[BudgetBill]:
        seen: dict[str, str] = {}
        for i, (title, result) in self._bills(document):
            try:
                bill = self._budget(i, title, result, municipality)
                if bill is None:
                    continue
                _check_year(bill, voted)
            except DomainError as refused:
                field = "result" if refused.field == "result" else "title"
                value = f"{title}: {result}" if field == "result" else title
                self.note(f"bills[{i}].{field}", value, refused.message, LeftOut.VALUE)
                continue
            first = seen.setdefault(plain(title), f"bills[{i}]")
            if first == f"bills[{i}]":
                yield bill
            else:
                reason = f"the same budget as {first}"
                self.note(f"bills[{i}].title", title, reason, LeftOut.VALUE)

    def _bills(self, document: dict[str, object]) -> Iterator[tuple[int, tuple[str, str]]]:
        """Title and result of every bill that has both, with its place."""
        for i, bill in enumerate(_list(document, "bills")):
            try:
                each = _object(bill)
                yield i, (_text(each, "title"), _text(each, "result"))
            except _WrongShapeError as wrong:
                field = f"bills[{i}].{wrong.field}".removesuffix(".")
                self.note(field, wrong.value, wrong.reason, LeftOut.VALUE)

    def _budget(self, i: int, title: str, result: str, municipality: str) -> BudgetBill | None:
        read = read_budget_title(title, municipality)
        if read is None:
            return None
        if read.read_with is not None:
            self.note(f"bills[{i}].title", title, read.read_with, LeftOut.NOTHING)
        return BudgetBill(
            kind=read.kind,
            fiscal_year=read.fiscal_year,
            account=read.account,
            number=read.number,
            decided_by_head=read.decided_by_head,
            passed=has_passed(result),
            title=title,
        )


def _named(name: str) -> SessionName:
    try:
        return read_session_name(name)
    except NotASessionNameError as error:
        raise _WrongShapeError("session", name, str(error)) from None


def _check_year(bill: BudgetBill, voted: date) -> None:
    """A budget is voted in its fiscal year, the one before or (if supplementary) the one after."""
    if abs(bill.fiscal_year - fiscal_year_of(voted)) > 1:
        raise DomainError(
            f"a budget of fiscal year {bill.fiscal_year} in a session of {voted}",
            field="title",
            code="fiscal_year_far_off",
        )


def _document(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _WrongShapeError("", "", f"not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise _WrongShapeError("", "", f"not JSON: {error.msg} ({at})") from None
    except RecursionError:
        raise _WrongShapeError("", "", "nested too deeply") from None
    except OSError as error:
        raise _WrongShapeError("", "", f"cannot be opened: {error.strerror}") from None
    return _object(document)


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _WrongShapeError("", value, "must be an object")
    return value


def _text(document: dict[str, object], field: str) -> str:
    value = document.get(field)
    if not isinstance(value, str):
        raise _WrongShapeError(field, value, _must_be("a text", document, field))
    return _storable(field, value)


def _list(document: dict[str, object], field: str) -> list[object]:
    value = document.get(field)
    if not isinstance(value, list):
        raise _WrongShapeError(field, value, _must_be("a list", document, field))
    return value


def _texts(document: dict[str, object], field: str) -> tuple[str, ...]:
    values = _list(document, field)
    for i, value in enumerate(values):
        if not isinstance(value, str):
            raise _WrongShapeError(f"{field}[{i}]", value, "must be a text")
    return tuple(_storable(f"{field}[{i}]", str(value)) for i, value in enumerate(values))


def _storable(field: str, text: str) -> str:
    """``text``, if it can be written and stored: no NUL, no half of a surrogate pair."""
    try:
        return require_text(text, "it")
    except DomainError as refused:
        raise _WrongShapeError(field, ascii(text), refused.message) from None


def _must_be(what: str, document: dict[str, object], field: str) -> str:
    return f"must be {what}" if field in document else f"is missing; it must be {what}"


def _source(document: dict[str, object], file: str) -> str:
    urls = document.get("sourceUrls")
    if isinstance(urls, list) and urls and isinstance(urls[0], str):
        return urls[0]
    return file


def _shown(value: object) -> str:
    """A value as a person may see it, not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"  # noqa: PLR2004
