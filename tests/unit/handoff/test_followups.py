"""Events of followup that a packet shows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handoff.leads.followups import activity_by, followup_said
from tests.support.followup_events import followup_fact

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "said", "shown"),
    [
        ("sent", {}, "メール送信"),
        ("sent", {"message_id": "sequence-1.notify.20261120T030000000000"}, None),
        ("occurred", {"occurrence": "answered"}, "返信あり"),
        ("occurred", {"occurrence": "negative"}, "辞退の返信"),
        ("occurred", {"occurrence": "meeting_booked"}, "面談が決定"),
        ("occurred", {"occurrence": "opted_out"}, "配信停止の申し出"),
        ("occurred", {"occurrence": "bounced"}, "メール不達"),
        ("occurred", {"occurrence": "handoff_accepted"}, None),
        ("occurred", {"occurrence": "said_hello"}, None),
        ("scheduled", {}, None),
        ("stopped", {}, None),
        ("forwarded", {}, None),
    ],
)
def test_mails_and_what_the_lead_made_of_them_are_shown(
    kind: str, said: dict[str, Any], shown: str | None
) -> None:
    found = followup_said(followup_fact(kind, at=AT, **said).event)
    assert (None if found is None else found.followup.name) == shown


@pytest.mark.parametrize(
    ("occurrence", "contact"),
    [("answered", AT), ("meeting_booked", AT), ("opted_out", None), ("bounced", None)],
)
def test_an_answer_is_a_contact(occurrence: str, contact: datetime | None) -> None:
    said = followup_said(followup_fact("occurred", at=AT, occurrence=occurrence).event)
    assert said is not None
    assert activity_by(said).last_contact_at == contact
