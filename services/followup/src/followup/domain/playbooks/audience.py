"""The audience of a playbook."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kakehashi_common.domain.texts import Text


class Role(StrEnum):
    """The part that a person plays in a municipality's decision."""

    OFFICER = "officer"
    """実務担当: functions and operation."""
    MANAGER = "manager"
    """管理職: cost and benefit, the organisation."""
    FINANCE = "finance"
    """財政担当: the ground for a budget, savings."""
    HEAD = "head"
    """首長・副首長: what it contributes to policy."""
    COUNCIL = "council"
    """議会: what residents and the region get."""


class SizeBand(StrEnum):
    """A municipality's size as selling distinguishes it, by inhabitants."""

    UNDER_50K = "under_50k"
    FROM_50K_TO_300K = "50k_300k"
    OVER_300K = "over_300k"


class MunicipalityKind(StrEnum):
    """The type of a local government."""

    PREFECTURE = "prefecture"
    CITY = "city"
    SPECIAL_WARD = "special_ward"
    TOWN = "town"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Contact:
    """The attributes of a person that an audience depends on; ``None``: not known."""

    role: Role | None
    """``COUNCIL``: a member of the council (議員)."""
    size_band: SizeBand | None = None
    municipality_kind: MunicipalityKind | None = None
    policy_area: str | None = None
    """Of the reason for which they would enter."""
    serves_council: bool = False
    """Whether they work in the office that serves the council (議会事務局)."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The contacts that a playbook addresses. An empty set but of roles: any."""

    roles: frozenset[Role]
    role_unknown: bool = False
    """Whether contacts whose role is unknown, or is none of these, are addressed too."""
    size_bands: frozenset[SizeBand] = frozenset()
    municipality_kinds: frozenset[MunicipalityKind] = frozenset()
    policy_areas: frozenset[str] = frozenset()

    def reasons_against(self, contact: Contact) -> tuple[Text, ...]:
        """Return the reasons why ``contact`` is not addressed; none if it is."""
        return tuple(self._reasons_against(contact))

    def _reasons_against(self, contact: Contact) -> Iterator[Text]:
        if not self._names(contact):
            yield Text(ja="役割が対象ではありません", en="the role is not addressed")
        if self.size_bands and contact.size_band not in self.size_bands:
            yield Text(ja="人口規模が対象ではありません", en="the size band is not addressed")
        if self.municipality_kinds and contact.municipality_kind not in self.municipality_kinds:
            yield Text(ja="団体の種類が対象ではありません", en="the type is not addressed")
        if self.policy_areas and contact.policy_area not in self.policy_areas:
            yield Text(ja="政策分野が対象ではありません", en="the policy area is not addressed")

    def _names(self, contact: Contact) -> bool:
        if contact.serves_council and Role.COUNCIL in self.roles:
            return True
        return self.role_unknown if contact.role is None else contact.role in self.roles

    def text_role(self, contact: Contact) -> Role | None:
        """Return the role whose text a contact gets; ``None``: that of an unknown role.

        What is made for the council goes to the office that deals with it, never to a member
        unasked. Whom the playbook does not address, such as a colleague, gets an officer's text.
        """
        if contact.serves_council and Role.COUNCIL in self.roles:
            return Role.COUNCIL
        if contact.role is None and not self.role_unknown:
            return Role.OFFICER
        return contact.role
