"""Presets: one for each size, and each a whole organisation."""

import pytest

from handoff.domain.handoff.policy import ClockPolicy
from handoff.domain.teams.members import Function, Role
from handoff.domain.teams.presets import PRESETS, Preset, Structure

EACH = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)


@pytest.mark.parametrize(
    ("people", "structure", "self_handoff"),
    [
        (1, Structure.PARTIAL_SPLIT, True),
        (9, Structure.PARTIAL_SPLIT, True),
        (10, Structure.HYBRID, False),
        (50, Structure.HYBRID, False),
        (51, Structure.FULL_SPLIT, False),
        (2000, Structure.FULL_SPLIT, False),
    ],
)
def test_each_size_has_one_preset(people: int, structure: Structure, *, self_handoff: bool) -> None:
    [found] = [
        each
        for each in PRESETS
        if each.people_from <= people and (each.people_to is None or people <= each.people_to)
    ]
    assert (found.structure, found.self_handoff) == (structure, self_handoff)


@EACH
def test_every_role_and_function_has_a_team(preset: Preset) -> None:
    assert {role for team in preset.teams for role in team.roles} == set(Role)
    assert {each for team in preset.teams for each in team.functions} == set(Function)


@EACH
def test_only_the_hybrid_begins_with_a_pilot_team(preset: Preset) -> None:
    pilots = [team.pilot for team in preset.teams]
    hybrid = preset.structure is Structure.HYBRID
    assert pilots == [hybrid and position == 0 for position in range(len(pilots))]


def test_roles_are_split_further_the_larger_the_organisation() -> None:
    assert [each.roles_per_member for each in PRESETS] == [3, 2, 1]
    assert [max(len(team.roles) for team in each.teams) for each in PRESETS] == [4, 2, 1]


def test_the_clocks_of_the_hybrid_are_the_defaults() -> None:
    default = ClockPolicy()
    limits = [each.limit for each in (default.respond, default.accept, default.contact)]
    hours = [limit.total_seconds() / 3600 for limit in (*limits, default.meet.limit)]
    clocks = PRESETS[1].clocks
    assert hours == [
        clocks.respond_hours,
        clocks.accept_hours,
        clocks.contact_hours,
        clocks.meet_hours,
    ]


@EACH
def test_the_source_is_named(preset: Preset) -> None:
    assert preset.source == "common practice"
