"""Tables in which followup holds data about a person: one list, for exports and erasures.

A test compares it with the tables: whoever adds one says here whose data it holds.
"""

from typing import Final

from kakehashi_common.lead_profiles.holdings import BY_LEAD, Holding
from kakehashi_common.lead_profiles.repository import IMPERSONAL

_BY_SEQUENCE: Final = f"sequence_id in (select sequence_id from sequence where {BY_LEAD})"  # noqa: S608 - our own

_TO_THEM: Final = f"(recipient_lead_id = any($1::text[]) and not {BY_LEAD})"
"""Texts written to somebody in a colleague's sequence, which goes on without them."""


def _names_them(text: str) -> str:
    """An own answer may name nobody, but a name may have become known later."""
    return (
        "exists (select from lead_field named where named.lead_id = any($1::text[]) "
        "and named.name = 'person_name' and length(named.value) > 1 "
        f"and strpos({_joined(text)}, {_joined('named.value')}) > 0)"
    )


def _joined(text: str) -> str:
    return f"regexp_replace({text}, '[[:space:]]', '', 'g')"


_ANSWER: Final = "concat_ws(' ', title, source, passage, topics::text)"

HOLDINGS: Final = (
    Holding(
        "content",
        f"(kind = 'own_answer' and {_names_them(_ANSWER)})",
    ),
    Holding(
        "step_content",
        f"(not {BY_LEAD} and exists (select from jsonb_array_elements(chosen) each "
        f"where each -> 'content' ->> 'kind' = 'own_answer' and {_names_them('each::text')}))",
        emptied="chosen = '[]'",
    ),
    Holding("lead_field", erased=f"name not in ({', '.join(map(repr, IMPERSONAL))})"),
    Holding("approval"),
    Holding(
        "approval",
        _TO_THEM,
        emptied="subject = '', text = '', fill_ins = '{}', fill_in_names = '{}', passages = '{}', "
        "edited_subject = null, edited_text = null, reason = null",
    ),
    Holding("question"),
    Holding("task"),
    Holding(
        "task",
        _TO_THEM,
        # The title of a task that was approved is what the approval's subject was changed to.
        emptied="text = '', note = null, record = null, title = case when exists "
        "(select from approval where approval_id = task_id) then '' else title end",
    ),
    Holding("step_content"),
    Holding("survey_answer", emptied="comment = null"),
    # What a mail server answers often quotes the address.
    Holding("mail_attempt", f"({BY_LEAD} or {_BY_SEQUENCE})", emptied="reason = ''"),
    # The digest stays: a mail that lies in its mailbox still must not be taken in again.
    Holding(
        "incoming_mail",
        f"(about = any($2::text[]) or {_BY_SEQUENCE})",
        emptied="message_id = null, kind = 'unrelated', evidence = '[]', refers_to = null, "
        "sequence_id = null, step_id = null, about = null, returns_on = null, has_left = false, "
        "bounced = '[]', unsubscribe_token = null, subject = '', text = '', "
        "handled_at = coalesce(handled_at, now())",
    ),
    Holding("reason"),
    Holding("known_day"),
    Holding("watched_person"),
    Holding("seller_call"),
    Holding("seen_behaviour"),
    Holding("entry_decision"),
    Holding("occurrence"),
    Holding("consent", "address = any($2::text[])"),
    # What follows names the person by the lead's id only, and stays.
    Holding("sequence", erased="false"),
    Holding("proof_of_concept", _BY_SEQUENCE, erased="false"),
    Holding("sequence_fact", _BY_SEQUENCE, erased="false"),
    Holding("send_decision", erased="false"),
    # An opt-out counts for ever: of the address a digest stays (`consents.repository`).
    Holding(
        "suppression",
        "(scope = 'person' and value = any($1::text[]) "
        "or scope = 'address' and value = any($2::text[]))",
        erased="false",
    ),
)
"""In the order in which they are erased."""

OTHERS: Final = frozenset(
    {
        "absence",
        "audit",
        "calendar_token",
        "council_day",
        "erased_lead",
        "fact_sheet_figure",
        "idempotency_key",
        "imap_checkpoint",
        "inbox",
        "lead",
        "mail_domain",
        "merged_lead",
        "notice",
        "outbox",
        "playbook",
        "playbook_version",
        "pursuit_contact",
        "reason_day",
        "seller",
        "seller_calendar",
        "sending_pause",
        "usage",
        "usage_series",
        "suppression_salt",
        "watched_organisation",
        "webhook_call",
    }
)
"""Tables that hold nothing about a contact but ids of leads."""
