"""Calendars as the API shows them, and dates as people send them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from budget_calendar.calendars.corrections import StoredCorrection
from budget_calendar.calendars.queries import ViewedCalendar
from budget_calendar.calendars.repository import CalendarVersion
from budget_calendar.calendars.revisions import Revised
from budget_calendar.domain.budget_year.calendar import (
    BudgetCalendar,
    Milestone,
    MilestoneKind,
    PhaseSpan,
)
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.budget_year.labels import PHASES, label_of, label_of_key
from budget_calendar.domain.budget_year.revision import Moved
from budget_calendar.domain.budget_year.scheduled_events import begin_by
from budget_calendar.domain.days import in_words
from budget_calendar.domain.fiscal_years import fiscal_year_of, japanese_name
from budget_calendar.domain.windows import Window
from budget_calendar.events.mapping import date_window, label
from budget_calendar.fields import BEGIN_BY, KEYS, Reason, Source
from budget_calendar.registry.schemas import BriefMunicipality
from kakehashi_common.contracts.budget_phases import DateWindow
from kakehashi_common.contracts.events import Label
from kakehashi_common.contracts.instants import Day
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import errors_within
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

SHOWN_NEXT = 3
"""Milestones that a calendar names as next."""


class WindowOut(ResponseBody):
    """Days in Japan between which something happens; both ends included."""

    earliest: date
    likely: date
    latest: date

    @classmethod
    def of(cls, window: Window) -> "WindowOut":
        """Show it."""
        return cls(earliest=window.earliest, likely=window.likely, latest=window.latest)


class PhaseOut(ResponseBody):
    """One phase of the year; it ends on the day before the next one begins."""

    phase: BudgetPhase
    label: Label
    begins: DateWindow
    ends: WindowOut

    @classmethod
    def of(cls, span: PhaseSpan) -> "PhaseOut":
        """Show it."""
        return cls(
            phase=span.phase,
            label=label(PHASES[span.phase]),
            begins=date_window(span.begins),
            ends=WindowOut.of(span.ends),
        )


class MilestoneOut(ResponseBody):
    """One dated fact of the year."""

    key: str = Field(
        description="What names it within its year", examples=["request_deadline", "session_vote:4"]
    )
    kind: MilestoneKind
    number: int | None = Field(description="Which session; null for what occurs once")
    label: Label
    window: DateWindow
    begin_by: date | None = Field(description=BEGIN_BY)
    note: Label | None = Field(description="What a reader must know of this day")

    @classmethod
    def of(cls, milestone: Milestone) -> "MilestoneOut":
        """Show it."""
        return cls(
            key=milestone.key,
            kind=milestone.kind,
            number=milestone.number,
            label=label(label_of(milestone)),
            window=date_window(milestone.estimate),
            begin_by=begin_by(milestone.kind, milestone.likely, BUSINESS_DAYS),
            note=None if milestone.note is None else label(milestone.note),
        )


class SkeletonOut(ResponseBody):
    """The probability that next year's initial budget is a skeleton budget (骨格予算); below 1."""

    probability: Annotated[float, Field(ge=0, le=1)]
    source: str
    election: WindowOut


class CurrentPhaseOut(ResponseBody):
    """The municipality's phase on a day of the year."""

    day: date
    phase: BudgetPhase
    label: Label
    ends_likely_on: date
    next: list[MilestoneOut] = Field(
        description="The milestones of this year that likely come next; near its end look at the "
        "next year's calendar, or at `/v1/standings`, too"
    )

    @classmethod
    def on(cls, calendar: BudgetCalendar, day: date) -> "CurrentPhaseOut | None":
        """Show it; ``None`` when the day lies outside the calendar's year."""
        if fiscal_year_of(day) != calendar.fiscal_year:
            return None
        span = calendar.phase_on(day)
        coming = [each for each in calendar.milestones if each.likely >= day]
        return cls(
            day=day,
            phase=span.phase,
            label=label(PHASES[span.phase]),
            ends_likely_on=span.ends.likely,
            next=[MilestoneOut.of(each) for each in coming[:SHOWN_NEXT]],
        )


