"""A file of reasons: what is read, and what is wrong with it."""

from datetime import date

import pytest

from followup.triggers.reason_file import REASONS
from followup.triggers.schemas import ReasonIn
from kakehashi_common.csv_file import FileError, read_file
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.reasons import Audience

HEAD = "番号,種類,団体コード,見込み客,日付,開始日,終了日,内容,対象,重要度,至急,担当"


def rows(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\n".join((HEAD, *lines)).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    raw = rows(
        "c-88,契約満了,１０２０３２,,令和10年3月31日,,,更新の方針を伺う,管理職;財政,3,はい,s-1042",
        encoding=encoding,
    )

    (row,) = read_file(REASONS, raw)
    reason = row.said.reason()

    assert row.row_id == "c-88"
    assert (reason.kind, reason.municipality_code) == ("contract_expiry", "102032")
    assert (reason.good_from, reason.good_until) == (date(2026, 9, 30), date(2027, 4, 1))
    assert reason.audience == {Audience.MANAGER, Audience.FINANCE}
    assert (reason.importance, reason.urgent, reason.owner) == (3, True, "s-1042")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_separate_cells_if_they_do_so_in_the_first_line(delimiter: str) -> None:
    lines = (HEAD, "1,法改正,,crm-1,20261201,,20261224,説明する,,,,")

    raw = "\n".join(line.replace(",", delimiter) for line in lines).encode("iso2022_jp")
    (row,) = read_file(REASONS, raw)

    assert row.said.reason().good_until == date(2026, 12, 24)
    with pytest.raises(FileError, match="a semicolon" if delimiter == ";" else "a tab"):
        read_file(REASONS, raw + delimiter.encode())


def test_a_file_without_columns_says_what_stands_between_them() -> None:
    with pytest.raises(FileError, match="with commas between them"):
        read_file(REASONS, "番号|種類".encode())


def test_days_that_are_given_replace_the_usual_ones() -> None:
    raw = rows("1,法改正,,crm-1,2026-12-01,,2026-12-24,説明する,,,,")

    (row,) = read_file(REASONS, raw)
    reason = row.said.reason()

    assert (reason.good_from, reason.good_until) == (date(2026, 12, 1), date(2026, 12, 24))


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("1,,102032,,2026-12-01,,,内容,,,,", "種類", "it is empty"),
        ("1,法 改正,102032,,2026-12-01,,,内容,,,,", "種類", "write one of"),
        ("1,法改正,102033,,2026-12-01,,,内容,,,,", "団体コード", "102033"),
        ("1,法改正,102032,,令和8年2月30日,,,内容,,,,", "日付", "write a day"),
        ("1,法改正,102032,,2026-12-01,,,,,,,", "内容", "it is empty"),
        ("1,法改正,102032,,2026-12-01,,,内容,市長,,,", "対象", "市長"),
        ("1,法改正,102032,,2026-12-01,,,内容,,4,,", "重要度", "write 1, 2 or 3"),
        ("1,法改正,102032,,2026-12-01,,,内容,,,たぶん,", "至急", "write はい or いいえ"),
        ("番 号,法改正,102032,,2026-12-01,,,内容,,,,", "番号", "番 号"),
    ],
)
def test_a_cell_that_can_not_be_taken_is_named_with_the_fix(
    line: str, column: str, words: str
) -> None:
    with pytest.raises(FileError) as refused:
        read_file(REASONS, rows(line))

    (mistake,) = refused.value.mistakes
    assert (mistake.line, mistake.column) == (2, column)
    assert words in mistake.reason


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ("1,法改正,,,2026-12-01,,,内容,,,,", "municipality_code", "about_nobody"),
        ("1,法改正,102032,,,,,内容,,,,", "about", "day_missing"),
        ("1,法改正,102032,,,2026-12-02,2026-12-01,内容,,,,", "good_until", "ends_too_early"),
    ],
)
def test_a_reason_that_makes_no_sense_names_the_field(line: str, field: str, code: str) -> None:
    (row,) = read_file(REASONS, rows(line))

    with pytest.raises(DomainError) as refused:
        row.said.reason()
    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_reason_that_says_nothing_is_refused() -> None:
    said = ReasonIn(
        kind="law_revised", municipality_code="102032", about=date(2026, 12, 1), text="　"
    )

    with pytest.raises(DomainError, match="text must be given"):
        said.reason()
