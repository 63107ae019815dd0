"""The recipient of a step's mail: the one decided on before goes before the present choice."""

from followup.approvals import repository as approvals
from followup.approvals.repository import Approval
from followup.delivery import ledger
from followup.domain.playbooks.steps import MailStep, Recipient, Step
from followup.sequences.messages import StepWork
from followup.texts.recipients import turns_to
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.errors import DomainError


async def approval_and_recipient(
    connection: RawConnection, work: StepWork, step: Step, message_id: str | None = None
) -> tuple[Approval | None, str | None]:
    """Return what was approved, and to whom it was decided that it goes, by lead.

    A text is written for one person. When they are gone it is not redirected, and when somebody
    else comes it stays theirs; a mail without approval is decided with the first attempt.

    Args:
        connection: of any transaction.
        work: the step.
        step: the same, as the playbook has it.
        message_id: of the mail, if it may have been tried before.

    Raises:
        DomainError: what was approved is not kept any more (``approval_gone``), or not for whom
            (``recipient_unknown``).
    """
    to_contact = turns_to(step) is Recipient.CONTACT
    if work.approval_id is None:
        if to_contact or message_id is None:
            return None, None
        tried = await ledger.recipient_of(connection, message_id)
        return None, None if tried is None else tried[0]
    approval = await approvals.find(connection, work.approval_id)
    if approval is None:
        raise DomainError(
            f"approval {work.approval_id} is gone", field="approval_id", code="approval_gone"
        )
    if approval.recipient_lead_id is None and isinstance(step, MailStep) and not to_contact:
        raise DomainError(
            f"approval {work.approval_id} does not say for whom it was given",
            field="approval_id",
            code="recipient_unknown",
        )
    return approval, approval.recipient_lead_id
