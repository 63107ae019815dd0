"""A file of territories is read, or refused with every line, column and fix."""

from typing import Any

import pytest

from handoff.domain.teams.territories import Territory
from handoff.teams.territory_file import TERRITORIES, territory_of_row
from kakehashi_common.csv_file import FileError, read_file

ENGLISH = (
    "territory_id,team_id,municipality_codes,prefectures,municipality_types,size_bands,policy_areas"
)
JAPANESE = "担当地域,チーム,団体コード,都道府県,種別,人口規模,政策分野"


def read(*lines: str) -> list[Territory]:
    return [territory_of_row(row, None) for row in read_file(TERRITORIES, encoded(*lines))]


def encoded(*lines: str) -> bytes:
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("lines", "conditions"),
    [
        (
            (ENGLISH, "t-1,kanto,102032;102041,,,,digital"),
            {"municipality_codes": {"102032", "102041"}, "policy_areas": {"digital"}},
        ),
        (
            (JAPANESE, "ｔ-1,kanto,,群馬県;栃木;11,市;町；村,5万人未満;30万人超,"),
            {
                "prefectures": {"10", "09", "11"},
                "municipality_types": {"city", "town", "village"},
                "size_bands": {"under_50k", "over_300k"},
            },
        ),
        (
            (ENGLISH, "t-1,kanto,,,special_ward,50k_300k,"),
            {"municipality_types": {"special_ward"}, "size_bands": {"50k_300k"}},
        ),
        (("territory_id,team_id", "t-1,kanto"), {}),
    ],
    ids=["codes", "Japanese", "English", "everything"],
)
def test_a_territory_is_read(lines: tuple[str, ...], conditions: dict[str, set[str]]) -> None:
    frozen: dict[str, Any] = {name: frozenset(values) for name, values in conditions.items()}
    assert read(*lines) == [Territory("t-1", "kanto", **frozen)]


def test_what_a_file_does_not_say_stays() -> None:
    before = Territory("t-1", "kansai", prefectures=frozenset({"10"}), size_bands=frozenset({"x"}))
    [row] = read_file(TERRITORIES, encoded("territory_id,team_id,size_bands", "t-1,kanto,"))
    after = territory_of_row(row, before)
    assert after == Territory("t-1", "kanto", prefectures=frozenset({"10"}))


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("群馬,kanto,,,,,", "territory_id", "such as gunma-digital"),
        ("t-1,,,,,,", "team_id", "it is empty: write the team's id"),
        ("t-1,kanto,102033,,,,", "municipality_codes", "10203 takes 2, that is 102032"),
        ("t-1,kanto,102032;10203,,,,", "municipality_codes", "did you mean 102032 (群馬県桐生市)?"),
        ("t-1,kanto,102033;102042,,,,", "municipality_codes", "; '102042' has a wrong check digit"),
        ("t-1,kanto,,群馬縣,,,", "prefectures", "there is no prefecture '群馬縣'"),
        ("t-1,kanto,,,郡,,", "municipality_types", '"郡": write 都道府県 (prefecture)'),
        ("t-1,kanto,,,,大,", "size_bands", '"大": write 5万人未満 (under_50k)'),
        ("t-1,kanto,,,,,防災", "policy_areas", "such as digital;welfare"),
    ],
)
def test_a_mistake_names_line_column_and_fix(cells: str, column: str, reason: str) -> None:
    with pytest.raises(FileError) as caught:
        read(ENGLISH, "t-9,kanto,,,,,", cells)
    [mistake] = caught.value.mistakes
    assert (mistake.line, mistake.column) == (3, column)
    assert reason in mistake.reason
