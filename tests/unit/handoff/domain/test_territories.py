"""Territories: which team covers a place, and where two of them overlap."""

import pytest

from handoff.domain.teams.territories import Place, Territory, overlaps, territory_of

KIRYU = Place("102032", "10", "city", "50k_300k", "digital")
NOWHERE = Place()

EVERYWHERE = Territory("everywhere", "hq")
GUNMA = Territory("gunma", "east", prefectures=frozenset({"10"}))
DIGITAL = Territory("digital", "dx", policy_areas=frozenset({"digital"}))
KIRYU_ALONE = Territory("kiryu", "key", municipality_codes=frozenset({"102032"}))
CITIES = Territory("cities", "west", municipality_types=frozenset({"city", "core_city"}))


@pytest.mark.parametrize(
    ("territories", "place", "territory"),
    [
        pytest.param([], KIRYU, None, id="no territory"),
        pytest.param([GUNMA], Place("131041", "13"), None, id="elsewhere"),
        pytest.param([EVERYWHERE], KIRYU, EVERYWHERE, id="without conditions, everything"),
        pytest.param([EVERYWHERE, GUNMA], KIRYU, GUNMA, id="a prefecture before everything"),
        pytest.param([GUNMA, DIGITAL], KIRYU, DIGITAL, id="a policy area before a prefecture"),
        pytest.param([KIRYU_ALONE, DIGITAL], KIRYU, KIRYU_ALONE, id="a municipality first"),
        pytest.param([GUNMA, CITIES], KIRYU, GUNMA, id="a prefecture before a type"),
        pytest.param([GUNMA, EVERYWHERE], NOWHERE, EVERYWHERE, id="unknown place"),
    ],
)
def test_the_most_special_territory_covers_a_place(
    territories: list[Territory], place: Place, territory: Territory | None
) -> None:
    assert territory_of(place, territories) == territory
    assert territory_of(place, territories[::-1]) == territory


@pytest.mark.parametrize(
    ("one", "other", "overlapping"),
    [
        pytest.param(
            GUNMA, Territory("g2", "west", prefectures=frozenset({"10", "11"})), True, id="10 twice"
        ),
        pytest.param(
            GUNMA, Territory("g3", "west", prefectures=frozenset({"11"})), False, id="10 and 11"
        ),
        pytest.param(
            GUNMA, Territory("g4", "east", prefectures=frozenset({"10"})), False, id="one team"
        ),
        pytest.param(GUNMA, DIGITAL, False, id="the policy area goes first"),
        pytest.param(EVERYWHERE, Territory("e2", "east"), True, id="everything twice"),
    ],
)
def test_overlaps_are_found_where_neither_goes_first(
    one: Territory, other: Territory, *, overlapping: bool
) -> None:
    assert bool(overlaps([one, other])) is overlapping
