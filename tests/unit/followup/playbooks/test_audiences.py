"""Each reason of budget-calendar reaches a text for everybody whom it names, and no 議員."""

from itertools import product

import pytest

from budget_calendar.domain.budget_year.calendar import MilestoneKind
from budget_calendar.domain.budget_year.reasons import Reason, reasons_to_act
from budget_calendar.domain.budget_year.scheduled_events import ScheduledEvent, ScheduledEventKind
from followup.contacts.audience import as_audience
from followup.domain.entering import Candidate, reasons_against
from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import MailStep
from followup.domain.playbooks.templates import Reader
from followup.playbooks.reading import read_playbook, shipped
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.reasons import Audience, ReasonKind
from tests.support.sequences import at

NOW = at("2026-11-30 10:00")
PLAYBOOKS = [read_playbook(text, Limits()) for text in shipped().values()]
TIMINGS = {
    "budget-request": ReasonKind.BEFORE_REQUEST_DEADLINE,
    "budget-assessment": ReasonKind.ASSESSMENT_UNDER_WAY,
    "budget-deliberation": ReasonKind.BEFORE_DELIBERATION,
    "budget-start": ReasonKind.PREPARE_CONTRACT,
}
DAY = NOW.date()
EVENTS = [
    *(
        ScheduledEvent(DAY, ScheduledEventKind.PHASE_ENTERED, each, DAY, 2026)
        for each in BudgetPhase
    ),
    *(
        ScheduledEvent(DAY, ScheduledEventKind.MILESTONE_NEAR, each, DAY, 2026, lead)
        for each, lead in product(MilestoneKind, (7, 30))
    ),
]
RAISED = [reason for event in EVENTS for reason in reasons_to_act(event)]
CONTACTS = {
    Audience.OFFICER: ("officer", "情報政策課"),
    Audience.MANAGER: ("manager", "情報政策課"),
    Audience.FINANCE: ("finance", "財政課"),
    Audience.HEAD: ("head", None),
    Audience.COUNCIL: ("officer", "議会事務局"),
}
"""A role and department of somebody whom a reason with this audience must reach."""


def candidate(role: str | None, department: str | None, *, asked: bool = False) -> Candidate:
    contact = as_audience(role, "102032", department=department)
    return Candidate(contact, has_address=True, has_owner=True, asked=asked)


def texts_of(playbook: Playbook, audience: Audience) -> set[frozenset[Role]]:
    """Return the roles that the mails to such a contact are written for."""
    role = playbook.audience.text_role(candidate(*CONTACTS[audience]).contact)
    found = set()
    for step in playbook.steps:
        if isinstance(step, MailStep):
            variant = playbook.template(step.template).variant(Reader(role))
            assert variant is not None, (playbook.id, audience)
            found.add(variant.roles)
    return found


@pytest.mark.parametrize("name", TIMINGS)
def test_each_text_of_a_budget_timing_is_reached(name: str) -> None:
    playbook = next(each for each in PLAYBOOKS if each.id == name)
    raised = [each for each in RAISED if each.kind is TIMINGS[name]]
    assert {audience for each in raised for audience in each.audience} == set(Audience)
    for audience in Audience:
        who = candidate(*CONTACTS[audience])
        assert reasons_against(playbook, who, frozenset({audience}), NOW) == ()
        assert texts_of(playbook, audience) == {frozenset({Role(audience)})}


@pytest.mark.parametrize(
    "reason", RAISED, ids=lambda each: f"{each.kind}-{'-'.join(each.audience)}"
)
def test_whom_a_reason_names_enters_a_playbook_or_nobody_does(reason: Reason) -> None:
    entered = [each for each in PLAYBOOKS if each.entry.is_about(reason.kind, None)]
    for audience, playbook in product(reason.audience, entered):
        if Role(audience) not in playbook.audience.roles:
            continue
        who = candidate(*CONTACTS[audience])
        assert reasons_against(playbook, who, frozenset(reason.audience), NOW) == ()
        texts_of(playbook, audience)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda each: each.id)
def test_a_member_of_the_council_enters_only_by_their_own_enquiry(playbook: Playbook) -> None:
    member = candidate("council", "議会事務局")
    why = [each.en for each in reasons_against(playbook, member, frozenset(), NOW)]
    assert "a member of the council is contacted only if they asked (council_member)" in why
    if playbook.id == "enquiry":
        asked = candidate("council", None, asked=True)
        assert reasons_against(playbook, asked, frozenset(), NOW) == ()


def test_a_paper_for_the_council_goes_through_the_department() -> None:
    deliberation = next(each for each in PLAYBOOKS if each.id == "budget-deliberation")
    for role, enters in (("officer", True), ("manager", True), ("finance", False), ("head", False)):
        against = reasons_against(
            deliberation, candidate(role, "情報政策課"), frozenset({Audience.COUNCIL}), NOW
        )
        assert (not against) is enters, role
