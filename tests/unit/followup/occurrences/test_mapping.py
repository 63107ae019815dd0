"""Events of other services that concern sequences, mapped to occurrences."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from followup.domain.playbooks.steps import OccurrenceKind
from followup.occurrences.mapping import occurrences_of
from kakehashi_common.contracts.budget_phases import MilestoneNear
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.lead_events import ActivityRecorded, OutcomeRecorded, ProfileChanged
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from tests.support.budget_events import phase_entered
from tests.support.handoff_events import deal_changed, handoff_step
from tests.support.received import received

AT = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
ASSESSMENT = phase_entered("finance_assessment", at=AT)
DELIBERATION = phase_entered("deliberation", at=LATER)


def activity(**said: Any) -> SellerActivityRecorded:
    return SellerActivityRecorded.model_validate(
        {
            "activity_id": "a-1",
            "member_id": "s-1",
            "role": "field_sales",
            "kind": "call",
            "lead_id": "crm-1",
            **said,
        }
    )


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (handoff_step("accepted").event.data, OccurrenceKind.HANDOFF_ACCEPTED),
        (handoff_step("assigned").event.data, None),
        (handoff_step("meeting_held").event.data, None),
        (ActivityRecorded(lead_id="crm-1", kind="meeting_held"), OccurrenceKind.MEETING_BOOKED),
        (ActivityRecorded(lead_id="crm-1", kind="meeting_booked"), OccurrenceKind.MEETING_BOOKED),
        (ActivityRecorded(lead_id="crm-1", kind="page_viewed"), None),
        (ProfileChanged(lead_id="crm-1", role=None), None),
        (OutcomeRecorded.model_validate({"lead_id": "crm-1", "outcome": "won"}), None),
        (activity(outcome="appointment_made"), OccurrenceKind.MEETING_BOOKED),
        (activity(kind="meeting", reached=True), OccurrenceKind.MEETING_BOOKED),
        (activity(kind="visit", reached=True), OccurrenceKind.MEETING_BOOKED),
        (activity(kind="meeting", reached=False), None),
        (activity(kind="meeting"), None),
        (activity(reached=True), None),
        (activity(kind="meeting", reached=True, lead_id=None, deal_id="deal-1"), None),
        (deal_changed(lead_ids=("crm-1",), outcome="won").event.data, OccurrenceKind.DEAL_WON),
        (deal_changed(lead_ids=("crm-1",), outcome="lost").event.data, OccurrenceKind.DEAL_LOST),
        (
            deal_changed(lead_ids=("crm-1",), outcome="no_decision").event.data,
            OccurrenceKind.DEAL_LOST,
        ),
        (deal_changed(lead_ids=("crm-1",)).event.data, None),
        (deal_changed(outcome="won").event.data, None),
    ],
)
def test_an_event_about_a_lead(event: EventData, kind: OccurrenceKind | None) -> None:
    found = list(occurrences_of(received(event, AT)))
    assert [(each.kind, each.lead_id, each.at) for each in found] == (
        [] if kind is None else [(kind, "crm-1", AT)]
    )


def test_a_phase_concerns_a_municipality() -> None:
    [found] = occurrences_of(ASSESSMENT)
    assert (found.kind, found.municipality_code, found.name, found.lead_id, found.by) == (
        OccurrenceKind.PHASE_BEGAN,
        "102032",
        "finance_assessment",
        None,
        "budget-phases-v1",
    )
    phase = ASSESSMENT.event.data
    near = MilestoneNear(
        municipality_code=phase.municipality_code,
        fiscal_year=phase.fiscal_year,
        milestone="request_deadline",
        label=phase.label,
        window=phase.begins,
        business_days_left=3,
    )
    assert list(occurrences_of(received(near, AT))) == []


def test_a_deal_concerns_each_of_its_leads() -> None:
    deal = deal_changed(lead_ids=("crm-1", "crm-2"), outcome="won", at=AT)
    assert [each.lead_id for each in occurrences_of(deal)] == ["crm-1", "crm-2"]


@pytest.mark.parametrize(
    ("first", "again", "same"),
    [
        (activity(kind="meeting", reached=True), activity(kind="visit", reached=True), True),
        (
            activity(outcome="appointment_made"),
            activity(outcome="appointment_made", activity_id="a-2"),
            False,
        ),
        (
            deal_changed(lead_ids=("crm-1",), outcome="won").event.data,
            deal_changed(lead_ids=("crm-1",), outcome="won", amount_yen=1).event.data,
            True,
        ),
        (
            deal_changed(lead_ids=("crm-1",), outcome="won").event.data,
            deal_changed(lead_ids=("crm-1",), outcome="lost").event.data,
            False,
        ),
        (ASSESSMENT.event.data, DELIBERATION.event.data, True),
    ],
)
def test_what_is_stated_again_is_one_occurrence(
    first: EventData, again: EventData, *, same: bool
) -> None:
    [one] = occurrences_of(received(first, AT))
    [other] = occurrences_of(received(again, LATER))
    assert (one.occurrence_id == other.occurrence_id) is same
