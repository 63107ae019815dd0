"""Members with roles, functions and skills, in teams with working hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kakehashi_common.domain.business_time import Absence, Hours

WeeklyHours = Mapping[int, Sequence[Hours]]
"""The working hours of each weekday, 0 is Monday; without the lunch break."""


class Role(StrEnum):
    """A role in the sales process; one member may have several."""

    SALES_DEVELOPMENT = "sales_development"
    """SDR and BDR: finds and nurtures leads."""
    INSIDE_SALES = "inside_sales"
    """IS: qualifies leads."""
    FIELD_SALES = "field_sales"
    """FS: proposes and closes."""
    CUSTOMER_SUCCESS = "customer_success"
    """CS: keeps and grows customers."""


class Function(StrEnum):
    """A task around a municipal deal whose holder may join a handoff as a further owner."""

    POLICY_PROPOSAL = "policy_proposal"
    """政策提案."""
    FINANCE_NEGOTIATION = "finance_negotiation"
    """財政折衝."""
    COUNCIL_LIAISON = "council_liaison"
    """議会対応."""


@dataclass(frozen=True, slots=True)
class Team:
    """Members who share working hours, a lead and territories."""

    team_id: str
    name: str
    hours: WeeklyHours
    lead: str | None = None
    """The member to whom a handoff is escalated first; then the manager."""
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One seller."""

    member_id: str
    team_id: str
    roles: frozenset[Role]
    capacity: int
    """The most complexity of open handoffs that this member carries at once; 0 receives none."""
    name: str = ""
    """For people who read a list; ids are staff numbers."""
    functions: frozenset[Function] = frozenset()
    skills: frozenset[str] = frozenset()
    """Policy areas and products that this member knows, as slugs; none: everything."""
    share: int = 1
    """The member's part of a rotation, relative to the others: a member with 2 gets twice as many
    handoffs as one with 1. So a half-time member has half the share."""
    hours: WeeklyHours | None = None
    """``None``: the team's."""
    absences: tuple[Absence, ...] = ()
    active: bool = True
    """Whether this member still works here."""
    email: str | None = None
    """The address of notifications."""
