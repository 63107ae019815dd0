"""The call list's rows: the lead, its reasons, its budget timing and its contact."""

from datetime import date

from pydantic import Field

from kakehashi_common.budget_timing.repository import Milestone
from kakehashi_common.budget_timing.service import BudgetTiming
from kakehashi_common.contracts.events import Label
from kakehashi_common.contracts.lead_scores import Contribution
from kakehashi_common.http.requests import ResponseBody
from lead_scoring.leads.queries import LeadWithReasons
from lead_scoring.leads.schemas import LeadOut, contributions
from lead_scoring.personal_data.repository import Person


class NextMilestoneOut(ResponseBody):
    """The next date of a municipality's budget year."""

    milestone: str = Field(examples=["request_deadline"])
    label: Label
    earliest_on: date | None
    likely_on: date
    latest_on: date | None

    @classmethod
    def of(cls, milestone: Milestone) -> "NextMilestoneOut | None":
        """Show one; nothing for one that fell away."""
        if milestone.likely_on is None:
            return None
        return cls(
            milestone=milestone.milestone,
            label=Label(ja=milestone.label_ja, en=milestone.label_en),
            earliest_on=milestone.earliest_on,
            likely_on=milestone.likely_on,
            latest_on=milestone.latest_on,
        )


class BudgetOut(ResponseBody):
    """A municipality's phase and next milestone, as budget-calendar announced them."""

    fiscal_year: int | None = Field(examples=[2026])
    phase: str | None = Field(examples=["departments_request"])
    label: Label | None
    ends_likely_on: date | None
    next: NextMilestoneOut | None

    @classmethod
    def of(cls, timing: BudgetTiming) -> "BudgetOut":
        """Show it."""
        phase, coming = timing.phase, timing.next_milestone
        return cls(
            fiscal_year=None if phase is None else phase.fiscal_year,
            phase=None if phase is None else phase.phase,
            label=None if phase is None else Label(ja=phase.label_ja, en=phase.label_en),
            ends_likely_on=None if phase is None else phase.ends_likely_on,
            next=None if coming is None else NextMilestoneOut.of(coming),
        )


class ContactOut(ResponseBody):
    """The person behind a lead: personal data."""

    person_name: str | None
    email: str | None
    phone: str | None

    @classmethod
    def of(cls, person: Person) -> "ContactOut":
        """Show it."""
        return cls(person_name=person.person_name, email=person.email, phone=person.phone)


class ListedLeadOut(LeadOut):
    """A lead of a list: no personal data, unless `contact` was asked for."""

    budget: BudgetOut | None = Field(
        default=None,
        description="Where its municipality stands in the budget year; absent where nothing was "
        "announced, since nobody follows the municipality in budget-calendar",
    )
    reasons: list[Contribution] = Field(
        default=[], description="The strongest lines of the score, when `reasons` asks for them"
    )
    contact: ContactOut | None = None

    @classmethod
    def with_reasons(cls, listed: LeadWithReasons, person: Person | None) -> "ListedLeadOut":
        """Show one lead with what a person who is about to call wants to know."""
        return cls(
            **dict(LeadOut.of(listed.lead)),
            budget=None if listed.timing is None else BudgetOut.of(listed.timing),
            reasons=contributions(listed.reasons),
            contact=None if person is None else ContactOut.of(person),
        )
