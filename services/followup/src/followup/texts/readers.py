"""Readers of texts, by the attributes that texts depend on."""

from typing import Final

from followup.domain.playbooks.audience import Contact, Role
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.templates import Formality, Reader

_FORMALLY: Final = frozenset({Role.HEAD, Role.COUNCIL})


def reader_of(contact: Contact, playbook: Playbook) -> Reader:
    """Return whom a playbook's texts address in a contact.

    A head of government and a member of an assembly are written to formally.
    """
    role = playbook.audience.text_role(contact)
    formality = Formality.FORMAL if role in _FORMALLY else Formality.STANDARD
    return Reader(role, contact.size_band, formality)
