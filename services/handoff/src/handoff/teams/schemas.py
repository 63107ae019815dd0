"""Teams, members and territories, as the API shows and takes them."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from handoff.domain.teams.coverage import Coverage, Share
from handoff.domain.teams.members import Function, Member, Role, Team, WeeklyHours
from handoff.domain.teams.territories import Territory
from handoff.teams.repository import StoredAbsence
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.contracts.events import MunicipalityCode, Slug
from kakehashi_common.contracts.municipalities import Kind, SizeBand, known_prefecture
from kakehashi_common.domain.business_time import Hours
from kakehashi_common.http.fields import Id, JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody, Whole

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def _hours_of(text: str) -> str:
    hours_from(text)
    return text


Span = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]$"),
    AfterValidator(_hours_of),
]
Week = Annotated[
    Mapping[Weekday, Annotated[list[Span], Field(max_length=10)]],
    Field(
        description="Working hours of each weekday in Japan's time, without the lunch break. "
        "Nobody works on public holidays and from 29 December to 3 January",
        examples=[{"monday": ["09:00-12:00", "13:00-18:00"]}],
    ),
]


def hours_from(text: str) -> Hours:
    """Return the hours that ``09:00-12:00`` writes; ``24:00`` is the day's end.

    Raises:
        ValueError: they close before they open, or after the day's end.
    """
    opens, closes = text.split("-")
    return Hours(
        time.fromisoformat(opens), time() if closes == "24:00" else time.fromisoformat(closes)
    )


def hours_text(hours: Hours) -> str:
    """Return the hours as ``09:00-12:00``."""
    closes = "24:00" if hours.closes == time() else f"{hours.closes:%H:%M}"
    return f"{hours.opens:%H:%M}-{closes}"


def week_from(spans: Mapping[Weekday, Sequence[str]]) -> WeeklyHours:
    """Return the hours by weekday as the domain has them, 0 is Monday."""
    return {
        WEEKDAYS.index(weekday): tuple(hours_from(each) for each in of_day)
        for weekday, of_day in spans.items()
    }


def week_text(hours: WeeklyHours) -> dict[Weekday, list[str]]:
    """Return the hours by weekday as people write them."""
    return {
        WEEKDAYS[weekday]: [hours_text(each) for each in of_day]
        for weekday, of_day in sorted(hours.items())
        if of_day
    }


class TeamIn(RequestBody):
    """A team as it should be."""

    name: str = Field(min_length=1, max_length=100, examples=["東日本営業部"])
    hours: Week
    lead: Id | None = Field(default=None, description="Where a handoff is escalated to first")
    manager: Id | None = Field(default=None, description="Where it is escalated to next")

    def team(self, team_id: str) -> Team:
        """Return the domain's value."""
        return Team(team_id, self.name, week_from(self.hours), self.lead, self.manager)


class TeamOut(ResponseBody):
    """A team."""

    team_id: str
    name: str
    hours: Week
    lead: str | None
    manager: str | None

    @classmethod
    def of(cls, team: Team) -> "TeamOut":
        """Show it."""
        return cls(
            team_id=team.team_id,
            name=team.name,
            hours=week_text(team.hours),
            lead=team.lead,
            manager=team.manager,
        )


class MemberIn(RequestBody):
    """A member as it should be."""

    team_id: Id
    name: str = Field(min_length=1, max_length=100, examples=["佐藤 花子"])
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    functions: list[Function] = Field(
        default_factory=list,
        max_length=len(Function),
        description="Who may join a handoff as a further owner: 政策提案, 財政折衝, 議会対応",
    )
    skills: list[Slug] = Field(
        default_factory=list, max_length=100, description="Policy areas and products; empty: all"
    )
    capacity: Annotated[Whole, Field(ge=0, le=10_000)] = Field(
        description="The complexity of open handoffs that this member carries at once"
    )
    share: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=1, description="The part of a rotation, as against the others'"
    )
    hours: Week | None = Field(default=None, description="Null: the team's")
    active: Flag = Field(default=True, description="False: works here no longer")
    email: EmailAddress | None = Field(default=None, description="Where notifications go")

    def member(self, member_id: str) -> Member:
        """Return the domain's value, without absences."""
        return Member(
            member_id=member_id,
            team_id=self.team_id,
            roles=frozenset(self.roles),
            capacity=self.capacity,
            name=self.name,
            functions=frozenset(self.functions),
            skills=frozenset(self.skills),
            share=self.share,
            hours=None if self.hours is None else week_from(self.hours),
            active=self.active,
            email=self.email,
        )


