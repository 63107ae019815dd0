"""What a budget cycle asks of the world: what lies ahead, and publish what is due."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from budget_calendar import tables
from budget_calendar.announcements import Announcement, date_window, event_id, label
from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.calendar import BudgetCalendar, PhaseSpan
from budget_calendar.domain.corrections import Correction
from budget_calendar.domain.fiscal_years import fiscal_year_of, japanese_name
from budget_calendar.domain.labels import PHASES, label_of
from budget_calendar.domain.moments import Moment, MomentKind, due, moments, next_instant
from budget_calendar.domain.reasons import reasons_to_act
from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Window
from budget_calendar.repository import announced, follows, municipalities
from budget_calendar.service import Author, Calendars
from kakehashi_common import outbox
from kakehashi_common.clock import Clock, japan_day, utc
from kakehashi_common.contracts.budget_phases import MilestoneNear, PhaseEntered
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.db import Database

URGENT_WITHIN_BUSINESS_DAYS: Final = 7

_EVENTS: Final[dict[str, type[EventData]]] = {
    model.TYPE: model for model in (PhaseEntered, MilestoneNear, ReasonArisen)
}


@dataclass(frozen=True, slots=True)
class LookAhead:
    """Which municipality, as of when, and what has been announced."""

    code: str
    now: datetime
    announced_through: datetime | None
    """``None``: nothing yet; what is past now is not announced."""
    phase: str | None
    """The phase last announced, as ``2026/summer_review``."""


@dataclass(frozen=True, slots=True)
class Due:
    """One event to publish now."""

    key: str
    """For people: what it is about."""
    event_id: str
    occurred_at: datetime
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where the municipality stands and what lies ahead of it."""

    followed: bool
    fiscal_year: int
    phase: str
    """As ``2026/summer_review``."""
    phase_name: str
    """As ``summer_review``."""
    standing: Text
    """A sentence or two for people."""
    due: tuple[Due, ...]
    through: datetime
    """Everything up to here is in ``due`` or has been announced."""
    next_at: datetime
    """When to look again at the latest."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Events to publish."""

    code: str
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Correct:
    """A correction as an operator enters it in the Temporal UI."""

    fiscal_year: int
    milestone: str
    """Its key, such as ``request_deadline`` or ``session_vote:3``, or a phase."""
    earliest: date
    likely: date
    latest: date
    source: str
    reason: str
    by: str
    code: str = ""
    """Filled in by the workflow."""

    def correction(self, at: datetime) -> Correction:
        """As the domain knows it.

        Raises:
            RefusedError: the days are not in order.
        """
        return Correction(
            code=self.code,
            fiscal_year=self.fiscal_year,
            key=self.milestone,
            window=Window(self.earliest, self.likely, self.latest),
            source=self.source,
            reason=self.reason,
            by=self.by,
            at=at,
        )


