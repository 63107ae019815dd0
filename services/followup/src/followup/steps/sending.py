"""Send a step's mail: once, and only if policy and sequence allow it at that moment."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from followup.contacts.audience import as_audience
from followup.contacts.repository import Contact, contacts_of
from followup.delivery.mails import OutgoingMail
from followup.delivery.service import Deliveries
from followup.delivery.unsubscribing import UnsubscribeTokens
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    BY_MAIL,
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.delivery.giving_up import gives_up
from followup.domain.delivery.outcome import Fate, Outcome
from followup.domain.message_ids import mail_name, message_id
from followup.domain.playbooks.playbook import Playbook
from followup.domain.send_policy.decision import Allowed
from followup.domain.send_policy.footer import Footer
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.request import Circumstances
from followup.domain.sequences.commands import RecordFailure, RecordSent, RefuseStep, Result
from followup.domain.sequences.state import SequenceState
from followup.inbox import repository as inbox
from followup.occurrences import repository as occurrences
from followup.occurrences.repository import StoredOccurrence
from followup.occurrences.suppressing import UNTIL_NOTIFIED, suppress
from followup.send_decisions import repository as send_decisions
from followup.send_decisions.repository import Stage
from followup.sequences import repository as sequences
from followup.sequences.messages import StepWork
from followup.settings import SenderSettings
from followup.steps.holding import held_back
from followup.steps.leaving_out import address_of, left_out
from followup.steps.policy import StepMail, keep
from followup.steps.preparing import StepPreparer
from followup.steps.recipients import approval_and_recipient
from followup.texts.service import StepText, step_text
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.reads import Read, together

SEQUENCE_STANDS_STILL: Final = "sequence_stands_still"
"""A mail was withheld: its sequence was paused or has ended while it was being sent."""

FILL_IN_MISSING: Final = "fill_in_missing"
"""A mail was left out: it was approved before a person wrote the passages that it needs."""

OCCURRENCE_PENDING: Final = "occurrence_pending"
"""A mail was put off: the sequence is first notified of what happened to the contact."""

MAIL_WAITS: Final = "incoming_mail_waits"
"""A mail was withheld: a mail from its recipient has come in and is not handled yet."""

CONTACT_CHANGED: Final = "contact_changed"
"""A mail was withheld: what is known of its recipient has changed since it was written."""

_AGAIN_AFTER_INCOMING_MAIL: Final = timedelta(minutes=5)
_AGAIN_AFTER_GREYLISTING: Final = timedelta(minutes=15)
_AGAIN: Final = timedelta(hours=1)


class StepSender:
    """Sends mails of steps.

    Args:
        database: where everything is kept.
        ask_person: opens the approval of a mail that goes without one, but that lacks a value.
        deliveries: hands mails over, each once.
        tokens: of the links that opt out.
        policy: the rules of sending.
        sender: what every mail says of the company.
        address: from which mails go, and to which answers come.
        unsubscribe_url: of the page that opts out, without the token.
        clock: gives the present time.
    """

    def __init__(  # noqa: PLR0913 - each is one part of a mail
        self,
        database: Database,
        ask_person: StepPreparer,
        deliveries: Deliveries,
        tokens: UnsubscribeTokens,
        policy: SendPolicy,
        sender: SenderSettings,
        *,
        address: str,
        unsubscribe_url: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._ask_person = ask_person
        self._deliveries = deliveries
        self._tokens = tokens
        self._policy = policy
        self._sender = sender
        self._address = address
        self._unsubscribe_url = unsubscribe_url
        self._clock = clock

    async def __call__(self, work: StepWork, playbook: Playbook) -> Result:
        """Send the mail of a step unless it is known to have gone.

        Raises:
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        try:
            async with self._database.raw_transaction() as connection:
                approval, decided = await approval_and_recipient(
                    connection, work, playbook.step(work.step_id), self._message_id(work)
                )
                text = await step_text(connection, work, playbook, self._sender, now, decided)
                assert text is not None  # noqa: S101 - a mail has a template
                known = await self._deliveries.known(
                    connection, self._message_id(work), text.contact.lead_id
                )
            address = address_of(text.contact)
            if approval is None and text.rendered.unfilled:
                return await self._ask_person(work, playbook)
            subject, body = text.rendered.subject, text.rendered.text
            if approval is not None and approval.unfilled:  # let go past the API
                return RefuseStep(work.attempt, FILL_IN_MISSING)
            if approval is not None:  # it goes as it was approved
                subject, body = approval.shown_subject, approval.shown_text
            mail = self._mail(work, text, address, subject, body, now)
            asked = StepMail.of(work, playbook, text.contact, address, self._policy)
            refused: list[RefuseStep] = []

            async def allow(connection: RawConnection) -> Outcome | None:
                refusal = await self._refusal(connection, asked, mail, text)
                if refusal is None:
                    return None
                refused.append(refusal)
                return Outcome(Fate.WITHHELD, refusal.reason, retry_at=refusal.until)

            outcome = known or await self._deliveries.deliver(mail, asked.origin, allow=allow)
        except DomainError as error:
            async with self._database.raw_transaction() as connection:
                return await left_out(connection, work, playbook, Stage.SENDING, error, now)
        if refused:
            return refused[-1]
        if outcome.fate is Fate.DEFERRED:
            return await self._put_off(asked, mail, outcome, text)
        if outcome.concerns_recipient:
            await self._suppress(mail.recipient_address, now)
        return self._result(work, mail, outcome, text, now)

    def _mail(
        self, work: StepWork, text: StepText, to: str, subject: str, body: str, now: datetime
    ) -> OutgoingMail:
        identity = self._message_id(work)
        token = self._tokens.token(mail_name(identity))
        link = f"{self._unsubscribe_url}/{token}"
        return OutgoingMail(
            message_id=identity,
            sender_name=f"{self._sender.company} {text.seller.name}",
            sender_address=self._address,
            recipient_name=text.contact.person_name or "",
            recipient_address=to,
            subject=subject,
            text=body,
            footer=Footer(
                self._sender.company, self._sender.postal_address, link, self._sender.complaints
            ),
            unsubscribe_url=link,
            unsubscribe_address=self._address,
            unsubscribe_token=token,
            sent_at=now,
            reply_to=self._address,
            in_reply_to=work.in_reply_to,
        )

    def _message_id(self, work: StepWork) -> str:
        return message_id(work.sequence_id, work.visit, self._address.rpartition("@")[2])

    async def _refusal(
        self, connection: RawConnection, asked: StepMail, mail: OutgoingMail, text: StepText
    ) -> RefuseStep | None:
        """Return why the mail must not go at this moment, in the transaction that says it goes.

        A pause or stop of the sequence, an opt-out, a pause of sending and a mail that comes in
        wait for this transaction, or it sees what they recorded.
        """
        now, work = self._clock.now(), asked.work
        await asked.lock(connection)
        state = await sequences.locked(connection, work.sequence_id)
        if state is None or state.ended or state.attempt != work.attempt:
            return RefuseStep(work.attempt, SEQUENCE_STANDS_STILL)
        if state.pause is not None:
            return RefuseStep(work.attempt, SEQUENCE_STANDS_STILL, now)
        # In a statement behind the locks, which sees what those waited for.
        known = await _known_of(asked, state, now).fetch(connection)
        refusal = _news_against(asked, state, known, now)
        if refusal is not None:
            return refusal
        decision = asked.decide(known.circumstances, now, mail.footer.missing_from())
        if isinstance(decision, Allowed):
            why = None if text.content is None else text.content.why
            await keep(connection, asked, Stage.SENDING, decision, now, now, why)
            return None
        await keep(connection, asked, Stage.SENDING, decision, now, decision.until)
        return RefuseStep(work.attempt, decision.reason.value, decision.until, decision.detail.ja)

    async def _suppress(self, address: str, now: datetime) -> None:
        """Write to an address no more that its server doesn't know."""
        recipient = Recipient("-", address)
        key = SuppressionKey(Scope.ADDRESS, recipient.comparable_address)
        suppression = Suppression(key, Cause.BOUNCE, Channel.MAIL_SYSTEM, now)
        async with self._database.transaction() as connection:
            await suppress(connection, [suppression], Actor(BY_MAIL, BY_MAIL), now)

    async def _put_off(
        self, asked: StepMail, mail: OutgoingMail, outcome: Outcome, text: StepText
    ) -> RecordFailure | RefuseStep:
        """Try a mail again that the server has put off, unless that went on for too long.

        The server may have done so before the policy was asked: where that doesn't allow the mail
        now, it says until when.
        """
        now, work = self._clock.now(), asked.work
        async with self._database.raw_transaction() as connection:
            refusal = await self._refusal(connection, asked, mail, text)
            if refusal is not None:
                return refusal
            tried_at = await send_decisions.allowed_at(
                connection, work.sequence_id, work.step_id, work.since
            )
        if gives_up(tried_at):
            return RecordFailure(work.attempt, mail.message_id, _code(outcome))
        pause = _AGAIN_AFTER_GREYLISTING if outcome.is_greylisted else _AGAIN
        return RefuseStep(work.attempt, outcome.fate.value, now + pause)

    def _result(
        self, work: StepWork, mail: OutgoingMail, outcome: Outcome, text: StepText, now: datetime
    ) -> Result:
        variant = None if text.variant is None else text.variant.value
        role = as_audience(text.contact.role, None).role
        match outcome.fate:
            case Fate.ACCEPTED:
                return RecordSent(work.attempt, mail.message_id, variant, role)
            case Fate.REJECTED:
                return RecordFailure(work.attempt, mail.message_id, _code(outcome))
            case _:
                until = outcome.retry_at or now + _AGAIN
                return RefuseStep(work.attempt, outcome.fate.value, until)


