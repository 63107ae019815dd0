"""Three ways to begin, by how many people sell (HO12): structure of teams, capacity, clocks.

They are common practice to begin with. Nothing is changed by them; what is entered counts.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handoff.domain.teams.members import Function, Role


class Structure(StrEnum):
    """A way to split the sales process between teams."""

    PARTIAL_SPLIT = "partial_split"
    """One team; each has a core role and further ones, and together they know everything."""
    HYBRID = "hybrid"
    """Teams by function beside teams by region or segment; a pilot team begins."""
    FULL_SPLIT = "full_split"
    """A team for each role, by region or segment where it is large."""


class SplitBy(StrEnum):
    """The attribute that distinguishes a team from others of its kind."""

    NOTHING = "nothing"
    """There is one team."""
    REGION_OR_SEGMENT = "region_or_segment"
    """One for each region, or for each type of municipality."""


@dataclass(frozen=True, slots=True)
class PresetTeam:
    """A team, or one for each region or segment."""

    name: str
    roles: tuple[Role, ...]
    functions: tuple[Function, ...] = ()
    split_by: SplitBy = SplitBy.NOTHING
    pilot: bool = False
    """Begins by itself; the others follow when its handoffs work."""


@dataclass(frozen=True, slots=True)
class PresetClocks:
    """Within how many business hours each step is usually done."""

    respond_hours: int
    accept_hours: int
    contact_hours: int
    meet_hours: int


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to begin for a sales organisation of one size."""

    name: str
    people_from: int
    people_to: int | None
    """Included; ``None``: no limit."""
    structure: Structure
    self_handoff: bool
    """Whether a handoff may go to its sender, with the same record as any other."""
    roles_per_member: int
    """The most that one member usually has."""
    teams: tuple[PresetTeam, ...]
    """In the order in which they begin."""
    capacity: int
    """The usual complexity of open handoffs that a member carries at once."""
    clocks: PresetClocks
    source: str = "common practice"


_FUNCTIONS: Final = tuple(Function)

PRESETS: Final = (
    Preset(
        name="under_10",
        people_from=1,
        people_to=9,
        structure=Structure.PARTIAL_SPLIT,
        self_handoff=True,
        roles_per_member=3,
        teams=(PresetTeam("営業部", tuple(Role), _FUNCTIONS),),
        capacity=15,
        clocks=PresetClocks(respond_hours=8, accept_hours=8, contact_hours=16, meet_hours=80),
    ),
    Preset(
        name="10_to_50",
        people_from=10,
        people_to=50,
        structure=Structure.HYBRID,
        self_handoff=False,
        roles_per_member=2,
        teams=(
            PresetTeam("先行チーム", (Role.INSIDE_SALES, Role.FIELD_SALES), pilot=True),
            PresetTeam("インサイドセールス", (Role.SALES_DEVELOPMENT, Role.INSIDE_SALES)),
            PresetTeam(
                "地域営業",
                (Role.FIELD_SALES, Role.CUSTOMER_SUCCESS),
                split_by=SplitBy.REGION_OR_SEGMENT,
            ),
            PresetTeam("政策・財政・議会対応", (Role.FIELD_SALES,), _FUNCTIONS),
        ),
        capacity=20,
        clocks=PresetClocks(respond_hours=4, accept_hours=8, contact_hours=8, meet_hours=80),
    ),
    Preset(
        name="over_50",
        people_from=51,
        people_to=None,
        structure=Structure.FULL_SPLIT,
        self_handoff=False,
        roles_per_member=1,
        teams=(
            PresetTeam("新規開拓", (Role.SALES_DEVELOPMENT,)),
            PresetTeam("インサイドセールス", (Role.INSIDE_SALES,)),
            PresetTeam(
                "フィールドセールス",
                (Role.FIELD_SALES,),
                split_by=SplitBy.REGION_OR_SEGMENT,
            ),
            PresetTeam(
                "カスタマーサクセス",
                (Role.CUSTOMER_SUCCESS,),
                split_by=SplitBy.REGION_OR_SEGMENT,
            ),
            *(
                PresetTeam(name, (Role.FIELD_SALES,), (function,))
                for name, function in (
                    ("政策提案", Function.POLICY_PROPOSAL),
                    ("財政折衝", Function.FINANCE_NEGOTIATION),
                    ("議会対応", Function.COUNCIL_LIAISON),
                )
            ),
        ),
        capacity=25,
        clocks=PresetClocks(respond_hours=4, accept_hours=4, contact_hours=8, meet_hours=80),
    ),
)
"""The smallest organisation first."""
