"""A contact as the audience of a playbook sees them."""

from typing import Final

from followup.domain.playbooks.audience import Contact, MunicipalityKind, Role, SizeBand
from kakehashi_common.contracts.municipalities import municipalities

_COUNCIL: Final = "議会"


def as_audience(
    role: str | None,
    municipality_code: str | None,
    policy_area: str | None = None,
    department: str | None = None,
) -> Contact:
    """Return what an audience asks of a contact; what is not known is ``None``.

    Args:
        role: of the contact.
        municipality_code: of the contact.
        policy_area: of the reason for which they would enter: profiles say nothing of it.
        department: of the contact; one with 議会 in its name deals with the council.
    """
    place = municipalities().get(municipality_code or "")
    return Contact(
        Role(role) if role in set(Role) else None,
        None if place is None else SizeBand(place.size_band),
        None if place is None else MunicipalityKind(place.kind),
        policy_area,
        serves_council=role != Role.COUNCIL and _COUNCIL in (department or ""),
    )
