from datetime import date

import pytest

from budget_calendar.domain.budget_year.calendar import Phase
from budget_calendar.domain.budget_year.reasons import ReasonCode, reasons_to_act
from budget_calendar.domain.budget_year.scheduled_events import ScheduledEvent, ScheduledEventKind

ABOUT = date(2026, 10, 30)


def near(key: str, lead: int) -> ScheduledEvent:
    return ScheduledEvent(
        date(2026, 9, 14), ScheduledEventKind.MILESTONE_NEAR, key, ABOUT, 2026, lead
    )


def entered(phase: Phase) -> ScheduledEvent:
    return ScheduledEvent(ABOUT, ScheduledEventKind.PHASE_ENTERED, phase, ABOUT, 2026)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (near("request_deadline", 30), ReasonCode.BEFORE_REQUEST_DEADLINE),
        (near("request_deadline", 7), ReasonCode.BEFORE_REQUEST_DEADLINE),
        (near("quotes_wanted", 30), ReasonCode.LAST_QUOTE),
        (near("unofficial_notice", 7), ReasonCode.ASK_FOR_OUTCOME),
        (near("restoration_deadline", 7), ReasonCode.SUPPORT_RESTORATION),
        (near("supplementary_request_deadline:3", 30), ReasonCode.REQUEST_SUPPLEMENTARY),
        (near("personnel_notice", 7), ReasonCode.LEAVE_HANDOVER),
        (near("contacts_reconfirmed", 7), ReasonCode.RECONFIRM_CONTACTS),
        (near("head_election", 30), ReasonCode.HEAD_MAY_CHANGE),
        (near("post_election_supplementary", 30), ReasonCode.POLICY_ITEMS_RETURN),
        (entered(Phase.INFORMATION_GATHERING), ReasonCode.RECONFIRM_CONTACTS),
        (entered(Phase.SUMMER_REVIEW), ReasonCode.PROPOSE_FOR_SUMMER_REVIEW),
        (entered(Phase.EXECUTION_PREPARATION), ReasonCode.PREPARE_CONTRACT),
    ],
    ids=lambda value: value.key if isinstance(value, ScheduledEvent) else value.value,
)
def test_an_event_that_calls_for_action_says_why(event: ScheduledEvent, code: ReasonCode) -> None:
    (reason,) = reasons_to_act(event)
    assert reason.code is code
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
        entered(Phase.FINANCE_ASSESSMENT),
        entered(Phase.DELIBERATION),
    ],
    ids=lambda event: f"{event.key} {event.lead}",
)
def test_other_events_are_only_worth_knowing(event: ScheduledEvent) -> None:
    assert reasons_to_act(event) == ()


def test_a_reason_names_the_session_and_the_days_left() -> None:
    (reason,) = reasons_to_act(near("supplementary_request_deadline:3", 30))
    assert "第3回定例会" in reason.text.ja
    assert "残り30開庁日" in reason.text.ja
    assert "session 3" in reason.text.en
    assert "30 business days left" in reason.text.en
