"""Facts of follow-ups that are activities of a contact."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kakehashi_common.contracts.lead_events import ActivityRecorded
from lead_scoring.scoring.followups import activity_of, lead_events_of
from tests.support.followup_events import followup_fact
from tests.support.received import received

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MEETING = received(ActivityRecorded(lead_id="crm-1", kind="meeting_held"), AT)


@pytest.mark.parametrize(
    ("kind", "said", "activity"),
    [
        ("occurred", {"occurrence": "answered"}, "mail_answered"),
        ("occurred", {"occurrence": "answered", "by": "s-1"}, "call_answered"),
        ("occurred", {"occurrence": "negative"}, "declined"),
        ("occurred", {"occurrence": "meeting_booked", "by": "s-1"}, "meeting_booked"),
        ("occurred", {"occurrence": "meeting_booked", "by": "lead-events-v1"}, None),
        ("occurred", {"occurrence": "meeting_booked", "by": "seller-activities-v1"}, None),
        ("occurred", {"occurrence": "opted_out", "by": "unsubscribe-link"}, "opted_out"),
        ("occurred", {"occurrence": "bounced"}, None),
        ("occurred", {"occurrence": "handoff_accepted", "by": "handoffs-v1"}, None),
        ("occurred", {"occurrence": "behaviour", "name": "price_viewed_twice"}, None),
        ("occurred", {"occurrence": "said_hello"}, None),
        ("started", {}, None),
        ("scheduled", {}, None),
        ("sent", {}, None),
        ("task_completed", {"outcome": "answered"}, None),
        ("stopped", {}, None),
        ("forwarded", {}, None),
    ],
)
def test_what_a_contact_did_is_an_activity(
    kind: str, said: dict[str, Any], activity: str | None
) -> None:
    found = activity_of(followup_fact(kind, at=AT, **said))
    assert (None if found is None else found.event.data.kind) == activity


def test_an_answer_that_several_sequences_report_is_one_activity() -> None:
    one = activity_of(followup_fact("occurred", at=AT, occurrence="answered"))
    other = activity_of(
        followup_fact("occurred", at=AT, occurrence="answered", sequence_id="s-2", version=9)
    )
    later = activity_of(
        followup_fact("occurred", at=AT + timedelta(seconds=1), occurrence="answered")
    )
    assert one is not None
    assert other is not None
    assert later is not None
    assert (one.key, one.content_hash) == (other.key, other.content_hash)
    assert one.key != later.key
    assert ActivityRecorded.model_validate_json(one.data_json) == one.event.data


def test_lead_events_stay_as_they_are_and_in_their_order() -> None:
    sent = followup_fact("sent", at=AT)
    answered = followup_fact("occurred", at=AT, occurrence="answered")
    taken = lead_events_of([MEETING, sent, answered, MEETING])
    assert [each.event.data.kind for each in taken] == [
        *("meeting_held", "mail_answered", "meeting_held"),
    ]
    assert taken[0] is MEETING
    assert lead_events_of([sent]) == []
