"""Reasons, as the API and files give them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from followup.domain.triggers.handling import Handling
from followup.domain.triggers.reasons import Reason, SetAside, usual_window
from followup.triggers.reasons import SetAsideToday
from followup.triggers.repository import ReportedReason, StoredReason
from kakehashi_common.contracts.events import LeadId, MunicipalityCode, Slug
from kakehashi_common.domain.checks import LONGEST_NOTE, require_name
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.reasons import Audience
from kakehashi_common.domain.texts import Text
from kakehashi_common.http.fields import DayWithinReach, JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody, Whole

ReportId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$",
        description="Yours, of the report; a report that comes again changes nothing",
        examples=["grant-2027-12"],
    ),
]


class ReasonIn(RequestBody):
    """A reason to contact a lead, or the people of a municipality."""

    kind: Slug = Field(
        description="Why; the catalogue is open, see `ReasonKind`", examples=["grant_call_closing"]
    )
    municipality_code: MunicipalityCode | None = None
    lead_id: LeadId | None = None
    about: DayWithinReach | None = Field(
        default=None,
        description="What it is about: the contract's last day, the transfer, the call's first or "
        "last day. Each kind has a usual number of days around it",
    )
    good_from: DayWithinReach | None = Field(
        default=None, description="First day; otherwise the usual one"
    )
    good_until: DayWithinReach | None = Field(
        default=None, description="Last day; otherwise the usual one"
    )
    text: str = Field(
        min_length=1, max_length=500, description="The reason in a sentence, and what to do"
    )
    text_en: str | None = Field(default=None, max_length=500, description="The same in English")
    urgent: Flag = False
    audience: tuple[Audience, ...] = Field(
        default=(), max_length=len(Audience), description="Whom it is for; empty: anybody"
    )
    importance: Whole = Field(default=2, ge=1, le=3, description="From 1 to 3, the most important")
    policy_area: Slug | None = Field(
        default=None,
        description="Playbooks with `policy_areas` let in for reasons of these alone",
        examples=["digital"],
    )
    source: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="Where what it is about was published, in one line: texts quote it",
        examples=["総務省告示第12号（2026年11月20日）"],
    )
    owner: str | None = Field(
        default=None, min_length=1, max_length=64, description="Team or staff number, never a name"
    )

    def reason(self) -> Reason:
        """Return the reason that is meant.

        Raises:
            DomainError: it is about nobody (``about_nobody``), says nothing (``missing``) or no
                day (``day_missing``), or ends before it begins (``ends_too_early``).
        """
        if self.municipality_code is None and self.lead_id is None:
            raise DomainError(
                "give municipality_code or lead_id",
                field="municipality_code",
                code="about_nobody",
            )
        require_name(self.text, "text", longest=LONGEST_NOTE)
        first, last = self.good_from, self.good_until
        if self.about is not None:
            usual = usual_window(self.kind, self.about)
            first, last = first or usual[0], last or usual[1]
        if first is None or last is None:
            raise DomainError(
                "give about, or good_from and good_until", field="about", code="day_missing"
            )
        if last < first:
            raise DomainError(
                f"it is good until {last}, before it begins on {first}",
                field="good_until",
                code="ends_too_early",
            )
        return Reason(
            kind=self.kind,
            label=Text(self.text, self.text_en or self.text),
            good_from=first,
            good_until=last,
            municipality_code=self.municipality_code,
            lead_id=self.lead_id,
            owner=self.owner,
            urgent=self.urgent,
            audience=frozenset(self.audience),
            importance=self.importance,
            policy_area=self.policy_area,
            source=self.source,
        )


class ReasonOut(ResponseBody):
    """A reason as it was taken in."""

    kind: str
    municipality_code: str | None
    lead_id: str | None
    pursuit_id: str | None
    text: str
    good_from: date
    good_until: date
    urgent: bool
    audience: list[Audience]
    importance: int
    policy_area: str | None
    source: str | None
    approval_required: bool = Field(description="A person approves what follows from it")
    occurred_at: JapanTime
    state: Handling = Field(description="What became of it")
    why: str = Field(description="The same in words, in Japanese")

    @classmethod
    def of(cls, stored: StoredReason) -> "ReasonOut":
        """Show it."""
        reason = stored.reason
        return cls(
            kind=reason.kind,
            municipality_code=reason.municipality_code,
            lead_id=reason.lead_id,
            pursuit_id=reason.pursuit_id,
            text=reason.label.ja,
            good_from=reason.good_from,
            good_until=reason.good_until,
            urgent=reason.urgent,
            audience=sorted(reason.audience),
            importance=reason.importance,
            policy_area=reason.policy_area,
            source=reason.source,
            approval_required=reason.approval_required,
            occurred_at=stored.occurred_at,
            state=stored.handling,
            why=stored.handling.text.ja,
        )


class SetAsideOut(ResponseBody):
    """A reason that is not acted on."""

    kind: str
    municipality_code: str | None
    lead_id: str | None
    good_from: date
    good_until: date
    occurred_at: JapanTime
    cause: SetAside
    why: str = Field(description="The same in words, in Japanese")


class ThrottledOut(ResponseBody):
    """A municipality, or a lead without one, of which more came in a day than are acted on."""

    place: str = Field(description="The municipality's code, or the lead's id")
    taken: int = Field(description="Reasons of today that are acted on")
    refused: int = Field(description="Reasons of today that are not; they are only counted")
    why: str = Field(description="The rule, in Japanese")


class ReasonsOut(ResponseBody):
    """Reasons to act on today, the most important first, and today's that are not acted on."""

    items: list[ReasonOut]
    set_aside: list[SetAsideOut] = Field(
        description="The newest 100 that came today and are not acted on"
    )
    throttled: list[ThrottledOut] = Field(
        description="Where more came today than are acted on in a day"
    )

    @classmethod
    def of(cls, good: list[StoredReason], aside: SetAsideToday) -> "ReasonsOut":
        """Show them."""
        return cls(
            items=[ReasonOut.of(each) for each in good],
            set_aside=[
                SetAsideOut(
                    kind=stored.reason.kind,
                    municipality_code=stored.reason.municipality_code,
                    lead_id=stored.reason.lead_id,
                    good_from=stored.reason.good_from,
                    good_until=stored.reason.good_until,
                    occurred_at=stored.occurred_at,
                    cause=cause,
                    why=why.ja,
                )
                for stored, cause, why in aside.reasons
            ],
            throttled=[
                ThrottledOut(
                    place=day.place,
                    taken=day.taken,
                    refused=day.too_many,
                    why=aside.limit.text.ja,
                )
                for day in aside.throttled
            ],
        )


class ReportedOut(ResponseBody):
    """The result for a reported reason."""

    report_id: str
    outcome: str = Field(
        description="`taken`, `known` (it was reported before), `awaits_lead` (it is acted on once "
        "its lead is known), or why it is not acted on",
        examples=["taken", "stale"],
    )
    why: str | None = Field(description="Why it is not acted on, or not yet, in Japanese")

    @classmethod
    def of(cls, reported: ReportedReason) -> "ReportedOut":
        """Show it."""
        if reported.set_aside is not None:
            cause, why = reported.set_aside
            return cls(report_id=reported.report_id, outcome=cause, why=why.ja)
        if reported.awaits_lead:
            waits = Handling.AWAITS_LEAD
            return cls(report_id=reported.report_id, outcome=waits, why=waits.text.ja)
        outcome = "taken" if reported.new else "known"
        return cls(report_id=reported.report_id, outcome=outcome, why=None)


class ReasonsImportOut(ResponseBody):
    """The result of importing a file."""

    dry_run: bool = Field(description="True: nothing was stored")
    reported: list[ReportedOut]
