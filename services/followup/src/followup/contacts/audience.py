"""A contact as the audience of a playbook sees them."""

from followup.domain.playbooks.audience import Contact, MunicipalityKind, Role, SizeBand
from kakehashi_common.contracts.municipalities import municipalities


def as_audience(
    role: str | None, municipality_code: str | None, policy_area: str | None = None
) -> Contact:
    """Return what an audience asks of a contact; what is not known is ``None``.

    Args:
        role: of the contact.
        municipality_code: of the contact.
        policy_area: of the reason for which they would enter: profiles say nothing of it.
    """
    place = municipalities().get(municipality_code or "")
    return Contact(
        Role(role) if role in set(Role) else None,
        None if place is None else SizeBand(place.size_band),
        None if place is None else MunicipalityKind(place.kind),
        policy_area,
    )
