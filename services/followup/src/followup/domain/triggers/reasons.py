"""Reasons that others report: when each is good, and which of them are not acted on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from followup.domain.send_policy.pauses import Pause, PauseCause
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.japanese_writing import day as in_words
from kakehashi_common.domain.reasons import Audience, ReasonKind
from kakehashi_common.domain.texts import Text

MOST_IMPORTANT: Final = 3
FURTHEST_AHEAD: Final = timedelta(days=800)
"""A reason that is good from later on is taken for a slip in the year."""

_ONE_DAY: Final = timedelta(days=1)

APPROVAL_REQUIRED: Final = frozenset(
    {
        ReasonKind.COMPETITOR_MOVE,
        ReasonKind.COUNCIL_QUESTION,
        ReasonKind.COUNCIL_DECISION,
        ReasonKind.DISASTER,
    }
)
"""Reasons whose follow-ups are sent only after a person has approved them."""


ABOUT_PEOPLE: Final = frozenset(
    {
        ReasonKind.PURSUIT_CUT,
        ReasonKind.CONTRACT_EXPIRY,
        ReasonKind.PERSONNEL_NOTICE,
        ReasonKind.PERSONNEL_ARRIVAL,
    }
)
"""Reasons that are true of some contacts of a municipality: those who took part, or move."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to contact a lead, or the people of a municipality."""

    kind: str
    """A ``ReasonKind``, or another slug."""
    label: Text
    good_from: date
    good_until: date
    municipality_code: str | None = None
    lead_id: str | None = None
    pursuit_id: str | None = None
    owner: str | None = None
    urgent: bool = False
    audience: frozenset[Audience] = frozenset()
    """The roles for which it is; empty: any."""
    importance: int = 2
    """From 1 to 3, the most important."""
    policy_area: str | None = None
    lead_ids: tuple[str, ...] = ()
    """The contacts of the municipality whom it is about, such as a deal's."""
    source: str | None = None
    """The publication of what it is about."""

    @property
    def place(self) -> str:
        """The place by which the reasons of a day are counted.

        Raises:
            ValueError: it is about nobody.
        """
        found = self.municipality_code or self.lead_id
        if found is None:
            raise ValueError("a reason is about a municipality or a lead")
        return found

    @property
    def approval_required(self) -> bool:
        """Whether a person approves what follows from it."""
        return self.kind in APPROVAL_REQUIRED


class Standing(StrEnum):
    """The state of the lead that a reason is about."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    """Not yet: events overtake each other. The reason waits for the lead."""
    ERASED = "erased"
    """The person's data were erased, and stay so."""
    ELSEWHERE = "elsewhere"
    """Of another municipality than the reason says."""


class SetAside(StrEnum):
    """The reason why a reason is not acted on."""

    STALE = "stale"
    TOO_FAR_AHEAD = "too_far_ahead"
    ERASED_LEAD = "erased_lead"
    OTHER_MUNICIPALITY = "other_municipality"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class ReasonLimit:
    """The most reasons of one place that are acted on in a day in Japan; a disaster always is.

    A place is a municipality, or a lead without one.
    """

    a_day: int = 50
    for_most_important: int = 10
    """The last so many of them are for reasons of importance 3 only."""

    def allows(self, reason: Reason, before_today: int) -> bool:
        """Return whether one more may be acted on after ``before_today`` others."""
        if reason.kind == ReasonKind.DISASTER:
            return True
        kept = 0 if reason.importance == MOST_IMPORTANT else self.for_most_important
        return before_today < self.a_day - kept

    @property
    def text(self) -> Text:
        """The rule in a sentence, to whom a reason was refused."""
        return Text(
            ja=f"1つの自治体について1日に扱う理由は{self.a_day}件までで、"
            f"最後の{self.for_most_important}件は重要度3の理由に限ります。この上限を超えました。",
            en=f"At most {self.a_day} reasons of one municipality are acted on in a day, "
            f"the last {self.for_most_important} only of importance 3: this one was beyond.",
        )


def set_aside(
    reason: Reason, *, today: date, lead: Standing | None, before_today: int, limit: ReasonLimit
) -> SetAside | None:
    """Return why a reason is not acted on; ``None``: it is.

    Args:
        reason: as it was reported.
        today: the day in Japan.
        lead: of the reason; ``None``: it is about no lead.
        before_today: how many reasons of the same place are acted on that came earlier today.
        limit: of a place and day.
    """
    if reason.good_until < today:
        return SetAside.STALE
    if reason.good_from > today + FURTHEST_AHEAD:
        return SetAside.TOO_FAR_AHEAD
    if lead is Standing.ERASED:
        return SetAside.ERASED_LEAD
    if lead is Standing.ELSEWHERE:
        return SetAside.OTHER_MUNICIPALITY
    if not limit.allows(reason, before_today):
        return SetAside.TOO_MANY
    return None


