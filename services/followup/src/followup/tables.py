"""The tables of followup, as SQLAlchemy Core. SQL that uses them is in ``repository`` modules."""

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kakehashi_common import audit
from kakehashi_common.consumer import inbox
from kakehashi_common.db import new_metadata
from kakehashi_common.http import idempotency
from kakehashi_common.lead_profiles import repository as lead_profiles
from kakehashi_common.outbox import store as outbox

metadata = new_metadata()

_ID = String(64, collation="C")
"""Ids are ASCII and only compared for order."""
_LEAD_ID = String(128, collation="C")

audit_table = audit.table(metadata)
inbox_table = inbox.table(metadata)
outbox_table = outbox.table(metadata)
idempotency_table = idempotency.table(metadata)

lead = Table("lead", metadata, Column("lead_id", _LEAD_ID, primary_key=True))
lead_field = lead_profiles.field_table(metadata)
Index(
    "ix_lead_field_email",
    func.lower(lead_field.c.value),
    postgresql_where=text("name = 'email'"),
)
erased_lead = lead_profiles.erased_table(metadata)

playbook = Table(
    "playbook",
    metadata,
    Column("playbook_id", _ID, primary_key=True),
    Column("in_force", Integer, doc="The version that lets contacts in; null: none"),
    Column("draft", Text, doc="YAML that is not published; it may hold mistakes"),
    Column("draft_by", String(255)),
    Column("draft_at", DateTime(timezone=True)),
)

