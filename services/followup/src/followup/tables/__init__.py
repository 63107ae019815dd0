"""The tables of followup, as SQLAlchemy Core. SQL that uses them is in ``repository`` modules."""

from followup.tables.approvals import approval
from followup.tables.calls import seller_call
from followup.tables.consents import consent, sending_pause, suppression, suppression_salt
from followup.tables.contacts import erased_lead, lead, lead_field, merged_lead
from followup.tables.contents import content, step_content
from followup.tables.council_sessions import council_day
from followup.tables.delivery import mail_attempt, mail_domain, send_decision, webhook_call
from followup.tables.entries import entry_decision
from followup.tables.inbox import imap_checkpoint, incoming_mail
from followup.tables.notices import calendar_token, notice
from followup.tables.occurrences import occurrence
from followup.tables.playbooks import fact_sheet_figure, playbook, playbook_version
from followup.tables.questions import question
from followup.tables.satisfaction import survey_answer
from followup.tables.schema import (
    audit_table,
    idempotency_table,
    inbox_table,
    metadata,
    outbox_table,
)
from followup.tables.sellers import absence, seller, seller_calendar
from followup.tables.sequences import proof_of_concept, sequence, sequence_fact
from followup.tables.tasks import task
from followup.tables.triggers import (
    known_day,
    pursuit_contact,
    reason,
    reason_day,
    seen_behaviour,
    watched_organisation,
    watched_person,
)
from followup.tables.usage import usage, usage_series

__all__ = [
    "absence",
    "approval",
    "audit_table",
    "calendar_token",
    "consent",
    "content",
    "council_day",
    "entry_decision",
    "erased_lead",
    "fact_sheet_figure",
    "idempotency_table",
    "imap_checkpoint",
    "inbox_table",
    "incoming_mail",
    "known_day",
    "lead",
    "lead_field",
    "mail_attempt",
    "mail_domain",
    "merged_lead",
    "metadata",
    "notice",
    "occurrence",
    "outbox_table",
    "playbook",
    "playbook_version",
    "proof_of_concept",
    "pursuit_contact",
    "question",
    "reason",
    "reason_day",
    "seen_behaviour",
    "seller",
    "seller_calendar",
    "seller_call",
    "send_decision",
    "sending_pause",
    "sequence",
    "sequence_fact",
    "step_content",
    "suppression",
    "suppression_salt",
    "survey_answer",
    "task",
    "usage",
    "usage_series",
    "watched_organisation",
    "watched_person",
    "webhook_call",
]
