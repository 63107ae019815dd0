"""Files are read row by row, and one bad line costs that line alone."""

import gzip
import json
from pathlib import Path

import pytest

from lead_scoring.importing.mapping import Rejection, Row
from lead_scoring.importing.mapping_file import read_mapping
from lead_scoring.importing.row_reader import RowReader, UnreadableFileError

MAPPING = """\
format: csv
source: https://crm.example
lead_id: "{id}"
time: {column: at}
rules:
  - name: view
    event: activity_recorded
    data: {kind: page_viewed}
"""


def read(path: Path, content: bytes, **changed: str) -> list[Row | Rejection]:
    text = MAPPING + "".join(
        f"{key}: {json.dumps(value)}\n" for key, value in changed.items() if value
    )
    if changed.get("format"):
        text = text.replace("format: csv\n", "", 1)
    path.write_bytes(content)
    with RowReader(path, read_mapping(text)) as reader:
        return list(reader.rows())


def test_rows_carry_the_line_on_which_they_start(tmp_path: Path) -> None:
    content = b'id,at,note\n1,a,"two\nlines"\n\n2,b,c\n'
    assert read(tmp_path / "f", content) == [
        Row(2, {"id": "1", "at": "a", "note": "two\nlines"}),
        Row(5, {"id": "2", "at": "b", "note": "c"}),
    ]


@pytest.mark.parametrize(
    ("content", "changed", "expected"),
    [
        ("id,at\n1,山\n", {}, {"id": "1", "at": "山"}),
        ("\ufeffid,at\n1,山\n", {}, {"id": "1", "at": "山"}),
        ("id;at\r\n1;山\r\n", {"delimiter": ";"}, {"id": "1", "at": "山"}),
        ("id\tat\n1\t山\n", {"delimiter": "\t"}, {"id": "1", "at": "山"}),
        (
            '{"id": 1, "at": {"day": "山", "list": [1, "川"]}}\n',
            {"format": "ndjson"},
            {"id": 1, "at.day": "山", "at.list": '[1, "川"]'},
        ),
    ],
)
def test_delimiters_nesting_and_byte_order_marks(
    tmp_path: Path, content: str, changed: dict[str, str], expected: dict[str, object]
) -> None:
    [row] = read(tmp_path / "f", content.encode(), **changed)
    assert isinstance(row, Row)
    assert row.values == expected


def test_other_encodings(tmp_path: Path) -> None:
    [row] = read(tmp_path / "f", "id,at\n1,山口県\n".encode("cp932"), encoding="cp932")
    assert row == Row(2, {"id": "1", "at": "山口県"})


def test_gzip_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    assert read(tmp_path / "f.csv", gzip.compress(b"id,at\n1,x\n")) == [
        Row(2, {"id": "1", "at": "x"})
    ]


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        (b"1,x,y\n", None, "has 3 fields where the header has 2"),
        (b"1\n", None, "has 1 fields where the header has 2"),
        (b"1,\xff\xfe\n", "at", "at holds bytes that are not utf-8-sig"),
        (b"1,a\0b\n", "at", "at holds the character U+0000"),
        (b'1,"a"b\n', None, "no valid CSV from here on to the record's end"),
    ],
)
def test_a_bad_csv_line_is_rejected_alone(
    tmp_path: Path, bad: bytes, column: str | None, reason: str
) -> None:
    first, rejection, last = read(tmp_path / "f", b"id,at\n0,x\n" + bad + b"2,z\n")
    assert (first, last) == (Row(2, {"id": "0", "at": "x"}), Row(4, {"id": "2", "at": "z"}))
    assert isinstance(rejection, Rejection)
    assert (rejection.line, rejection.column) == (3, column)
    assert reason in rejection.reason


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"id": \n', "no JSON: Expecting value"),
        (b"[1]\n", "no JSON object"),
        (b'{"id": "\xff"}\n', "id holds bytes that are not utf-8-sig"),
        (b'{"id": "\\u0000"}\n', "id holds the character U+0000"),
        (b"[" * 100_000 + b"\n", "no JSON"),
        (b'{"id": ' + b"1" * 5_000 + b"}\n", "no JSON: Exceeds the limit"),
    ],
)
def test_a_bad_ndjson_line_is_rejected_alone(tmp_path: Path, bad: bytes, reason: str) -> None:
    rows = read(tmp_path / "f", b'{"id": 1}\n' + bad + b'{"id": 2}\n', format="ndjson")
    assert [type(row) for row in rows] == [Row, Rejection, Row]
    assert isinstance(rows[1], Rejection)
    assert rows[1].line == 2
    assert reason in rows[1].reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty; its first line names columns"),
        (
            b"id,when\n",
            "the mapping reads at, which the file does not have; its columns are id, wh",
        ),
        (b"id,id,at\n", "the header names id more than once"),
        (gzip.compress(b"id,at\n" + b"1,x\n" * 9999)[:40], "the gzip stream is broken"),
        (b"\x1f\x8b no gzip at all", "the gzip stream is broken"),
        (gzip.compress(b"id,at\n" + b"1,x\n" * 9999)[:20] + b"x" * 99, "the gzip stream is broken"),
        (b'"id";"at"\n', "the first line is no CSV with the delimiter ','"),
    ],
)
def test_a_file_that_is_unusable_as_a_whole(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        read(tmp_path / "f", content)


def test_a_file_that_is_no_text_in_its_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="the file is not utf-16"):
        read(tmp_path / "f", b"\xff\xfei\0d\0,\0a\0t\0\n", encoding="utf-16")
