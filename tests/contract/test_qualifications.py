"""lead-scoring keeps a qualification under the id by which handoff names it."""

from datetime import UTC, datetime
from typing import cast

from aiokafka import ConsumerRecord

from handoff.handoffs.consumer import request_of
from kakehashi_common.cloudevents.codec import Received, event_key
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_scores import LeadQualified
from lead_scoring.domain import decision
from lead_scoring.domain.lead import Lead
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.scoring.announcements import Announcer, qualification_id
from lead_scoring.scoring.repository.leads import StoredLead
from tests.support.lead_histories import SMALL_RULES, municipality_fields

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
QUALIFIED = decision.LeadQualified(700, 600, "A1", NOW, 1, ())


def test_a_handoff_names_its_qualification_as_lead_scoring_does() -> None:
    stored = StoredLead(Lead("crm-1"), version=7)
    rules = CompiledRules(SMALL_RULES, 3, municipality_fields)
    (message,) = Announcer(rules, "", None).announce(stored, decision.Decision(None, QUALIFIED))

    headers = {name: (value or b"").decode() for name, value in message.headers}
    source, event_id = headers["ce_source"], headers["ce_id"]
    body = message.value or b""
    event = Event(event_id, source, NOW, LeadQualified.model_validate_json(body))
    record = cast("ConsumerRecord[bytes, bytes]", None)
    received = Received(event, event_key(source, event_id), 0, record, body)

    assert request_of(received).qualification_id == qualification_id(stored, QUALIFIED)
