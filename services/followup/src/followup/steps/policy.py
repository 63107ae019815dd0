"""Ask the send policy about the mail of a step."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.consents.service import circumstances
from followup.contacts.repository import Contact
from followup.domain.consents.recipient import Recipient
from followup.domain.send_policy.deciding import decide
from followup.domain.send_policy.decision import Decision
from followup.domain.send_policy.footer import FooterPart
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.request import MailToSend
from followup.domain.triggers.catalogue import ENQUIRIES
from followup.sequences.messages import StepWork


async def may_send(
    connection: AsyncConnection,
    policy: SendPolicy,
    work: StepWork,
    contact: Contact,
    address: str,
    now: datetime,
    missing_footer: tuple[FooterPart, ...] = (),
) -> Decision:
    """Return whether the mail of a step may go now.

    No mail that went is counted yet, so the policy's caps never apply.
    """
    organisation = contact.municipality_code or work.municipality_code
    recipient = Recipient(contact.lead_id, address, organisation)
    known = await circumstances(connection, recipient, now, {})
    mail = MailToSend(recipient, now, missing_footer, answers_enquiry=_answers(work, contact))
    return decide(mail, known, policy)


def _answers(work: StepWork, contact: Contact) -> bool:
    """Whether it is the first mail to who asked something, and so is no advertising mail."""
    return work.reason in ENQUIRIES and work.in_reply_to is None and contact.lead_id == work.lead_id
