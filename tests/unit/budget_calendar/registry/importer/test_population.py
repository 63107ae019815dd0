from pathlib import Path

import pytest

from budget_calendar.registry.importer.population import read_population
from budget_calendar.registry.importer.report import FindingKind
from budget_calendar.registry.importer.source import Record, UnreadableFileError

HEAD = "lgcode,prefecture,municipality,japanese_residents\n"


def csv_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize(
    "head", [HEAD, "令和7年1月1日\n\n団体コード,都道府県名,市区町村名,日本人住民（人）\n"]
)
def test_residents_are_read_by_headings(head: str, encoding: str, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "p.csv", f"{head}102032,群馬県,桐生市,98505\n", encoding)
    [record] = read_population(path).records
    assert record == Record(
        head.count("\n") + 1,
        "102032",
        "群馬県",
        "桐生市",
        tells_residents=True,
        japanese_residents=98505,
    )


def test_an_empty_municipality_is_the_prefecture(tmp_path: Path) -> None:
    [record] = read_population(
        csv_file(tmp_path / "p.csv", f"{HEAD}100005,群馬県,,1800000\n")
    ).records
    assert (record.prefecture, record.name) == ("群馬県", "群馬県")


def test_a_missing_figure_is_none(tmp_path: Path) -> None:
    [record] = read_population(
        csv_file(tmp_path / "p.csv", f"{HEAD}102032,群馬県,桐生市,-\n")
    ).records
    assert record.tells_residents
    assert record.japanese_residents is None


@pytest.mark.parametrize("value", ["九万", "-5", "98505.5"])
def test_an_unreadable_figure_is_reported_and_not_used(value: str, tmp_path: Path) -> None:
    source = read_population(csv_file(tmp_path / "p.csv", f"{HEAD}102032,群馬県,桐生市,{value}\n"))
    assert not source.records[0].tells_residents
    [finding] = source.findings
    assert (finding.kind, finding.row, finding.code, finding.value) == (
        FindingKind.UNREADABLE_NUMBER,
        2,
        "102032",
        value,
    )


def test_another_file_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "p.csv", "code,prefecture,municipality,total\n")
    with pytest.raises(UnreadableFileError, match="lacks the headings japanese_residents"):
        read_population(path)


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(HEAD.encode() + b"\x81")  # half a character in CP932, none in UTF-8
    with pytest.raises(UnreadableFileError, match="save it as UTF-8"):
        read_population(path)
