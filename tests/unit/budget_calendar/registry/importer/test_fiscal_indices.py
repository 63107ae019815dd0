from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from budget_calendar.domain.municipality import FiscalIndices, MunicipalityType
from budget_calendar.registry.importer.fiscal_indices import (
    read_municipal_indices,
    read_prefectural_indices,
)
from budget_calendar.registry.importer.report import FindingKind
from budget_calendar.registry.importer.source import Record, Source, UnreadableFileError
from tests.support.ministry_workbooks import (
    HEADINGS,
    KIRYU,
    MAEBASHI,
    PREFECTURAL_HEADINGS,
    PREFECTURAL_TITLE,
    TITLE,
    municipal,
    workbook,
)

KIRYU_INDICES = FiscalIndices(2021, 0.57, 90.9, 4.5, None)


def test_a_row_becomes_a_record_with_its_row_number(tmp_path: Path) -> None:
    source = read_municipal_indices(municipal(tmp_path / "m.xlsx", KIRYU))
    assert source.records == [Record(3, "102032", "群馬県", "桐生市", indices=KIRYU_INDICES)]
    assert source.what == "municipal fiscal indices, FY2021"
    assert not source.findings
    assert source.covers(MunicipalityType.TOWN)
    assert not source.covers(MunicipalityType.PREFECTURE)


@pytest.mark.parametrize(
    "head",
    [
        [TITLE, HEADINGS],
        [(), TITLE, ("総務省",), ("単位：％",), (), HEADINGS],
        [TITLE, tuple(f" {heading}\n" for heading in HEADINGS)],
        [TITLE, (*HEADINGS[:4], "経常収支比率（％）", *HEADINGS[5:])],
        [TITLE, (*HEADINGS[:4], "経常収支", *HEADINGS[5:]), (None,) * 4 + ("比率",)],
        [TITLE, HEADINGS, (None,) * 4 + ("（％）",) * 3],
        [TITLE, (*HEADINGS[:3], "主要財政指標"), (None,) * 3 + HEADINGS[3:]],
        [("全市町村の主要財政指標（2021年度）",), HEADINGS],
    ],
    ids=[
        "as published",
        "more titles",
        "spaces and breaks",
        "unit in the heading",
        "heading over two rows",
        "units below",
        "heading of headings",
        "western year",
    ],
)
def test_the_table_is_found_by_its_headings(head: list[Sequence[object]], tmp_path: Path) -> None:
    source = read_municipal_indices(workbook(tmp_path / "m.xlsx", *head, KIRYU))
    assert [(each.row, each.indices) for each in source.records] == [(len(head) + 1, KIRYU_INDICES)]
    assert not source.findings


def test_headings_may_be_merged_and_columns_in_any_order(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "m.xlsx",
        ("令和元年度",),
        ("順位", "主要財政指標", None, None, None, "団体", None, None),
        (None, *reversed(HEADINGS[3:7]), "団体コード", "都道府県名", "団体名"),
        (1, "-", 4.5, 90.9, 0.57, "102032", "群馬県", "桐生市"),
        merged=("A2:A3", "B2:E2", "F2:H2"),
    )
    [record] = read_municipal_indices(path).records
    assert record == Record(
        4, "102032", "群馬県", "桐生市", indices=FiscalIndices(2019, 0.57, 90.9, 4.5, None)
    )


def test_averages_and_notes_are_reported_and_empty_rows_are_not(tmp_path: Path) -> None:
    path = municipal(
        tmp_path / "m.xlsx",
        KIRYU,
        ("全国市町村平均", None, None, 0.5, 88.9, 5.5, 15.4, "－"),
        (None,) * 8,
        ("（注）将来負担比率の「-」は、将来負担額がないことを示す。",),
        ("※ 速報値",),
        (" ",),
    )
    source = read_municipal_indices(path)
    assert len(source.records) == 1
    assert [(each.kind, each.row) for each in source.findings] == [
        (FindingKind.PASSED_OVER, 4),
        (FindingKind.PASSED_OVER, 6),
        (FindingKind.PASSED_OVER, 7),
    ]
    assert source.findings[0].value == "全国市町村平均"


def test_an_unreadable_number_is_missing_and_reported_with_file_row_and_value(
    tmp_path: Path,
) -> None:
    path = municipal(tmp_path / "m.xlsx", MAEBASHI, (*KIRYU[:4], "９０．９．１", *KIRYU[5:]))
    source = read_municipal_indices(path)
    assert source.records[1].indices == FiscalIndices(2021, 0.57, None, 4.5, None)
    [finding] = source.findings
    assert (finding.kind, finding.source, finding.row, finding.code) == (
        FindingKind.UNREADABLE_NUMBER,
        str(path),
        4,
        "102032",
    )
    assert (finding.field, finding.value) == ("current_balance", "９０．９．１")
    assert "経常収支比率" in finding.message


def test_prefectures_go_by_name(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "p.xlsx",
        PREFECTURAL_TITLE,
        PREFECTURAL_HEADINGS,
        ("群馬県", 0.61177, 92.9, 9.4, 146.2, 100.2),
        ("都道府県平均", 0.50034, 87.3, 10.1, 160.3, 99.9),
        (None,) * 6,
    )
    source = read_prefectural_indices(path)
    assert source.records == [
        Record(3, None, "群馬県", "群馬県", indices=FiscalIndices(2021, 0.61177, 92.9, 9.4, 146.2))
    ]
    assert [each.value for each in source.findings] == ["都道府県平均"]


def test_a_given_fiscal_year_counts(tmp_path: Path) -> None:
    path = workbook(tmp_path / "m.xlsx", HEADINGS, KIRYU)
    [record] = read_municipal_indices(path, fiscal_year=2022).records
    assert record.indices is not None
    assert record.indices.fiscal_year == 2022


@pytest.mark.parametrize(
    ("read", "rows", "message"),
    [
        (read_municipal_indices, [HEADINGS, KIRYU], "no fiscal year .* --fiscal-year"),
        (
            read_municipal_indices,
            [TITLE, HEADINGS[:6], KIRYU],
            "lacks the headings 将来負担比率",
        ),
        (read_municipal_indices, [PREFECTURAL_TITLE, PREFECTURAL_HEADINGS], "団体コード, 団体名"),
        (read_prefectural_indices, [TITLE, HEADINGS, KIRYU], "give it with --municipal-indices"),
        (read_municipal_indices, [()], "lacks the headings"),
    ],
    ids=["no year", "a heading lacks", "prefectural file", "municipal file", "empty"],
)
def test_another_file_is_refused_with_what_it_lacks(
    read: Callable[[Path], Source], rows: list[Sequence[object]], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFileError, match=message) as refused:
        read(workbook(tmp_path / "m.xlsx", *rows))
    assert refused.value.field == "file"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", "団体コード\n".encode()])
def test_what_is_no_workbook_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"can't be read as XLSX"):
        read_municipal_indices(path)
