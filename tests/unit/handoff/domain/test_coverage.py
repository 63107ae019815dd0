"""Coverage: what nobody covers is named."""

from typing import Any

import pytest

from handoff.domain.teams.coverage import Cell, Coverage, coverage
from handoff.domain.teams.members import Member, Role
from handoff.domain.teams.territories import Territory

GUNMA, SAITAMA = "10", "11"
EAST = Territory("east", "east", prefectures=frozenset({GUNMA}))
EVERYWHERE = Territory("rest", "hq")
FIELD_SALES = frozenset({Role.FIELD_SALES})


def found(territories: list[Territory], *members: Member) -> Coverage:
    return coverage(
        territories,
        members,
        role=Role.FIELD_SALES,
        prefectures=(GUNMA, SAITAMA),
        municipality_types=("city", "town"),
        policy_areas=("digital", "welfare"),
    )


def test_everything_is_covered_by_one_who_sells_everywhere() -> None:
    report = found([EVERYWHERE], Member("x", "hq", FIELD_SALES, 10))
    assert report.uncovered == ()
    assert (report.policy_areas.percent, report.municipality_types.percent) == (100, 100)


def test_a_prefecture_without_a_territory_is_named() -> None:
    report = found([EAST], Member("x", "east", FIELD_SALES, 10))
    assert report.uncovered == tuple(
        Cell(SAITAMA, kind, area) for kind in ("city", "town") for area in ("digital", "welfare")
    )
    assert report.policy_areas.percent == 0


def test_a_policy_area_that_nobody_knows_is_named() -> None:
    skilled = Member("x", "hq", FIELD_SALES, 10, skills=frozenset({"digital"}))
    report = found([EVERYWHERE], skilled)
    assert report.policy_areas.percent == 50
    assert report.policy_areas.uncovered == ("welfare",)


@pytest.mark.parametrize(
    "member",
    [
        pytest.param({"active": False}, id="has left"),
        pytest.param({"capacity": 0}, id="takes none"),
        pytest.param({"roles": frozenset({Role.INSIDE_SALES})}, id="another role"),
    ],
)
def test_who_receives_nothing_covers_nothing(member: dict[str, Any]) -> None:
    everything = {"member_id": "x", "team_id": "hq", "roles": FIELD_SALES, "capacity": 10}
    report = found([EVERYWHERE], Member(**{**everything, **member}))
    assert len(report.uncovered) == 8