class VersionOut(ResponseBody):
    """One version, and who had it computed when and why."""

    version: int
    cause: str = Field(
        description="opened, correction, observation, registry or method", examples=["correction"]
    )
    reason: str
    computed_by: str
    computed_at: JapanTime

    @classmethod
    def of(cls, version: CalendarVersion) -> "VersionOut":
        """Show it."""
        return cls(
            version=version.version,
            cause=version.cause,
            reason=version.reason,
            computed_by=version.computed_by,
            computed_at=version.computed_at,
        )


class CalendarOut(ResponseBody):
    """A municipality's calendar of one fiscal year."""

    municipality: BriefMunicipality
    fiscal_year: int
    fiscal_year_label: Label
    template: str = Field(
        description="The template of dates without better data: published or textbook"
    )
    version: VersionOut | None = Field(
        description="Null: computed for this answer, as nobody follows or has corrected it yet"
    )
    standing: CurrentPhaseOut | None = Field(
        description="Where it stands today; null in another fiscal year than today's"
    )
    phases: list[PhaseOut]
    milestones: list[MilestoneOut] = Field(description="By likely day")
    skeleton: SkeletonOut | None = Field(
        description="Null when no election is near enough, or the end of term is not known"
    )
    warnings: list[Label]

    @classmethod
    def of(cls, viewed: ViewedCalendar, today: date) -> "CalendarOut":
        """Show it as of ``today``."""
        return cls(**_fields(viewed, today))


class MovedOut(ResponseBody):
    """One milestone before and after."""

    fiscal_year: int
    milestone: str = Field(examples=["request_deadline"])
    label: Label
    before: DateWindow | None = Field(description="Null: it is new")
    after: DateWindow | None = Field(description="Null: it fell away")
    days: int | None = Field(
        description="How many days later the likely day is, negative if earlier; null unless both"
    )

    @classmethod
    def of(cls, moved: Moved) -> "MovedOut":
        """Show it."""
        return cls(
            fiscal_year=moved.fiscal_year,
            milestone=moved.key,
            label=label(label_of_key(moved.key)),
            before=None if moved.before is None else date_window(moved.before),
            after=None if moved.after is None else date_window(moved.after),
            days=moved.days,
        )


class CalendarWithMovesOut(CalendarOut):
    """A calendar, and what moved in it."""

    moved: list[MovedOut]

    @classmethod
    def moving(
        cls, viewed: ViewedCalendar, moved: tuple[Moved, ...], today: date
    ) -> "CalendarWithMovesOut":
        """Show it as of ``today``."""
        return cls(moved=[MovedOut.of(each) for each in moved], **_fields(viewed, today))


class NewVersionOut(ResponseBody):
    """A calendar that has a new version."""

    fiscal_year: int
    version: int


class WarningOut(ResponseBody):
    """A warning about an accepted entry that may be a mistake."""

    pointer: str = Field(description="Where in the request", examples=["/likely"])
    code: str = Field(description="Stable, for programs", examples=["not_a_business_day"])
    label: Label


class RevisionOut(ResponseBody):
    """The changes to a municipality's calendars."""

    code: str
    versions: list[NewVersionOut] = Field(description="None where nothing has changed")
    moved: list[MovedOut]
    warnings: list[WarningOut] = Field(
        default=[], description="What was accepted and may still be a mistake"
    )

    @classmethod
    def of(cls, revised: Revised, warnings: Iterable[WarningOut] = ()) -> "RevisionOut":
        """Show it."""
        return cls(
            warnings=list(warnings),
            code=revised.code,
            versions=[
                NewVersionOut(fiscal_year=each.fiscal_year, version=each.version)
                for each in revised.versions
            ],
            moved=[MovedOut.of(each) for each in revised.moved],
        )


