"""Display names for the keys of a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from handoff.domain.measures.report import Cut
from handoff.domain.teams.members import Member, Team
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.domain.japanese_names import area_name

MUNICIPALITY_TYPES: Final[Mapping[str, str]] = {
    "prefecture": "都道府県",
    "city": "市",
    "special_ward": "特別区",
    "town": "町",
    "village": "村",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of members and teams, by id."""

    members: Mapping[str, str]
    teams: Mapping[str, str]

    @classmethod
    def of_organisation(cls, members: Iterable[Member], teams: Iterable[Team]) -> "Names":
        """Return the names of these members and teams."""
        return cls(
            {each.member_id: each.name for each in members},
            {each.team_id: each.name for each in teams},
        )

    def of(self, cut: Cut, key: str | None) -> str | None:  # noqa: PLR0911 - one line a cut
        """Return the name of a row's key; ``None``: it has no other name than the key."""
        match cut:
            case Cut.TEAM:
                return self.teams.get(key or "")
            case Cut.MEMBER | Cut.SENDER | Cut.SOURCE:
                return self.members.get(key or "")
            case Cut.PAIR:
                return " → ".join(self.members.get(each, each) for each in (key or "").split("/"))
            case Cut.PREFECTURE:
                return _prefectures().get(key or "")
            case Cut.MUNICIPALITY_TYPE:
                return MUNICIPALITY_TYPES.get(key or "")
            case Cut.POLICY_AREA:
                return key and area_name(key)
            case _:
                return None

    def member(self, member_id: str | None, nobody: str = "—") -> str:
        """Return the name of a member; the id if the member is unknown."""
        return nobody if member_id is None else self.members.get(member_id, member_id)


@cache
def _prefectures() -> Mapping[str, str]:
    return {
        each.code[:2]: each.name for each in municipalities().values() if each.kind == "prefecture"
    }
