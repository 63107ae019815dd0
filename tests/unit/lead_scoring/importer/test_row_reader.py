"""Files are read row by row, and one bad line costs that line alone."""

import gzip
import json
from pathlib import Path

import pytest

from lead_scoring.importer.mapping_file import read_mapping
from lead_scoring.importer.row import Rejection, Row
from lead_scoring.importer.row_reader import RowReader, UnreadableFileError

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
        Row(2, {"id": "1", "at": "a", "note": "two\nlines"}, last_line=3),
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
    assert read(tmp_path / "f.csv", gzip.compress(b"id,at\n1,x\n", mtime=0)) == [
        Row(2, {"id": "1", "at": "x"})
    ]


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        (b"1,x,y\n", None, "has 3 fields where the header has 2"),
        (b"1\n", None, "has 1 field where the header has 2"),
        (b"1,\xff\xfe\n", "at", "at holds bytes that are not utf-8-sig"),
        (b"1,a\0b\n", "at", "at holds U+0000, a character that no text may hold"),
        (b"1,a\x1b[2Jb\n", "at", "at holds U+001B, a character that no text may hold"),
        (b'1,"a"b\n', None, "no valid CSV: ',' expected after"),
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
        (b'{"id": "\\u0000"}\n', "id holds U+0000, a character that no text may hold"),
        (
            b'{"id": ' + b"[" * 40 + b"]" * 40 + b"}\n",
            "the JSON nests more than 32 lists and objects: make it flatter",
        ),
        (b"[" * 100_000 + b"\n", "the JSON has 100,000 values"),
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
        (b"id,id,at\n", "the header names id more than once, and the mapping reads it"),
        (gzip.compress(b"id,at\n" + b"1,x\n" * 9999, mtime=0)[:40], "the gzip stream is broken"),
        (b"\x1f\x8b no gzip at all", "the gzip stream is broken"),
        (
            gzip.compress(b"id,at\n" + b"1,x\n" * 9999, mtime=0)[:20] + b"x" * 99,
            "the gzip stream is broken",
        ),
        (
            b'"id";"at"\n',
            'the first line is no CSV.*it has them when the mapping says delimiter: ";"',
        ),
        (b'id,"at\n1,2\n', "the first line is no CSV: unexpected end of data"),
    ],
)
def test_a_file_that_is_unusable_as_a_whole(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        read(tmp_path / "f", content)


def test_a_file_that_is_no_text_in_its_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="the header holds bytes that are not utf-16"):
        read(tmp_path / "f", b"\xff\xfei\0d\0,\0a\0t\0\n", encoding="utf-16")


def test_repeated_and_empty_names_that_the_mapping_does_not_read_do_no_harm(tmp_path: Path) -> None:
    [row] = read(tmp_path / "f", b"id,Email,at,,Email,\n1,a,x,b,c,d\n")
    assert row == Row(2, {"id": "1", "at": "x"})


def test_bytes_that_are_no_text_do_no_harm_where_the_mapping_does_not_read_them(
    tmp_path: Path,
) -> None:
    [row] = read(tmp_path / "f", b"id,at,note\n1,x,\xff\0\n")
    assert isinstance(row, Row)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(
    tmp_path: Path, encoding: str, form: str
) -> None:
    text = "id,at\n1,x\n" if form == "csv" else '{"id": "1", "at": "x"}\n'
    content = ("\ufeff" + text).encode(encoding.removesuffix("-sig"))
    [row] = read(tmp_path / "f", content, encoding=encoding, format=form)
    assert isinstance(row, Row)
    assert row.values == {"id": "1", "at": "x"}


JAPANESE = MAPPING.replace("{id}", "{番号}").replace("at}", "日時}")


@pytest.mark.parametrize(
    ("content", "stated", "reason"),
    [
        ("番号,日時\n".encode("cp932"), "utf-8-sig", "says encoding: cp932"),
        ("番号,日時\n".encode("cp932"), "utf-16", "says encoding: cp932"),
        ("番号,日時\n".encode("utf-16"), "utf-8-sig", "says encoding: utf-16"),
        ("番号,日時\n".encode("euc_jp"), "cp932", "says encoding: euc_jp"),
        ("番号,日時\n".encode(), "cp932", "the file is UTF-8: write utf-8"),
        ("番号\t日時\n".encode("utf-16"), "cp932", r'encoding: utf-16 and delimiter: "\\t"'),
        (gzip.compress("番号,日時\n".encode("cp932"), mtime=0), "utf-8", "says encoding: cp932"),
        ("番号;日時\n".encode(), "utf-8", 'says delimiter: ";"'),
        ("番号,時刻\n".encode(), "utf-8", "it was read as utf-8 with the delimiter ','"),
    ],
)
def test_a_header_that_lacks_columns_says_in_which_encoding_it_has_them(
    tmp_path: Path, content: bytes, stated: str, reason: str
) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    document = read_mapping(f"{JAPANESE}encoding: {stated}\n")
    with RowReader(path, document) as reader, pytest.raises(UnreadableFileError, match=reason):
        list(reader.rows())


@pytest.mark.parametrize(
    ("stated", "actual", "reason"),
    [
        ("shift_jis", "cp932", "at holds bytes that are not shift_jis; as cp932 they read '髙橋①'"),
        ("utf-8", "cp932", "at holds bytes that are not utf-8; as cp932 they read '髙橋①': write"),
        ("utf-8-sig", "cp932", "at holds bytes that are not utf-8-sig; as cp932 they read '髙橋①'"),
    ],
)
def test_a_cell_that_is_no_text_says_in_which_encoding_it_is(
    tmp_path: Path, stated: str, actual: str, reason: str
) -> None:
    rows = read(tmp_path / "f", "id,at\n1,x\n2,髙橋①\n3,y\n".encode(actual), encoding=stated)
    assert [type(row) for row in rows] == [Row, Rejection, Row]
    assert isinstance(rows[1], Rejection)
    assert (rows[1].line, rows[1].kind) == (3, "not_in_encoding")
    assert rows[1].reason.startswith(reason)


def test_utf_8_is_not_read_as_the_other_characters_that_it_is_in_cp932(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="the file is UTF-8: write utf-8"):
        read(tmp_path / "f", "id,at\n1,髙橋①\n".encode(), encoding="cp932")


def test_half_a_character_of_utf_16_costs_its_line_alone(tmp_path: Path) -> None:
    content = "id,at\n1,x\n2,".encode("utf-16-le") + b"\x00\xd8" + "\n3,y\n".encode("utf-16-le")
    rows = read(tmp_path / "f", content, encoding="utf-16-le")
    assert [(type(row), row.line) for row in rows] == [(Row, 2), (Rejection, 3), (Row, 4)]
