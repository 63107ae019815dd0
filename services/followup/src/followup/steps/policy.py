"""Ask the send policy about the mail of a step."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from followup import stops
from followup.consents.service import circumstances
from followup.contacts.repository import Contact
from followup.delivery.counting import counted_keys, planned_by_higher, sent_on_days
from followup.delivery.mails import MailOrigin
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import Scope, SuppressionKey, suppression_keys
from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.playbook import Playbook
from followup.domain.send_policy import texts
from followup.domain.send_policy.caps import Cap, CapSubject
from followup.domain.send_policy.deciding import decide
from followup.domain.send_policy.decision import Decision, RefusalReason, Refused
from followup.domain.send_policy.footer import FooterPart
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.quiet_periods import MEANT_FOR
from followup.domain.send_policy.request import Circumstances, MailToSend
from followup.domain.triggers.catalogue import ENQUIRIES
from followup.send_decisions import repository as send_decisions
from followup.send_decisions.repository import SendDecision, Stage
from followup.sequences.messages import StepWork
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.reads import Read

_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class StepMail:
    """The mail of a step, as the send policy sees it.

    Args:
        work: the step.
        contact: to whom it goes.
        address: the contact's.
        policy: the rules that hold for all, and for this playbook; see :meth:`of`.
        good_until: the last day on which it makes sense; see :func:`last_day_of`.
    """

    work: StepWork
    contact: Contact
    address: str
    policy: SendPolicy
    good_until: date | None = None

    @classmethod
    def of(
        cls, work: StepWork, playbook: Playbook, contact: Contact, address: str, policy: SendPolicy
    ) -> "StepMail":
        """Return the mail of a step by a playbook; ``policy`` has the rules that hold for all."""
        own = Cap(CapSubject.CONTACT, playbook.mails_per_week, days=_A_WEEK)
        rules = replace(policy, caps=(*policy.caps, own))
        return cls(work, contact, address, rules, last_day_of(work, playbook))

    @property
    def recipient(self) -> Recipient:
        """The person to whom it goes."""
        organisation = self.contact.municipality_code or self.work.municipality_code
        return Recipient(self.contact.lead_id, self.address, organisation)

    @property
    def origin(self) -> MailOrigin:
        """The attributes by which it is counted."""
        return MailOrigin(
            self.work.sequence_id,
            self.work.step_id,
            self.contact.lead_id,
            self.recipient.organisation,
            self.work.owner,
            self.contact.role,
            self.work.reason,
        )

    @property
    def _answers_enquiry(self) -> bool:
        """Whether it is the first mail to somebody who enquired, and so is not advertising."""
        return (
            self.work.reason in ENQUIRIES
            and self.work.in_reply_to is None
            and self.contact.lead_id == self.work.lead_id
        )

    @property
    def _contact_of_the_sequence(self) -> SuppressionKey:
        """The sequence's own contact: their opt-out covers mails to a colleague for their sake."""
        return SuppressionKey(Scope.PERSON, self.work.lead_id)

    @property
    def _suppressed_by(self) -> tuple[SuppressionKey, ...]:
        """The keys of all suppressions that could forbid it."""
        return (*suppression_keys(self.recipient), self._contact_of_the_sequence)

    async def lock(self, connection: RawConnection) -> None:
        """Wait for stops that are being recorded, and for mails that count for the same caps.

        Those that come later are held up.
        """
        counted = counted_keys(self.origin, self.policy.caps)
        await stops.share(connection, self._suppressed_by, alone=counted)

    def decide(
        self, known: Circumstances, at: datetime, missing_footer: Iterable[FooterPart] = ()
    ) -> Decision:
        """Decide whether it may go at an instant."""
        for each in known.suppressions:
            if each.key == self._contact_of_the_sequence:
                return Refused(RefusalReason.SUPPRESSED, texts.of_suppression(each))
        mail = MailToSend(
            self.recipient,
            at,
            tuple(missing_footer),
            answers_enquiry=self._answers_enquiry,
            # A member of the council (議員) gets nothing during its sessions.
            allowed_in=frozenset()
            if self.contact.role == Role.COUNCIL
            else MEANT_FOR.get(self.work.reason, frozenset()),
            good_until=self.good_until,
        )
        return decide(mail, known, self.policy)

    def circumstances(self, now: datetime) -> Read[Circumstances]:
        """Read what is known of the recipient, and how much went."""
        caps = self.policy.caps
        return circumstances(
            self.recipient,
            self._suppressed_by,
            now,
            sent_on_days(self.origin, caps, now),
            planned_by_higher(self.origin, caps, now),
        )


def last_day_of(work: StepWork, playbook: Playbook) -> date | None:
    """Return the last day in Japan on which a step makes sense; ``None``: it always does.

    The first step is taken while the reason is good, or not at all. What follows it may come
    later, unless the playbook is about what is then over (``only_while_good``). One for
    afterwards (``also_afterwards``) makes sense whenever its steps come.
    """
    if playbook.entry.also_afterwards:
        return None
    return work.good_until if work.is_first or playbook.entry.only_while_good else None


def check_not_over(work: StepWork, playbook: Playbook, today: date) -> None:
    """Refuse to ask a person for what comes too late.

    Raises:
        DomainError: its last day is over (``reason_over``).
    """
    last_day = last_day_of(work, playbook)
    if last_day is not None and today > last_day:
        raise DomainError(
            f"what it is about ended on {last_day}", code=RefusalReason.REASON_OVER.value
        )


async def keep(
    connection: RawConnection,
    mail: StepMail,
    stage: Stage,
    decision: Decision,
    now: datetime,
    goes_at: datetime | None,
    also: Text | None = None,
) -> None:
    """Store the policy's decision on a mail.

    Args:
        connection: of the transaction that decides.
        mail: of which step.
        stage: when it was asked.
        decision: what it said.
        now: the present instant.
        goes_at: when the mail goes, or is tried again; ``None``: never.
        also: why then, or why with this content, if there was a choice.
    """
    reason, text = None, decision.text
    if isinstance(decision, Refused):
        reason, text = decision.reason.value, decision.detail
    await send_decisions.put(
        connection,
        SendDecision(
            sequence_id=mail.work.sequence_id,
            attempt=mail.work.attempt,
            stage=stage,
            step_id=mail.work.step_id,
            lead_id=mail.contact.lead_id,
            decided_at=now,
            reason=reason,
            goes_at=goes_at,
            text=text if also is None else text.then(also),
        ),
    )