def _code(outcome: Outcome) -> str:
    return str(outcome.status or outcome.code or outcome.fate.value)


class _Known(NamedTuple):
    """The facts about a mail at the moment at which it would go."""

    occurrences: list[StoredOccurrence]
    mail_waits: bool
    held: RefuseStep | None
    contacts: list[Contact]
    circumstances: Circumstances


def _known_of(asked: StepMail, state: SequenceState, now: datetime) -> Read[_Known]:
    return together(
        _Known,
        occurrences.pending_of(state.lead_id),
        inbox.waits_for(asked.work.lead_id, asked.recipient.comparable_address),
        held_back(asked.work, now),
        contacts_of([asked.contact.lead_id]),
        asked.circumstances(now),
    )


def _news_against(
    asked: StepMail, state: SequenceState, known: _Known, now: datetime
) -> RefuseStep | None:
    """Return what has become known since the step was given and forbids its mail."""
    attempt = asked.work.attempt
    if any(state.has_news_of(each.occurrence) for each in known.occurrences):
        return RefuseStep(attempt, OCCURRENCE_PENDING, now + UNTIL_NOTIFIED)
    if known.mail_waits:
        return RefuseStep(attempt, MAIL_WAITS, now + _AGAIN_AFTER_INCOMING_MAIL)
    if known.held is None and known.contacts != [asked.contact]:
        return RefuseStep(attempt, CONTACT_CHANGED, now)
    return known.held
