"""To whom a step turns: the contact, a colleague of the department, the superior."""

from followup.contacts import repository as contacts
from followup.contacts.repository import Contact
from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.steps import MailStep, Recipient, Step, TaskStep
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.errors import DomainError


async def recipient_of(connection: RawConnection, lead_id: str, step: Step) -> Contact:
    """Return whom a step of this contact's sequence addresses.

    A colleague or superior is one of the same municipality, of the same department where there is
    one, whom events have named.

    Raises:
        DomainError: the contact is unknown (``unknown_contact``) or was erased
            (``erased_contact``), or no such other person is known (``no_such_person``).
    """
    contact = await contacts.find(connection, lead_id)
    if contact is None:
        raise DomainError(
            f"nothing is known of lead {lead_id}", field="lead_id", code="unknown_contact"
        )
    if contact.erased_at is not None:
        raise DomainError(
            f"the person of lead {lead_id} was erased", field="lead_id", code="erased_contact"
        )
    to = step.to if isinstance(step, MailStep | TaskStep) else Recipient.CONTACT
    if to is Recipient.CONTACT:
        return contact
    others = (
        []
        if contact.municipality_code is None
        else await contacts.in_municipality(connection, contact.municipality_code)
    )
    found = [each for each in others if _is_meant(each, contact, to)]
    if not found:
        raise DomainError(f"no {to} of lead {lead_id} is known", field="to", code="no_such_person")
    return min(found, key=lambda each: (each.department != contact.department, each.lead_id))


def _is_meant(person: Contact, contact: Contact, to: Recipient) -> bool:
    if person.lead_id == contact.lead_id or person.erased_at is not None or person.email is None:
        return False
    if to is Recipient.MANAGER:
        return person.role == Role.MANAGER
    return person.department is not None and person.department == contact.department