class DatesIn(RequestBody):
    """When something happens: a day that is certain, or a window around the likely day."""

    likely: Day
    earliest: Day | None = Field(default=None, description="The likely day when absent")
    latest: Day | None = Field(default=None, description="The likely day when absent")

    def window(self) -> Window:
        """As the domain knows it.

        Raises:
            DomainError: the days are not in order.
        """
        return Window(self.earliest or self.likely, self.likely, self.latest or self.likely)


class CorrectionIn(DatesIn):
    """A date as a person knows it."""

    source: Source
    reason: Reason

    def warnings(self, key: str, business_days: BusinessDays) -> Iterator[WarningOut]:
        """Yield what may be a mistake: deadlines and sittings lie on days with open offices.

        An election, as milestone ``key``, is held on a Sunday.
        """
        closed = business_days.why_closed(self.likely)
        if closed is not None and key != MilestoneKind.HEAD_ELECTION:
            day = in_words(self.likely)
            yield WarningOut(
                pointer="/likely",
                code="not_a_business_day",
                label=Label(
                    ja=f"{day.ja}は{closed.ja}で、閉庁日です。日付をご確認ください。",
                    en=f"{day.en} is {closed.en}: offices are closed, so check the date.",
                ),
            )


class AssumptionIn(DatesIn):
    """A date to be assumed."""

    key: str = Field(
        max_length=64, description="A milestone's key, or a phase", json_schema_extra=KEYS
    )


class AssumptionsIn(RequestBody):
    """Dates to be assumed together."""

    assumptions: list[AssumptionIn] = Field(min_length=1, max_length=50)


def assumed_corrections(
    code: str, assumed: Iterable[tuple[int, AssumptionIn]], at: datetime
) -> list[Correction]:
    """Return dates to be assumed in these fiscal years as corrections made ``at`` an instant.

    Raises:
        DomainError: the days of one are not in order.
    """
    found = []
    for position, (fiscal_year, each) in enumerate(assumed):
        with errors_within(f"assumptions/{position}"):
            window = each.window()
        found.append(
            Correction(
                code=code,
                fiscal_year=fiscal_year,
                key=each.key,
                window=window,
                source="assumed",
                reason="what if",
                by="assumed",
                at=at,
            )
        )
    return found


class CorrectionOut(ResponseBody):
    """One correction, as it was made."""

    key: str
    label: Label
    window: WindowOut
    source: str
    reason: str
    made_by: str
    made_at: JapanTime
    withdrawn_at: JapanTime | None = Field(
        description="Since when it counts no longer, withdrawn or replaced; null: it counts"
    )

    @classmethod
    def of(cls, stored: StoredCorrection) -> "CorrectionOut":
        """Show it."""
        correction = stored.correction
        withdrawn: datetime | None = stored.withdrawn_at
        return cls(
            key=correction.key,
            label=label(label_of_key(correction.key)),
            window=WindowOut.of(correction.window),
            source=correction.source,
            reason=correction.reason,
            made_by=correction.by,
            made_at=correction.at,
            withdrawn_at=withdrawn,
        )


def _fields(viewed: ViewedCalendar, today: date) -> dict[str, object]:
    calendar = viewed.calendar
    year = calendar.fiscal_year
    skeleton = calendar.skeleton
    return {
        "municipality": BriefMunicipality.of(viewed.municipality),
        "fiscal_year": year,
        "fiscal_year_label": Label(ja=japanese_name(year), en=f"fiscal year {year}"),
        "template": calendar.template,
        "version": None if viewed.version is None else VersionOut.of(viewed.version),
        "standing": CurrentPhaseOut.on(calendar, today),
        "phases": [PhaseOut.of(each) for each in calendar.phases],
        "milestones": [MilestoneOut.of(each) for each in calendar.milestones],
        "skeleton": None
        if skeleton is None
        else SkeletonOut(
            probability=skeleton.probability,
            source=skeleton.source,
            election=WindowOut.of(skeleton.election),
        ),
        "warnings": [label(each) for each in calendar.warnings],
    }
