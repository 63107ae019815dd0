"""Behaviour of made-up people over 120 days: visits, downloads, seminars, mails, calls, quotes."""

# ruff: noqa: PLR2004 (seeded chance; the numbers are shares and hours, each in its sentence)

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from examples.demo.people import Person
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    OutcomeRecorded,
    ProfileChanged,
)

JAPAN = ZoneInfo("Asia/Tokyo")
HISTORY = timedelta(days=120)

WEB = "https://www.seller.example"
CRM = "https://crm.seller.example"
MAIL = "https://mail.seller.example"
SEMINAR = "https://seminar.seller.example"

PAGES = {
    "top": 22, "product": 26, "case_study": 18, "security": 9, "pricing": 12, "subsidy": 8,
    "blog": 14, "careers": 2,
}  # fmt: skip
"""Categories of pages, with how often each is read."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact before it becomes a CloudEvent."""

    at: datetime
    source: str
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Season:
    """The days that a history spans, and the seller's seminars and mailings in them."""

    first: date
    now: datetime
    seminars: tuple[datetime, ...]
    mailings: tuple[datetime, ...]

    @classmethod
    def ending(cls, now: datetime) -> "Season":
        """The 120 days before ``now``: seminars every third Thursday, mail every other Tuesday."""
        first = (now - HISTORY).astimezone(JAPAN).date()
        days = [first + timedelta(days=n) for n in range(HISTORY.days + 1)]
        thursdays = [day for day in days if day.weekday() == 3][1::3]
        tuesdays = [day for day in days if day.weekday() == 1][::2]
        return cls(
            first,
            now,
            tuple(datetime.combine(day, time(14), JAPAN) for day in thursdays),
            tuple(datetime.combine(day, time(10), JAPAN) for day in tuesdays),
        )

    def office_hours(self, rng: Random) -> datetime:
        """A moment at which an official reads: weekdays, 8:30–17:15, seldom at lunch or later."""
        while True:
            # Interest grows towards the present: the season's second half is read more.
            share = rng.betavariate(1.6, 1.1)
            day = self.first + timedelta(days=int(share * (HISTORY.days + 1)))
            if day.weekday() >= 5 and rng.random() > 0.03:
                continue
            minute = rng.choices(
                [rng.randint(510, 719), rng.randint(720, 779), rng.randint(780, 1034),
                 rng.randint(1035, 1320)],
                [40, 8, 47, 5],
            )[0]  # fmt: skip
            at = datetime.combine(day, time(), JAPAN) + timedelta(
                minutes=minute, seconds=rng.randint(0, 59)
            )
            if at < self.now:
                return at


def history(rng: Random, person: Person, season: Season) -> Iterator[Happening]:
    """Yield everything that ``person`` did and that was learnt about them, in no order."""
    if person.known:
        yield from _profile(rng, person, season)
    # Most visitors look once or twice; a few work towards a purchase.
    act = rng.choices([_passing, _curious, _evaluating, _buying], [46, 30, 17, 7])[0]
    yield from act(rng, person, season)


def _activity(person: Person, at: datetime, source: str, kind: str, **data: Any) -> Happening:
    content = {"lead_id": person.lead_id, "kind": kind, **data}
    return Happening(at, source, ActivityRecorded.TYPE, content)


def _profile(rng: Random, person: Person, season: Season) -> Iterator[Happening]:
    at = datetime.combine(season.first, time(9), JAPAN) + timedelta(minutes=rng.randint(0, 9000))
    size: dict[str, Any] = (
        {"organisation_size": person.organisation_size} if rng.random() < 0.8 else {}
    )
    data = {
        "lead_id": person.lead_id,
        "municipality_code": person.municipality.code,
        "department": person.department,
        "person_name": person.name,
        "email": person.email,
        **size,
    }
    yield Happening(at, CRM, ProfileChanged.TYPE, data)
    if rng.random() < 0.7:
        # The part in the decision is learnt later, on the telephone.
        later = {"lead_id": person.lead_id, "role": person.role.value, "phone": person.phone}
        yield Happening(season.office_hours(rng), CRM, ProfileChanged.TYPE, later)


def _visit(rng: Random, person: Person, at: datetime, pages: int) -> Iterator[Happening]:
    for category in rng.choices(list(PAGES), list(PAGES.values()), k=pages):
        yield _activity(
            person, at, WEB, "page_viewed", category=category, details={"device": "desktop"}
        )
        at += timedelta(seconds=rng.randint(15, 240))


def _visits(rng: Random, person: Person, season: Season, count: int) -> Iterator[Happening]:
    for _ in range(count):
        at = season.office_hours(rng)
        pages = 1 + min(8, int(rng.expovariate(0.55)))
        yield from (h for h in _visit(rng, person, at, pages) if h.at < season.now)


