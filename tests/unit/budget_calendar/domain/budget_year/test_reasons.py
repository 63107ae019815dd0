from datetime import date

import pytest

from budget_calendar.domain.budget_year.reasons import reasons_to_act
from budget_calendar.domain.budget_year.scheduled_events import ScheduledEvent, ScheduledEventKind
from budget_calendar.domain.pursuit.effects import OwnerReason
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.reasons import Audience, ReasonKind

ABOUT = date(2026, 10, 30)
DEPARTMENT = {Audience.OFFICER, Audience.MANAGER}
EVERYBODY = set(Audience)


def near(key: str, lead: int) -> ScheduledEvent:
    return ScheduledEvent(
        date(2026, 9, 14), ScheduledEventKind.MILESTONE_NEAR, key, ABOUT, 2026, lead
    )


def entered(phase: BudgetPhase) -> ScheduledEvent:
    return ScheduledEvent(ABOUT, ScheduledEventKind.PHASE_ENTERED, phase, ABOUT, 2026)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (near("request_deadline", 30), ReasonKind.BEFORE_REQUEST_DEADLINE),
        (near("request_deadline", 7), ReasonKind.BEFORE_REQUEST_DEADLINE),
        (near("quotes_wanted", 30), ReasonKind.LAST_QUOTE),
        (near("unofficial_notice", 7), ReasonKind.ASK_FOR_OUTCOME),
        (near("restoration_deadline", 7), ReasonKind.SUPPORT_RESTORATION),
        (near("supplementary_request_deadline:3", 30), ReasonKind.REQUEST_SUPPLEMENTARY),
        (near("personnel_notice", 7), ReasonKind.LEAVE_HANDOVER),
        (near("contacts_reconfirmed", 7), ReasonKind.RECONFIRM_CONTACTS),
        (near("head_election", 30), ReasonKind.HEAD_MAY_CHANGE),
        (near("post_election_supplementary", 30), ReasonKind.POLICY_ITEMS_RETURN),
        (entered(BudgetPhase.INFORMATION_GATHERING), ReasonKind.RECONFIRM_CONTACTS),
        (entered(BudgetPhase.SUMMER_REVIEW), ReasonKind.PROPOSE_FOR_SUMMER_REVIEW),
        (entered(BudgetPhase.FINANCE_ASSESSMENT), ReasonKind.ASSESSMENT_UNDER_WAY),
        (entered(BudgetPhase.HEAD_ASSESSMENT), ReasonKind.ASSESSMENT_UNDER_WAY),
        (near("budget_submitted", 30), ReasonKind.BEFORE_DELIBERATION),
        (near("budget_submitted", 7), ReasonKind.BEFORE_DELIBERATION),
        (entered(BudgetPhase.DELIBERATION), ReasonKind.BEFORE_DELIBERATION),
        (entered(BudgetPhase.EXECUTION_PREPARATION), ReasonKind.PREPARE_CONTRACT),
    ],
    ids=lambda value: value.key if isinstance(value, ScheduledEvent) else value.value,
)
def test_an_event_that_calls_for_action_says_why(event: ScheduledEvent, kind: ReasonKind) -> None:
    (reason,) = reasons_to_act(event)
    assert reason.kind is kind
    assert reason.audience
    assert 1 <= reason.importance <= 3
    for text in (reason.text.ja, reason.text.en):
        assert "{" not in text
    if event.lead is not None:
        assert "10月30日" in reason.text.ja
        assert "30 October" in reason.text.en


@pytest.mark.parametrize(
    "event",
    [
        near("request_deadline", 90),
        near("session_vote:3", 7),
        near("government_draft", 7),
        near("unofficial_notice", 30),
        entered(BudgetPhase.BUDGET_POLICY),
        entered(BudgetPhase.DEPARTMENT_REQUESTS),
    ],
    ids=lambda event: f"{event.key} {event.lead}",
)
def test_other_events_are_only_worth_knowing(event: ScheduledEvent) -> None:
    assert reasons_to_act(event) == ()


@pytest.mark.parametrize(
    ("event", "audience"),
    [
        (near("request_deadline", 30), EVERYBODY),
        (entered(BudgetPhase.FINANCE_ASSESSMENT), {*DEPARTMENT, Audience.FINANCE}),
        (
            entered(BudgetPhase.HEAD_ASSESSMENT),
            {Audience.MANAGER, Audience.HEAD, Audience.COUNCIL},
        ),
        (near("budget_submitted", 7), EVERYBODY),
        (entered(BudgetPhase.DELIBERATION), EVERYBODY),
        (entered(BudgetPhase.EXECUTION_PREPARATION), EVERYBODY),
    ],
    ids=lambda value: value.key if isinstance(value, ScheduledEvent) else "",
)
def test_each_of_the_four_budget_timings_names_whom_it_is_for(
    event: ScheduledEvent, audience: set[Audience]
) -> None:
    (reason,) = reasons_to_act(event)
    assert set(reason.audience) == audience


def test_a_reason_names_the_session_and_the_days_left() -> None:
    (reason,) = reasons_to_act(near("supplementary_request_deadline:3", 30))
    assert "第3回定例会" in reason.text.ja
    assert "残り30開庁日" in reason.text.ja
    assert "session 3" in reason.text.en
    assert "30 business days left" in reason.text.en


def test_every_reminder_of_a_pursuit_is_in_the_catalogue_of_reasons() -> None:
    assert set(OwnerReason) <= set(ReasonKind)
