"""Territories of teams: by municipality, prefecture, type, size and policy area."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Place:
    """The attributes of a handoff that decide its territory; ``None`` is unknown."""

    municipality_code: str | None = None
    prefecture: str | None = None
    """The prefecture's two digits of 全国地方公共団体コード, such as ``10``."""
    municipality_type: str | None = None
    size_band: str | None = None
    policy_area: str | None = None


@dataclass(frozen=True, slots=True)
class Territory:
    """A team's territory. An empty condition covers everything; all conditions have to hold."""

    territory_id: str
    team_id: str
    municipality_codes: frozenset[str] = frozenset()
    prefectures: frozenset[str] = frozenset()
    municipality_types: frozenset[str] = frozenset()
    size_bands: frozenset[str] = frozenset()
    policy_areas: frozenset[str] = frozenset()

    def covers(self, place: Place) -> bool:
        """Whether every condition holds; a condition doesn't hold for what is unknown."""
        return all(
            not wanted or found in wanted
            for wanted, found in (
                (self.municipality_codes, place.municipality_code),
                (self.prefectures, place.prefecture),
                (self.municipality_types, place.municipality_type),
                (self.size_bands, place.size_band),
                (self.policy_areas, place.policy_area),
            )
        )

    @property
    def precedence(self) -> tuple[bool, bool, bool, bool, bool]:
        """The precedence among territories that cover a place; the larger one goes first.

        A named municipality goes before a policy area, then come prefecture, type and size band.
        """
        return (
            bool(self.municipality_codes),
            bool(self.policy_areas),
            bool(self.prefectures),
            bool(self.municipality_types),
            bool(self.size_bands),
        )

    def overlaps(self, other: "Territory") -> bool:
        """Whether both cover some place with the same precedence, so that neither goes first."""
        return self.precedence == other.precedence and all(
            not mine or not theirs or mine & theirs
            for mine, theirs in (
                (self.municipality_codes, other.municipality_codes),
                (self.prefectures, other.prefectures),
                (self.municipality_types, other.municipality_types),
                (self.size_bands, other.size_bands),
                (self.policy_areas, other.policy_areas),
            )
        )


def territory_of(place: Place, territories: Iterable[Territory]) -> Territory | None:
    """Return the territory that covers a place and goes first; ``None``: nobody covers it."""
    return max(
        (each for each in territories if each.covers(place)),
        key=lambda each: each.precedence,
        default=None,
    )


def overlap_reason(one: Territory, other: Territory) -> str:
    """Return why two territories of different teams can't exist together, and the fix."""
    return (
        f"{one.territory_id} of team {one.team_id} and {other.territory_id} of team "
        f"{other.team_id} cover some places with the same conditions, so that neither goes first: "
        "narrow one of them down"
    )


def overlaps(territories: Iterable[Territory]) -> list[tuple[Territory, Territory]]:
    """Return the pairs of territories of different teams of which neither goes before the other."""
    return [
        (one, other)
        for one, other in combinations(territories, 2)
        if one.team_id != other.team_id and one.overlaps(other)
    ]
