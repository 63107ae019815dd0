"""Dates of return, as automatic replies state them in Japanese and English.

A reply names days in many roles: the first and the last of an absence, the day of the return, a
telephone number that looks like a day. What stands next to a day decides. In doubt the later day
counts: a mail that goes too early reaches nobody, and asks twice.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from followup.domain.inbox.named_days import TIME, WEEKDAY_BEHIND, NamedDay, named_days
from kakehashi_common.domain.business_days import BusinessDays

ABSENT_DAYS: Final = 3
"""Business days for which an absence counts that doesn't say until when."""
_LONGEST_ABSENCE: Final = timedelta(days=1_100)
"""Three years: the longest leave for a child of a local official (地方公務員育児休業法2条)."""
_LONGEST_TEXT: Final = 4_000

_ABSENT: Final = r"不在|休み|休暇|休業|休職|産休|育休|出張|閉庁|離席|入院|留守"
_NOT_YET: Final = rf"(?:(?!{_ABSENT}|まで|迄|。).)"
"""A sign within what is said of one day."""
_BEHIND_UNTIL: Final = re.compile(rf"{WEEKDAY_BEHIND}{TIME}\s*(?:いっぱい|中)?(?:まで|迄)(?!に)")
_BEHIND_BACK: Final = re.compile(
    rf"{WEEKDAY_BEHIND}{TIME}\s*(?:の?(?:朝|午前|午後))?(?:に|より|から|以降|以後|付で)"
    rf"(?:に|は|の|、|順次|改めて|通常(?:通り|どおり)?)*{_NOT_YET}{{0,14}}?"
    r"(?:出社|出勤|出庁|登庁|戻|復帰|復職|対応|返信|連絡|ご?返答|回答|再開|業務|確認|開庁)"
)
_BEHIND_MONTH_BACK: Final = re.compile(
    rf"(?:に|より|から){_NOT_YET}{{0,8}}?(?:出勤|登庁|戻|復帰|復職)"
)
_BEHIND_AFTER: Final = re.compile(rf"{WEEKDAY_BEHIND}{TIME}\s*(?:以降|以後)")
_BEHIND_START: Final = re.compile(
    rf"{WEEKDAY_BEHIND}{TIME}\s*(?:から|より|[~\-–])"
    r"|(?:,?\s*20\d\d)?\s*(?:to|through|thru|until|till|-|–|~)\s"
)
_BEHIND_AWAY: Final = re.compile(
    rf"{WEEKDAY_BEHIND}\s*(?:は|に|の|、|,)?(?:終日)?[^。]{{0,12}}?(?:{_ABSENT})"
)
_BEFORE_UNTIL: Final = re.compile(
    r"(?:until|till|through|thru|\bto|[-–~])\s*(?:and including\s*)?(?:(?:on"
    r"|the)\s+)?(?:\w+day,?\s*)?$",
    re.IGNORECASE,
)
_BEFORE_BACK: Final = re.compile(
    r"(?:\bback|return(?:ing)?|resum(?:e|ing)|available(?: again)?|in the office|reply"
    r"|respond|answer)\b"
    r"[^.;\n]{0,40}?(?:\bon|\bfrom|\bby|\bas of|\bafter"
    r"|\bstarting)?\s*(?:the\s+)?(?:\w+day,?\s*)?(?:the\s+)?$",
    re.IGNORECASE,
)
_BEFORE_AWAY: Final = re.compile(
    r"\b(?:out of (?:the )?office|away|on (?:leave|vacation|holiday)|closed)\b[^.;\n]{0,20}$",
    re.IGNORECASE,
)
_BEFORE_ABSENT: Final = re.compile(rf"(?:{_ABSENT})[^。]{{0,8}}$")
_RANGE_BEFORE: Final = re.compile(r"(?:から|より|[~\-–])\s*$")
_LONG_LEAVE: Final = re.compile(r"育児|育休|産休|産前|産後|休職|介護休")
_BEHIND: Final = 60
_BEFORE: Final = 70


class _Role(IntEnum):
    """The role of a named day in an absence."""

    BACK = 4
    LAST = 3
    AWAY = 2
    FIRST = 1
    NONE = 0


@dataclass(frozen=True, slots=True)
class Return:
    """The first day on which somebody is back, and the words that say so."""

    on: date
    words: str


def return_in(text: str, sent_on: date, business_days: BusinessDays) -> Return | None:
    """Return when the person is back, by a text that was written on ``sent_on``.

    It is the last of the days of return that are named and of the business days that follow upon
    days of an absence. Of an absence whose end isn't named, it is the third business day behind its
    first one. ``None`` if no day is stated, or one that has passed or is years away.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).replace("〜", "~").replace("−", "-")
    plain = re.sub(r"\s+", " ", plain)
    plain = re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", plain)
    back, first = [], []
    for named, role in _roles(plain, sent_on, business_days):
        on, words = _meant(named, role), plain[named.start : named.end + 12].strip()
        if role is _Role.LAST and on < sent_on and named.is_nearest and _LONG_LEAVE.search(plain):
            on += timedelta(days=365)
        if not sent_on <= on <= sent_on + _LONGEST_ABSENCE:
            continue
        if role is _Role.BACK:
            back.append(Return(business_days.on_or_after(on), words))
        elif role is _Role.FIRST:
            first.append(Return(business_days.shift(on, ABSENT_DAYS), words))
        elif role:
            back.append(Return(business_days.shift(on, 1), words))
    return max(back or first, key=lambda each: each.on, default=None)


def _roles(
    text: str, sent_on: date, business_days: BusinessDays
) -> Iterator[tuple[NamedDay, _Role]]:
    for named in named_days(text, sent_on, business_days):
        before = text[max(0, named.start - _BEFORE) : named.start]
        behind = text[named.end : named.end + _BEHIND]
        yield named, _role(named, before, behind)


def _role(named: NamedDay, before: str, behind: str) -> _Role:  # noqa: PLR0911 - one each
    if _BEHIND_UNTIL.match(behind):
        # Away until the next business day: back on it.
        return _Role.BACK if named.is_return else _Role.LAST
    if named.is_month:
        if _BEHIND_MONTH_BACK.match(behind):
            return _Role.BACK
        return _Role.FIRST if _BEHIND_START.match(behind) else _Role.NONE
    if _BEHIND_BACK.match(behind) or _BEFORE_BACK.search(before):
        return _Role.BACK
    if _BEHIND_START.match(behind):
        return _Role.FIRST
    if named.ends_range or _RANGE_BEFORE.search(before) or _BEFORE_UNTIL.search(before):
        return _Role.LAST
    if _BEHIND_AWAY.match(behind) or _BEFORE_AWAY.search(before):
        return _Role.AWAY
    if named.is_counted:
        return _Role.LAST if _BEFORE_ABSENT.search(before) else _Role.NONE
    if named.is_return or named.since is not None or _BEHIND_AFTER.match(behind):
        return _Role.BACK
    return _Role.NONE


def _meant(named: NamedDay, role: _Role) -> date:
    """Return the first day of a week in which somebody is back, else the day that is named."""
    return named.since if role is _Role.BACK and named.since is not None else named.on