class MemberOut(ResponseBody):
    """A member."""

    member_id: str
    team_id: str
    name: str
    roles: list[Role]
    functions: list[Function]
    skills: list[str]
    capacity: int
    share: int
    hours: Week | None
    active: bool
    email: str | None

    @classmethod
    def of(cls, member: Member) -> "MemberOut":
        """Show it."""
        return cls(
            member_id=member.member_id,
            team_id=member.team_id,
            name=member.name,
            roles=sorted(member.roles),
            functions=sorted(member.functions),
            skills=sorted(member.skills),
            capacity=member.capacity,
            share=member.share,
            hours=None if member.hours is None else week_text(member.hours),
            active=member.active,
            email=member.email,
        )


class EnteredMemberOut(MemberOut):
    """A member as entered."""

    open_handoffs: int = Field(
        description="Of which they are the owner or a further owner: who becomes inactive keeps "
        "them until they are reassigned"
    )

    @classmethod
    def entered(cls, member: Member, open_handoffs: int) -> "EnteredMemberOut":
        """Show it."""
        return cls(**MemberOut.of(member).model_dump(), open_handoffs=open_handoffs)


class AbsenceOut(ResponseBody):
    """A member's absence."""

    absence_id: str
    member_id: str
    starts: JapanTime
    ends: JapanTime

    @classmethod
    def of(cls, stored: StoredAbsence) -> "AbsenceOut":
        """Show it."""
        return cls(
            absence_id=stored.absence_id,
            member_id=stored.member_id,
            starts=stored.absence.starts,
            ends=stored.absence.ends,
        )


def _prefecture_digits(spelling: str) -> str:
    return known_prefecture(spelling).code[:2]


PrefectureIn = Annotated[
    str,
    Field(max_length=64, description="Such as 群馬県, 群馬 or 10", examples=["群馬県"]),
    AfterValidator(_prefecture_digits),
]
Codes = Annotated[list[MunicipalityCode], Field(max_length=2000)]


class TerritoryIn(RequestBody):
    """A team's territory: all conditions have to hold, and an empty one covers everything."""

    team_id: Id
    municipality_codes: Codes = Field(default_factory=list)
    prefectures: list[PrefectureIn] = Field(default_factory=list, max_length=47)
    municipality_types: list[Kind] = Field(default_factory=list, max_length=5)
    size_bands: list[SizeBand] = Field(default_factory=list, max_length=3)
    policy_areas: list[Slug] = Field(default_factory=list, max_length=100)

    def territory(self, territory_id: str) -> Territory:
        """Return the domain's value."""
        return Territory(
            territory_id,
            self.team_id,
            frozenset(self.municipality_codes),
            frozenset(self.prefectures),
            frozenset(self.municipality_types),
            frozenset(self.size_bands),
            frozenset(self.policy_areas),
        )


class TerritoryOut(ResponseBody):
    """A team's territory."""

    territory_id: str
    team_id: str
    municipality_codes: list[str]
    prefectures: list[str] = Field(description="Two digits each")
    municipality_types: list[str]
    size_bands: list[str]
    policy_areas: list[str]

    @classmethod
    def of(cls, territory: Territory) -> "TerritoryOut":
        """Show it."""
        return cls(
            territory_id=territory.territory_id,
            team_id=territory.team_id,
            municipality_codes=sorted(territory.municipality_codes),
            prefectures=sorted(territory.prefectures),
            municipality_types=sorted(territory.municipality_types),
            size_bands=sorted(territory.size_bands),
            policy_areas=sorted(territory.policy_areas),
        )


class ShareOut(ResponseBody):
    """The covered share, and the ones that are not covered."""

    percent: int
    uncovered: list[str]

    @classmethod
    def of(cls, share: Share) -> "ShareOut":
        """Show it."""
        return cls(percent=share.percent, uncovered=list(share.uncovered))


class CellOut(ResponseBody):
    """A policy area in one type of municipality in one prefecture."""

    prefecture: str
    municipality_type: str
    policy_area: str


class CoverageOut(ResponseBody):
    """The gaps in the territories of all teams."""

    policy_areas: ShareOut = Field(description="Covered in every type and prefecture")
    municipality_types: ShareOut = Field(description="Covered with every policy area")
    uncovered_cells: int
    uncovered: list[CellOut] = Field(description="The first 500")

    @classmethod
    def of(cls, coverage: Coverage) -> "CoverageOut":
        """Show it."""
        return cls(
            policy_areas=ShareOut.of(coverage.policy_areas),
            municipality_types=ShareOut.of(coverage.municipality_types),
            uncovered_cells=len(coverage.uncovered),
            uncovered=[
                CellOut(
                    prefecture=each.prefecture,
                    municipality_type=each.municipality_type,
                    policy_area=each.policy_area,
                )
                for each in coverage.uncovered[:500]
            ],
        )
