"""Coverage: which policy areas and types of municipality nobody covers (HO11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from handoff.domain.teams.members import Member, Role
from handoff.domain.teams.territories import Place, Territory, territory_of


@dataclass(frozen=True, slots=True)
class Cell:
    """One policy area in one type of municipality in one prefecture."""

    prefecture: str
    municipality_type: str
    policy_area: str


@dataclass(frozen=True, slots=True)
class Share:
    """The number of covered ones, and the ones that are not covered."""

    covered: int
    uncovered: tuple[str, ...]

    @property
    def percent(self) -> int:
        """The covered share, rounded down; 100 of nothing."""
        of = self.covered + len(self.uncovered)
        return 100 if not of else 100 * self.covered // of


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of policy areas and municipality types by members who receive handoffs."""

    policy_areas: Share
    """A policy area is covered when somebody covers it in every type and prefecture."""
    municipality_types: Share
    """A type is covered when somebody covers every policy area in it."""
    uncovered: tuple[Cell, ...]


def coverage(
    territories: Sequence[Territory],
    members: Iterable[Member],
    *,
    role: Role,
    prefectures: Sequence[str],
    municipality_types: Sequence[str],
    policy_areas: Sequence[str],
) -> Coverage:
    """Find the cells in which a handoff would find no member.

    A cell is covered when the team whose territory it is has an active member of ``role`` with
    capacity, and, where members have skills at all, one who knows the policy area.

    Args:
        territories: of all teams.
        members: of all teams.
        role: the receiving role.
        prefectures: those that the company sells in, as two digits.
        municipality_types: those that it sells to.
        policy_areas: those that its products serve.
    """
    receiving: dict[str, list[Member]] = {}
    for member in members:
        if member.active and member.capacity > 0 and role in member.roles:
            receiving.setdefault(member.team_id, []).append(member)

    def covered(cell: Cell) -> bool:
        territory = territory_of(
            Place(
                prefecture=cell.prefecture,
                municipality_type=cell.municipality_type,
                policy_area=cell.policy_area,
            ),
            territories,
        )
        team = [] if territory is None else receiving.get(territory.team_id, [])
        return any(not each.skills or cell.policy_area in each.skills for each in team)

    cells = [Cell(*each) for each in product(prefectures, municipality_types, policy_areas)]
    uncovered = tuple(each for each in cells if not covered(each))
    return Coverage(
        _share(policy_areas, {each.policy_area for each in uncovered}),
        _share(municipality_types, {each.municipality_type for each in uncovered}),
        uncovered,
    )


def _share(of: Sequence[str], with_gaps: set[str]) -> Share:
    gaps = tuple(each for each in of if each in with_gaps)
    return Share(len(of) - len(gaps), gaps)
