"""Find the recipient of a step: the contact, a colleague of the department, the superior."""

from followup.contacts import repository as contacts
from followup.contacts.repository import Contact
from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.steps import MailStep, Recipient, Step, TaskStep
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.errors import DomainError

_ABOVE_COLLEAGUES = frozenset({Role.MANAGER, Role.HEAD, Role.COUNCIL})
"""Nobody turns to them as to a colleague: that takes an approval."""


async def recipient_of(
    connection: RawConnection, lead_id: str, step: Step, decided: str | None = None
) -> Contact:
    """Return whom a step of this contact's sequence addresses.

    A colleague or superior is one of the contact's department whom events have named; of several,
    the one with the least lead id.

    Args:
        connection: of any transaction.
        lead_id: the contact's.
        step: may turn to somebody else.
        decided: who it was when the text was made; nobody takes their place.

    Raises:
        DomainError: the contact or whom it was decided for is unknown (``unknown_contact``) or was
            erased (``erased_contact``), or no such other person is known (``no_such_person``).
    """
    contact = await _known(connection, lead_id)
    if decided is not None:
        return contact if decided == lead_id else await _known(connection, decided)
    to = turns_to(step)
    if to is Recipient.CONTACT:
        return contact
    others = (
        []
        if contact.municipality_code is None or contact.department is None
        else await contacts.in_municipality(connection, contact.municipality_code)
    )
    found = [each for each in others if _is_meant(each, contact, to)]
    if not found:
        raise DomainError(f"no {to} of lead {lead_id} is known", field="to", code="no_such_person")
    return min(found, key=lambda each: each.lead_id)


def turns_to(step: Step) -> Recipient:
    """Return to whom a step turns, as its playbook says it."""
    return step.to if isinstance(step, MailStep | TaskStep) else Recipient.CONTACT


async def _known(connection: RawConnection, lead_id: str) -> Contact:
    contact = await contacts.find(connection, lead_id)
    if contact is None:
        raise DomainError(
            f"nothing is known of lead {lead_id}", field="lead_id", code="unknown_contact"
        )
    if contact.erased_at is not None:
        raise DomainError(
            f"the person of lead {lead_id} was erased", field="lead_id", code="erased_contact"
        )
    return contact


def _is_meant(person: Contact, contact: Contact, to: Recipient) -> bool:
    if person.lead_id == contact.lead_id or person.erased_at is not None or person.email is None:
        return False
    if person.department != contact.department:
        return False
    if to is Recipient.MANAGER:
        return person.role == Role.MANAGER
    return person.role not in _ABOVE_COLLEAGUES