class Cycles:
    """Budget cycles over the database."""

    def __init__(
        self,
        database: Database,
        calendars: Calendars,
        clock: Clock,
        *,
        business_days: BusinessDays,
        lead_business_days: Sequence[int],
        topic_prefix: str = "",
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._clock = clock
        self._business_days = business_days
        self._lead_business_days = tuple(lead_business_days)
        self._topic_prefix = topic_prefix

    async def look_ahead(self, request: LookAhead) -> Ahead:
        """What is due, and when to look again. Opens the calendars of this year and the next."""
        this_year = fiscal_year_of(japan_day(request.now))
        async with self._database.transaction() as connection:
            followed = await follows.is_followed(connection, request.code)
            registered = await municipalities.find(connection, request.code)
            calendars = [
                (await self._calendars.open(connection, request.code, year)).calendar
                for year in (this_year, this_year + 1)
            ]
        return ahead_of(
            request,
            calendars,
            name=request.code if registered is None else registered.municipality.name,
            followed=followed,
            business_days=self._business_days,
            lead_business_days=self._lead_business_days,
        )

    async def correct(self, correction: Correct) -> list[str]:
        """Put a date in force; return the keys of what moved.

        Raises:
            RefusedError: see ``domain.corrections.checked``.
            NotFoundError: no such municipality.
        """
        author = Author(who=correction.by, origin=f"budget-cycle/{correction.code}")
        revised = await self._calendars.correct(correction.correction(self._clock.now()), author)
        return [each.key for each in revised.moved]

    async def announce(self, request: Announce) -> int:
        """Publish what has not been published yet; return how many events that were."""
        async with self._database.transaction() as connection:
            new = await announced.claim(connection, [UUID(each.event_id) for each in request.due])
            messages = [
                announcement(request.code, each).message(self._topic_prefix)
                for each in request.due
                if UUID(each.event_id) in new
            ]
            await outbox.add(connection, tables.outbox_table, messages)
        return len(messages)


def ahead_of(
    request: LookAhead,
    calendars: Sequence[BudgetCalendar],
    *,
    name: str,
    followed: bool,
    business_days: BusinessDays,
    lead_business_days: Iterable[int],
) -> Ahead:
    """Where a municipality stands at ``request.now``, by the calendars of this year and the next.

    Milestones are announced once, at their moments; a phase whenever another one is entered than
    was last announced, so that a revision that puts the municipality into another phase says so.
    """
    today = japan_day(request.now)
    calendar = calendars[0]
    span = calendar.phase_on(today)
    phase = f"{calendar.fiscal_year}/{span.phase}"
    leads = tuple(lead_business_days)
    found = [each for one in calendars for each in moments(one, business_days, leads)]
    after = request.announced_through or request.now
    to_announce: list[Due] = []
    if phase != request.phase:
        to_announce += _phase_entered(request, calendar, span, today)
    for moment in due(found, after, request.now):
        if moment.kind is MomentKind.MILESTONE_NEAR:
            to_announce += _milestone_near(request.code, calendars, moment)
    return Ahead(
        followed=followed,
        fiscal_year=calendar.fiscal_year,
        phase=phase,
        phase_name=span.phase.value,
        standing=_standing(name, calendar, span, found, request.now),
        due=tuple(to_announce),
        through=request.now,
        next_at=next_instant(found, request.now) or request.now + timedelta(days=30),
    )


def announcement(code: str, one: Due) -> Announcement:
    """What is due, as an event to publish."""
    data = _EVENTS[one.type].model_validate(one.data)
    return Announcement(UUID(one.event_id), one.occurred_at, code, data)


def _phase_entered(
    request: LookAhead, calendar: BudgetCalendar, span: PhaseSpan, today: date
) -> Iterator[Due]:
    standing = span.begins.window.likely != today
    data = PhaseEntered(
        municipality_code=request.code,
        fiscal_year=calendar.fiscal_year,
        phase=span.phase.value,
        label=label(PHASES[span.phase]),
        begins=date_window(span.begins),
        ends_likely_on=span.ends.likely,
        standing=standing,
    )
    key = f"{calendar.fiscal_year}/{span.phase}"
    yield _due(key, data, request.now, request.code, key, today)
    if not standing:  # a reason that arose while nobody followed is stale
        moment = Moment(today, MomentKind.PHASE_ENTERED, span.phase, today, calendar.fiscal_year)
        yield from _reasons(request.code, moment, request.now, good_until=span.ends.likely)


def _milestone_near(
    code: str, calendars: Sequence[BudgetCalendar], moment: Moment
) -> Iterator[Due]:
    calendar = next(each for each in calendars if each.fiscal_year == moment.fiscal_year)
    milestone = calendar.milestone(moment.key)
    if milestone is None or moment.lead is None:  # moments are made of milestones
        return
    data = MilestoneNear(
        municipality_code=code,
        fiscal_year=moment.fiscal_year,
        milestone=moment.key,
        label=label(label_of(milestone)),
        window=date_window(milestone.estimate),
        business_days_left=moment.lead,
    )
    at = utc(moment.at)
    yield _due(f"{moment.key} in {moment.lead}", data, at, code, moment.id)
    yield from _reasons(code, moment, at, good_until=moment.about)


def _reasons(code: str, moment: Moment, at: datetime, *, good_until: date) -> Iterator[Due]:
    for reason in reasons_to_act(moment):
        data = ReasonArisen(
            municipality_code=code,
            reason=reason.code.value,
            label=label(reason.text),
            good_from=moment.day,
            good_until=max(good_until, moment.day),
            urgent=moment.lead is not None and moment.lead <= URGENT_WITHIN_BUSINESS_DAYS,
        )
        yield _due(reason.code.value, data, at, code, moment.id, reason.code)


def _due(key: str, data: EventData, at: datetime, *identity: object) -> Due:
    return Due(
        key,
        event_id(data, *identity).hex,
        at,
        data.TYPE,
        data.model_dump(mode="json", exclude_unset=True),
    )


def _standing(
    name: str,
    calendar: BudgetCalendar,
    span: PhaseSpan,
    found: Sequence[Moment],
    now: datetime,
) -> Text:
    """Where a municipality stands and what is announced next, as an operator reads it."""
    year = japanese_name(calendar.fiscal_year)
    phase = PHASES[span.phase]
    text = Text(
        ja=f"{name} {year}：{phase.ja}（{span.ends.likely:%Y-%m-%d}頃まで）",
        en=f"{name}, fiscal year {calendar.fiscal_year}: {phase.en}, until about "
        f"{span.ends.likely:%Y-%m-%d}",
    )
    coming = [m for m in found if m.at > now and m.kind is MomentKind.MILESTONE_NEAR]
    if not coming:
        return text
    nearest = min(coming, key=lambda m: (m.about, m.day))
    milestone = (
        calendar.milestone(nearest.key) if nearest.fiscal_year == (calendar.fiscal_year) else None
    )
    if milestone is None:
        return text
    return Text(
        ja=f"{text.ja}。次：{label_of(milestone).ja} {nearest.about:%Y-%m-%d}頃",
        en=f"{text.en}. Next: {label_of(milestone).en} about {nearest.about:%Y-%m-%d}",
    )
