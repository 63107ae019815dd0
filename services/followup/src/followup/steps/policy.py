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
    return decide(MailToSend(recipient, now, missing_footer), known, policy)
