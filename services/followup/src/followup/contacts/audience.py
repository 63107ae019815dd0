"""A contact as the audience of a playbook sees them."""

from followup.domain.playbooks.audience import Contact, MunicipalityKind, Role, SizeBand
from kakehashi_common.contracts.municipalities import municipalities


def as_audience(role: str | None, municipality_code: str | None) -> Contact:
    """Return what an audience asks of a contact; what is not known is ``None``."""
    place = municipalities().get(municipality_code or "")
    return Contact(
        Role(role) if role in set(Role) else None,
        None if place is None else SizeBand(place.size_band),
        None if place is None else MunicipalityKind(place.kind),
    )