def contradicts(reason: Reason, municipality_code: str | None) -> bool:
    """Return whether a reason names its lead together with a municipality that isn't the lead's.

    Args:
        reason: as it was reported.
        municipality_code: the lead's; ``None``: it is about no lead, or nobody knows.
    """
    return None not in {reason.municipality_code, municipality_code} and (
        reason.municipality_code != municipality_code
    )


def why_set_aside(cause: SetAside, reason: Reason, limit: ReasonLimit) -> Text:
    """Return the cause in a sentence."""
    match cause:
        case SetAside.STALE:
            until = reason.good_until
            return Text(
                ja=f"{in_words(until)}までの理由で、受け取った時点で期限を過ぎていました。",
                en=f"It was good until {until}, and came later.",
            )
        case SetAside.TOO_FAR_AHEAD:
            return Text(
                ja=f"{in_words(reason.good_from)}からの理由で、{FURTHEST_AHEAD.days}日より先です。"
                "年の誤りでないか確認してください。",
                en=f"It is good from {reason.good_from}, more than {FURTHEST_AHEAD.days} days "
                "ahead: see whether the year is right.",
            )
        case SetAside.ERASED_LEAD:
            return Text(
                ja="個人情報を削除した方についての理由です。",
                en="It is about a person whose data were erased.",
            )
        case SetAside.OTHER_MUNICIPALITY:
            return Text(
                ja=f"見込み客{reason.lead_id}は団体コード{reason.municipality_code}の自治体の方では"
                "ありません。団体コードを省くか、見込み客のプロフィールを直してください。",
                en=f"lead {reason.lead_id} is not of municipality {reason.municipality_code}: "
                "leave municipality_code out, or correct the lead's profile.",
            )
        case SetAside.TOO_MANY:
            return limit.text


def pause_for(reason: Reason) -> Pause | None:
    """Return the pause of all selling to the place that a reason calls for, if it does."""
    if reason.kind != ReasonKind.DISASTER or reason.municipality_code is None:
        return None
    return Pause(
        PauseCause.DISASTER,
        since=_midnight(reason.good_from),
        ends=_midnight(reason.good_until + _ONE_DAY),
        organisation=reason.municipality_code,
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """Days before and after the day that a reason is about, both included."""

    before: int
    after: int


_USUAL: Final = _Window(0, 14)
_WINDOWS: Final[Mapping[str, _Window]] = {
    # 18 to 12 months before the contract ends: before the budget of its successor is requested
    ReasonKind.CONTRACT_EXPIRY: _Window(548, -365),
    ReasonKind.FIRST_MEETING_ANNIVERSARY: _Window(7, 7),
    # from the unofficial notice until the day before the transfer
    ReasonKind.PERSONNEL_NOTICE: _Window(21, -1),
    ReasonKind.PERSONNEL_ARRIVAL: _USUAL,  # 1-15 April
    ReasonKind.COUNCIL_QUESTION: _Window(0, 30),
    ReasonKind.COUNCIL_DECISION: _Window(0, 30),
    ReasonKind.POLICY_SPEECH: _Window(0, 30),
    ReasonKind.NATIONAL_POLICY: _Window(0, 60),
    ReasonKind.LAW_REVISED: _Window(0, 60),
    ReasonKind.GRANT_CALL_OPENED: _Window(0, 30),
    ReasonKind.GRANT_CALL_CLOSING: _Window(30, 0),
    ReasonKind.DISASTER: _Window(0, 90),
    ReasonKind.COMPETITOR_MOVE: _Window(0, 30),
}
"""Common practice."""


def usual_window(kind: str, about: date) -> tuple[date, date]:
    """Return the first and last day on which a reason is good, when nobody says so.

    Args:
        kind: of the reason.
        about: what it is about: the contract's last day, the anniversary, the transfer, the day of
            the question, the call's first or last day.
    """
    window = _WINDOWS.get(kind, _USUAL)
    return about - window.before * _ONE_DAY, about + window.after * _ONE_DAY


def anniversary(first_met_on: date, today: date) -> date:
    """Return the next anniversary of the first meeting, today included; of 29 February the 28th."""
    for year in (today.year, today.year + 1):
        day = _in_year(first_met_on, year)
        if day >= today and year > first_met_on.year:
            return day
    return _in_year(first_met_on, first_met_on.year + 1)


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