def _mails(rng: Random, person: Person, season: Season, interest: float) -> Iterator[Happening]:
    for sent in season.mailings:
        opened = sent + timedelta(minutes=rng.expovariate(1 / 200))
        if rng.random() < 0.30 * interest and opened < season.now:
            yield _activity(person, opened, MAIL, "mail_opened", category="newsletter")
            clicked = opened + timedelta(seconds=rng.randint(5, 90))
            if rng.random() < 0.28 and clicked < season.now:
                yield _activity(person, clicked, MAIL, "mail_clicked", category="newsletter")


def _seminars(rng: Random, person: Person, season: Season, chance: float) -> Iterator[Happening]:
    for held in season.seminars:
        registered = held - timedelta(days=rng.randint(2, 14), minutes=rng.randint(0, 240))
        if rng.random() > chance or registered.date() < season.first or registered > season.now:
            continue
        category = rng.choice(["front_desk_dx", "online_forms", "records_management"])
        yield _activity(person, registered, SEMINAR, "seminar_registered", category=category)
        if rng.random() < 0.62 and held < season.now:
            yield _activity(person, held, SEMINAR, "seminar_attended", category=category)


def _some(
    rng: Random, most: int, make: Callable[[datetime], Happening], season: Season
) -> Iterator[Happening]:
    for _ in range(rng.randint(0, most)):
        yield make(season.office_hours(rng))


def _download(rng: Random, person: Person) -> Callable[[datetime], Happening]:
    category = rng.choices(["white_paper", "case_study", "price_list"], [5, 3, 2])[0]
    return lambda at: _activity(person, at, WEB, "document_downloaded", category=category)


def _passing(rng: Random, person: Person, season: Season) -> Iterator[Happening]:
    yield from _visits(rng, person, season, rng.randint(1, 2))
    yield from _mails(rng, person, season, 0.5)


def _curious(rng: Random, person: Person, season: Season) -> Iterator[Happening]:
    yield from _visits(rng, person, season, rng.randint(2, 4))
    yield from _mails(rng, person, season, 1.0)
    yield from _seminars(rng, person, season, 0.12)
    yield from _some(rng, 2, _download(rng, person), season)
    if rng.random() < 0.05:
        # A kind that no rule names yet: stored, worth nothing, counted.
        yield _activity(person, season.office_hours(rng), CRM, "booth_visited", category="expo")


def _evaluating(rng: Random, person: Person, season: Season) -> Iterator[Happening]:
    yield from _visits(rng, person, season, rng.randint(4, 8))
    yield from _mails(rng, person, season, 1.5)
    yield from _seminars(rng, person, season, 0.3)
    yield from _some(rng, 4, _download(rng, person), season)
    yield from _some(rng, 2, lambda at: _activity(person, at, CRM, "call_answered"), season)
    yield from _some(rng, 1, lambda at: _activity(person, at, WEB, "form_submitted"), season)
    yield from _some(rng, 1, lambda at: _activity(person, at, MAIL, "mail_answered"), season)


def _buying(rng: Random, person: Person, season: Season) -> Iterator[Happening]:
    yield from _evaluating(rng, person, season)
    yield from _some(rng, 4, lambda at: _activity(person, at, CRM, "meeting_held"), season)
    yield from _in_months(rng, person, season, "reference_quote_requested", {6, 7, 8, 9})
    yield from _in_months(rng, person, season, "rfi_received", {6, 7, 8, 9, 10})
    if rng.random() < 0.4:
        yield from _in_months(rng, person, season, "rfp_received", {1, 2, 4, 5, 9, 10, 11})
    if rng.random() < 0.35:
        outcome = rng.choices(["won", "lost", "cancelled"], [40, 45, 15])[0]
        data: dict[str, Any] = {"lead_id": person.lead_id, "outcome": outcome}
        if outcome == "won":
            data["amount_yen"] = rng.randint(8, 240) * 100_000
        ended = max(season.office_hours(rng) for _ in range(4))
        yield Happening(ended, CRM, OutcomeRecorded.TYPE, data)


def _in_months(
    rng: Random, person: Person, season: Season, kind: str, months: set[int]
) -> Iterator[Happening]:
    """Once, at a moment within ``months``, if chance finds one in the season.

    Reference quotes (参考見積) and RFIs come in June–September, for the budget of the next year
    (common practice).
    """
    for at in (season.office_hours(rng) for _ in range(6)):
        if at.month in months:
            yield _activity(person, at, CRM, kind)
            return