playbook_version = Table(
    "playbook_version",
    metadata,
    Column(
        "playbook_id",
        _ID,
        ForeignKey("playbook.playbook_id", name="fk_playbook_version_playbook_id_playbook"),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False, doc="The YAML as it was published; never changed"),
    Column("published_by", String(255), nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

fact_sheet_figure = Table(
    "fact_sheet_figure",
    metadata,
    Column("place", String(6, collation="C"), primary_key=True, doc="A code, or all"),
    Column("name", _ID, primary_key=True),
    Column("value", Numeric(20, 4), nullable=False),
    Column("source", Text, nullable=False, doc="Where it comes from, for people"),
    Column("entered_by", String(255), nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)

seller = Table(
    "seller",
    metadata,
    Column("seller_id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", String(254), nullable=False),
    Column("signature", Text, nullable=False),
    Column("approver", _ID, doc="Of what goes in their name; null: they themselves"),
    Column("active", Boolean, nullable=False),
)

absence = Table(
    "absence",
    metadata,
    Column(
        "seller_id",
        _ID,
        ForeignKey("seller.seller_id", name="fk_absence_seller_id_seller", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("absence_id", _ID, primary_key=True),
    Column("starts", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False),
    Column("deputy", _ID, doc="Who does their work during it; null: whoever may"),
    CheckConstraint("ends > starts", name="in_order"),
)

council_day = Table(
    "council_day",
    metadata,
    Column("municipality_code", String(6), primary_key=True),
    Column("fiscal_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("session", SmallInteger, primary_key=True, autoincrement=False),
    Column("milestone", String(32, collation="C"), primary_key=True, doc="It opens, or votes"),
    Column("day", Date, doc="The likely one; null: it fell away"),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
)

sequence = Table(
    "sequence",
    metadata,
    Column("sequence_id", _ID, primary_key=True),
    Column("playbook_id", _ID, nullable=False),
    Column("playbook_version", Integer, nullable=False),
    Column("lead_id", _LEAD_ID, nullable=False, index=True),
    Column("trigger_id", _ID, nullable=False, doc="Of what began it"),
    Column("municipality_code", String(6), index=True),
    Column("version", Integer, nullable=False, doc="Of the state; a lower one is never written"),
    Column("status", String(32), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("step_id", _ID, doc="At which it is; null: it has ended"),
    Column("due_at", DateTime(timezone=True), doc="When the step is done"),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("end_reason", Text),
    Column("state", JSONB, nullable=False, doc="followup.domain.sequences.SequenceState"),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
Index(
    "uq_sequence_open",
    sequence.c.lead_id,
    sequence.c.playbook_id,
    unique=True,
    postgresql_where=sequence.c.is_open,
)

sequence_fact = Table(
    "sequence_fact",
    metadata,
    Column(
        "sequence_id",
        _ID,
        ForeignKey(
            "sequence.sequence_id", name="fk_sequence_fact_sequence_id_sequence", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, doc="Of the state that it led to"),
    Column("position", SmallInteger, primary_key=True, doc="Among the effects of its decision"),
    Column("kind", String(32), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, doc="When it happened"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("fact", JSONB, nullable=False, doc="One of followup.domain.sequences.facts"),
    Index("ix_sequence_fact_kind", "kind", "at"),
)

approval = Table(
    "approval",
    metadata,
    Column("approval_id", String(160, collation="C"), primary_key=True),
    Column(
        "sequence_id",
        _ID,
        ForeignKey(
            "sequence.sequence_id", name="fk_approval_sequence_id_sequence", ondelete="CASCADE"
        ),
        nullable=False,
        index=True,
    ),
    Column("step_id", _ID, nullable=False),
    Column("lead_id", _LEAD_ID, nullable=False),
    Column("municipality_code", String(6)),
    Column("approver", _ID, index=True, doc="A seller; null: anybody who may approve"),
    Column("moved_from", _ID, doc="Who is away and had it before"),
    Column("status", String(16), nullable=False),
    Column("subject", Text, nullable=False, doc="As it was rendered"),
    Column("text", Text, nullable=False),
    Column("fill_ins", ARRAY(Text), nullable=False, doc="What a person has to write: the labels"),
    Column("fill_in_names", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column(
        "passages",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        doc="What they have written, by name; may hold personal data",
    ),
    Column("edited_subject", Text, doc="As a person has changed it; null: they have not"),
    Column("edited_text", Text),
    Column("changed_share", Double, doc="Of the original, from 0 to 1"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", String(255)),
    Column("reason", Text),
    Column("reminded_at", DateTime(timezone=True), doc="That nobody has taken it"),
    Index("ix_approval_status", "status", "expires_at"),
)

task = Table(
    "task",
    metadata,
    Column("task_id", String(160, collation="C"), primary_key=True),
    Column(
        "sequence_id",
        _ID,
        ForeignKey("sequence.sequence_id", name="fk_task_sequence_id_sequence", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("step_id", _ID, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("lead_id", _LEAD_ID, nullable=False),
    Column("municipality_code", String(6)),
    Column("owner", _ID, index=True, doc="A seller; null: nobody is known"),
    Column("moved_from", _ID, doc="Who is away and had it before"),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False, doc="What they note down"),
    Column("status", String(16), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("snoozed_until", DateTime(timezone=True)),
    Column("outcome", String(32)),
    Column("note", Text),
    Column("record", JSONB(none_as_null=True), doc="followup.domain.task_records.TaskRecord"),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_by", String(255)),
    Column("reminded_at", DateTime(timezone=True), doc="That nobody has taken it"),
    Index("ix_task_status", "status", "due_at"),
)

calendar_token = Table(
    "calendar_token",
    metadata,
    Column(
        "seller_id",
        _ID,
        ForeignKey(
            "seller.seller_id", name="fk_calendar_token_seller_id_seller", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("token_digest", LargeBinary, nullable=False, unique=True, doc="The token is not kept"),
    Column("opened_at", DateTime(timezone=True), nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("notice_id", String(200, collation="C"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("seller_id", _ID, doc="To whom a mail goes"),
    Column("work_id", String(160, collation="C"), doc="Of a reminder: the approval or task"),
    Column("day", Date, doc="Of a daily list"),
    Column("state", String(16), nullable=False, doc="followup.notices.repository"),
    Column("attempts", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False, doc="Why it was not sent, without addresses"),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
)
Index("ix_notice_due", notice.c.due_at, postgresql_where=text("state = 'due'"))
Index("ix_notice_seller_id", notice.c.seller_id, notice.c.day)

proof_of_concept = Table(
    "proof_of_concept",
    metadata,
    Column(
        "sequence_id",
        _ID,
        ForeignKey(
            "sequence.sequence_id",
            name="fk_proof_of_concept_sequence_id_sequence",
            ondelete="CASCADE",
        ),
        primary_key=True,
    ),
    Column("agreed", JSONB, nullable=False, doc="followup.domain.playbooks.proof_of_concept"),
    Column("agreed_by", String(255), nullable=False),
    Column("agreed_at", DateTime(timezone=True), nullable=False),
)

mail_attempt = Table(
    "mail_attempt",
    metadata,
    Column("message_id", String(320, collation="C"), primary_key=True),
    Column("sequence_id", _ID, nullable=False, index=True),
    Column("step_id", _ID, nullable=False),
    Column("lead_id", _LEAD_ID, doc="Of the recipient"),
    Column("organisation", _ID, doc="Of the recipient"),
    Column("seller_id", _ID, doc="In whose name it goes"),
    Column("role", _ID, doc="Of the recipient, when it was sent"),
    Column("occasion", Text, doc="The slug of what began the sequence"),
    Column("state", String(16), nullable=False, doc="followup.domain.delivery.attempts"),
    Column("number", SmallInteger, nullable=False, server_default=text("0")),
    Column("turn_at", DateTime(timezone=True), doc="When its turn at the domain comes"),
    Column("claimed_at", DateTime(timezone=True), doc="When it was about to be handed over"),
    Column("settled_at", DateTime(timezone=True)),
    Column("code", SmallInteger),
    Column("status", String(16)),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("concerns_recipient", Boolean, nullable=False, server_default=text("false")),
    Column("answered_at", DateTime(timezone=True), doc="When a person first answered it"),
)
Index(
    "ix_mail_attempt_unknown",
    mail_attempt.c.claimed_at,
    postgresql_where=text("state in ('sending', 'unknown')"),
)
_COUNTED = text("state in ('sending', 'unknown', 'accepted')")
"""Mails that went or may have gone: caps count them."""
Index(
    "ix_mail_attempt_lead_id_claimed_at",
    mail_attempt.c.lead_id,
    mail_attempt.c.claimed_at,
    postgresql_where=_COUNTED,
)
Index(
    "ix_mail_attempt_organisation_claimed_at",
    mail_attempt.c.organisation,
    mail_attempt.c.claimed_at,
    postgresql_where=_COUNTED,
)
Index(
    "ix_mail_attempt_seller_id_claimed_at",
    mail_attempt.c.seller_id,
    mail_attempt.c.claimed_at,
    postgresql_where=_COUNTED,
)
Index("ix_mail_attempt_claimed_at", mail_attempt.c.claimed_at, postgresql_where=_COUNTED)

webhook_call = Table(
    "webhook_call",
    metadata,
    Column(
        "call_id", String(160, collation="C"), primary_key=True, doc="The receiver's webhook-id"
    ),
    Column("sequence_id", _ID, nullable=False, index=True),
    Column("step_id", _ID, nullable=False),
    Column("hook", _ID, nullable=False),
    Column("state", String(16), nullable=False, doc="followup.domain.webhook_calls"),
    Column("attempts", SmallInteger, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False, doc="Why it was not taken"),
)

mail_domain = Table(
    "mail_domain",
    metadata,
    Column("domain", String(255, collation="C"), primary_key=True),
    Column("next_turn_at", DateTime(timezone=True), nullable=False),
)

send_decision = Table(
    "send_decision",
    metadata,
    Column(
        "sequence_id",
        _ID,
        ForeignKey(
            "sequence.sequence_id", name="fk_send_decision_sequence_id_sequence", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("attempt", Integer, primary_key=True, doc="Of the sequence's work"),
    Column("stage", String(16), primary_key=True, doc="followup.send_decisions.repository.Stage"),
    Column("step_id", _ID, nullable=False),
    Column("lead_id", _LEAD_ID, nullable=False, doc="Of the recipient"),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("reason", String(32), doc="Why it was refused; null: it was allowed"),
    Column("goes_at", DateTime(timezone=True), doc="When it goes or is tried; null: never"),
    Column("text_ja", Text, nullable=False, doc="Holds no personal data"),
    Column("text_en", Text, nullable=False),
    Index("ix_send_decision_lead_id", "lead_id", "decided_at"),
)

incoming_mail = Table(
    "incoming_mail",
    metadata,
    Column("digest", CHAR(64, collation="C"), primary_key=True, doc="SHA-256 of its bytes"),
    Column("message_id", Text),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("kind", String(32), nullable=False, doc="followup.domain.inbox.classified"),
    Column("evidence", JSONB, nullable=False),
    Column("refers_to", String(320, collation="C"), doc="Our Message-ID"),
    Column("sequence_id", _ID, index=True),
    Column("step_id", _ID),
    Column("about", String(320), index=True, doc="Whose address; personal data"),
    Column("returns_on", Date),
    Column("has_left", Boolean, nullable=False),
    Column("bounced", JSONB, nullable=False),
    Column("unsubscribe_token", Text),
    Column("subject", Text, nullable=False, doc="Personal data"),
    Column("text", Text, nullable=False, doc="Personal data"),
    Column("handled_at", DateTime(timezone=True), doc="When what follows from it was done"),
    Column("look_at", DateTime(timezone=True), doc="Not before; null: at once"),
)
Index(
    "ix_incoming_mail_pending",
    incoming_mail.c.received_at,
    incoming_mail.c.digest,
    postgresql_where=incoming_mail.c.handled_at.is_(None),
)

imap_checkpoint = Table(
    "imap_checkpoint",
    metadata,
    Column("mailbox", Text, primary_key=True, doc="User, server and folder"),
    Column("uid_validity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False, doc="Of the last mail that was handled"),
)

reason = Table(
    "reason",
    metadata,
    Column("reason_id", Uuid, primary_key=True, doc="Digest of its event's source and id"),
    Column("municipality_code", String(6), index=True),
    Column("lead_id", _LEAD_ID, index=True),
    Column("good_from", Date, nullable=False),
    Column("good_until", Date, nullable=False),
    Column("importance", SmallInteger, nullable=False),
    Column("set_aside", String(32), doc="Why it is not acted on; null: it is"),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("reason", JSONB, nullable=False, doc="followup.domain.triggers.reasons.Reason"),
    Column("handled_at", DateTime(timezone=True), doc="When what follows from it was done"),
    Column("look_at", DateTime(timezone=True), doc="Not before; null: at once"),
    Column("handling", String(32), doc="What became of it then"),
    Index("ix_reason_good_until", "good_until"),
)
Index(
    "ix_reason_pending",
    reason.c.good_from,
    postgresql_where=text("set_aside is null and handled_at is null"),
)

reason_day = Table(
    "reason_day",
    metadata,
    Column("place", _LEAD_ID, primary_key=True, doc="A municipality, or a lead without one"),
    Column("day", Date, primary_key=True, doc="In Japan"),
    Column("taken", Integer, nullable=False, server_default="0"),
    Column("too_many", Integer, nullable=False, server_default="0", doc="Those are only counted"),
)

known_day = Table(
    "known_day",
    metadata,
    Column("day_id", String(160, collation="C"), primary_key=True),
    Column("kind", String(32), nullable=False, doc="Of the reason that it will be"),
    Column("day", Date, nullable=False, doc="Of the first meeting, the last of the contract"),
    Column("said_at", DateTime(timezone=True), nullable=False),
    Column("lead_id", _LEAD_ID, index=True),
    Column("municipality_code", String(6)),
    Column("owner", _ID),
    Column("raise_on", Date, index=True, doc="When its reason is next raised; null: never"),
)

watched_person = Table(
    "watched_person",
    metadata,
    Column("lead_id", _LEAD_ID, primary_key=True),
    Column(
        "state",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        doc="followup.domain.triggers.observations.Person",
    ),
    Column("seen", ARRAY(Text), nullable=False, server_default=text("'{}'"), doc="Behaviours"),
    Column("look_at", DateTime(timezone=True), doc="When time alone may change what is seen"),
)
Index("ix_watched_person_look_at", watched_person.c.look_at)

watched_organisation = Table(
    "watched_organisation",
    metadata,
    Column("municipality_code", String(6), primary_key=True),
    Column(
        "state",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        doc="followup.domain.triggers.observations.Organisation",
    ),
    Column("seen", ARRAY(Text), nullable=False, server_default=text("'{}'"), doc="Behaviours"),
)

seen_behaviour = Table(
    "seen_behaviour",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("lead_id", _LEAD_ID, index=True, doc="Null: of the municipality as a whole"),
    Column("municipality_code", String(6), index=True),
    Column("lead_ids", ARRAY(Text), nullable=False, doc="Whose activity together makes it up"),
    Column("importance", SmallInteger, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("text_ja", Text, nullable=False, doc="Why; holds no personal data"),
    Column("text_en", Text, nullable=False),
    Column("handled_at", DateTime(timezone=True), doc="When what follows from it was done"),
    Column("look_at", DateTime(timezone=True), doc="Not before; null: at once"),
    Column("handling", String(32), doc="What became of it then"),
)
Index(
    "ix_seen_behaviour_pending",
    seen_behaviour.c.id,
    postgresql_where=seen_behaviour.c.handled_at.is_(None),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("occurrence_id", Uuid, primary_key=True, doc="The same however often it is said"),
    Column("kind", String(32), nullable=False, doc="followup.domain.playbooks.steps"),
    Column("at", DateTime(timezone=True), nullable=False, doc="When it happened"),
    Column("said_by", String(64), nullable=False, doc="The topic"),
    Column("lead_id", _LEAD_ID, index=True),
    Column("municipality_code", String(6), index=True, doc="Of a phase, the newest"),
    Column("name", String(64), nullable=False, doc="Of the phase"),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column(
        "look_at",
        DateTime(timezone=True),
        doc="When open sequences are notified, or notified again; null: they were",
    ),
)
Index("ix_occurrence_look_at", occurrence.c.look_at)

entry_decision = Table(
    "entry_decision",
    metadata,
    Column("trigger_id", _ID, primary_key=True, doc="Of the reason or behaviour"),
    Column("lead_id", _LEAD_ID, primary_key=True),
    Column("playbook_id", _ID, primary_key=True),
    Column("playbook_version", Integer, nullable=False),
    Column("sequence_id", _ID, doc="Null: the contact did not enter"),
    Column("why_ja", Text, nullable=False),
    Column("why_en", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Index("ix_entry_decision_lead_id", "lead_id", "decided_at"),
)

consent = Table(
    "consent",
    metadata,
    Column("address", String(320), primary_key=True, doc="Comparable: case and width don't count"),
    Column("basis", String(32), primary_key=True),
    Column("obtained_on", Date, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("ended_on", Date),
)

suppression = Table(
    "suppression",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("cause", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("salt", LargeBinary, doc="Of an erased person's address, whose digest is the value"),
)
Index(
    "ix_suppression_salted", suppression.c.scope, postgresql_where=suppression.c.salt.is_not(None)
)

sending_pause = Table(
    "sending_pause",
    metadata,
    Column("pause_id", _ID, primary_key=True),
    Column("cause", String(16), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), doc="Null: until somebody ends it"),
    Column("organisation", _ID, doc="Null: nothing is sent to anybody"),
)
