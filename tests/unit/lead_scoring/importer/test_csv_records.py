"""One stray quote costs its line, whatever follows; cells that break lines are still read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_scoring.importer.csv_records import (
    MAX_RECORD_CHARS,
    MAX_RECORD_LINES,
    BadRecord,
    CsvRecords,
    Record,
)


def read(text: str, lines_per_record: int | None = None) -> list[Record | BadRecord]:
    """All records behind the header."""
    records = CsvRecords(io.StringIO(text, newline=""), ",", lines_per_record)
    records.header()
    return list(records.records())


def lines_of(found: list[Record | BadRecord], kind: type) -> list[tuple[int, int]]:
    return [(each.line, each.last_line) for each in found if type(each) is kind]


def a_file(lines: int, changed: dict[int, str], end: str = "\n") -> str:
    """A header and lines of three columns, from line 2 on; ``changed`` by line number."""
    body = (changed.get(n, f"{n},name {n},city {n}") for n in range(2, lines + 2))
    return end.join(["id,name,city", *body, ""])


STRAY = [
    pytest.param({5: '5,"Sato,Kiryu'}, id="opened at a cell's start, never closed"),
    pytest.param({5: '5,"Sato,Kiryu', 900: '900,a,"b, c"'}, id="closed by a quote much later"),
    pytest.param({5: '5,"Sato,Kiryu', 900: '900,a",b'}, id="closed by another stray one"),
    pytest.param({5: '5,"Sato,Kiryu', 60: '60,a",b'}, id="closed by a stray one near by"),
    pytest.param({5: '"5","Sato","Kiryu', 6: '"6","Ito","Ota"'}, id="all quoted, one not closed"),
    pytest.param({5: '5,Sato,"'}, id="nothing else in the cell"),
    pytest.param({5: '5,"Sato"san,Kiryu'}, id="text behind a closing quote"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("changed", STRAY)
def test_a_stray_quote_costs_its_own_line_and_no_other(changed: dict[int, str], end: str) -> None:
    found = read(a_file(2_000, changed, end))
    assert lines_of(found, BadRecord) in ([(5, 5)], [(5, 5), (60, 60)])
    lost = {5, 60} & changed.keys()
    kept = [each.cells[0] for each in found if isinstance(each, Record)]
    # the other end of a pair may be read, with its quote as text, or rejected
    assert {str(n) for n in range(2, 2_002) if n not in lost} <= set(kept)
    assert len(set(kept)) == len(kept)


def test_two_lines_that_a_pair_of_stray_quotes_makes_one_are_both_reported() -> None:
    [first, bad, last] = read(a_file(4, {3: '3,"a,b', 4: '4,c",d'}))
    assert (first.line, bad.line, bad.last_line, last.line) == (2, 3, 4, 5)
    assert isinstance(bad, BadRecord)
    assert bad.kind == "stray_quote"
    assert "goes on to line 4" in bad.reason


@pytest.mark.parametrize(
    "cell",
    [
        "群馬県桐生市織姫町1-1\r\n桐生市役所 3階",
        "一行目\n二行目\n\n四行目",
        "comma, here\nand, here",
        'a "quoted" word\nand """ more',
        "\n",
        "\n" * (MAX_RECORD_LINES - 2),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("position", [0, 1, 2, 3, 4])
def test_cells_that_break_lines_are_read_whole(cell: str, end: str, position: int) -> None:
    cells = ["1", "a", "b", "c", "d"]
    cells[position] = cell
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows([list("vwxyz"), cells, list("12345")])
    [record, after] = read(out.getvalue())
    assert isinstance(record, Record)
    assert record.cells == cells
    assert (record.line, after.line) == (2, record.last_line + 1)


def test_a_line_break_as_excel_writes_it_does_not_end_a_record() -> None:
    text = 'id,note\r\n1,"Dear A, B\nyours, C"\r\n2,x\r\n'
    assert [each.line for each in read(text) if isinstance(each, Record)] == [2, 4]


@pytest.mark.parametrize("allowed", [None, 10])
def test_a_cell_that_holds_csv_is_believed_only_if_the_mapping_says_how_long_records_are(
    allowed: int | None,
) -> None:
    found = read('id,name,note\n1,a,"see\n2,b,c\n"\n3,x,y\n', allowed)
    if allowed:
        assert [type(each) for each in found] == [Record, Record]
    else:
        assert lines_of(found, BadRecord)[0] == (2, 2)
        assert [each.line for each in found if isinstance(each, Record)] == [3, 5]


def test_a_mapping_may_say_that_no_cell_breaks_a_line() -> None:
    found = read('id,note\n1,"a\nb"\n2,c\n', 1)
    assert lines_of(found, Record) == [(4, 4)]
    assert "lines_per_record" in found[0].reason if isinstance(found[0], BadRecord) else False


def test_a_record_of_too_many_lines_is_bounded_and_its_whole_range_reported() -> None:
    text = "id,note\n" + '1,"' + "\n" * 500
    found = read(text + "2,x\n")
    assert lines_of(found, Record) == [(502, 502)]
    bad = [each for each in found if isinstance(each, BadRecord)]
    assert bad[0].last_line - bad[0].line + 1 == MAX_RECORD_LINES
    assert bad[0].kind == "unclosed_quote"


def test_a_record_of_several_lines_with_a_cell_too_many_is_rejected_with_all_of_them() -> None:
    found = read('id,note\n1,"a\nb\nc",x,y\n2,z\n')
    assert [(each.line, each.last_line) for each in found] == [(2, 4), (5, 5)]
    assert isinstance(found[0], BadRecord)
    assert found[0].reason == "has 4 fields where the header has 2"


def test_after_a_stray_quote_a_record_of_several_lines_is_still_read() -> None:
    found = read('id,name,note\n1,"a,b\n2,c,"d\ne"\n3,f,g\n')
    assert lines_of(found, BadRecord) == [(2, 2)]
    assert lines_of(found, Record) == [(3, 4), (5, 5)]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_without_end_takes_no_memory_and_the_next_is_read(quote: str) -> None:
    found = read(f"id,note\n1,{quote}{'x' * 3 * MAX_RECORD_CHARS}\n2,y\n")
    assert [(type(each), each.line) for each in found] == [(BadRecord, 2), (Record, 3)]
    assert isinstance(found[0], BadRecord)
    assert found[0].kind == "too_long"


@given(
    st.lists(
        st.text(alphabet='ab",\n\r', max_size=12).map(lambda s: s.replace("\0", "")), max_size=30
    )
)
def test_every_line_is_read_or_reported_once_and_in_order(cells: list[str]) -> None:
    text = "a,b,c\n" + "\n".join(cells)
    reached = 1
    for each in read(text):
        assert reached < each.line <= each.last_line
        reached = each.last_line


@given(st.lists(st.lists(st.text(max_size=8), min_size=4, max_size=4), max_size=8))
def test_what_a_csv_writer_writes_is_read_back_or_reported(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([list("abcd"), *rows])
    found = read(out.getvalue())
    assert [each.cells for each in found if isinstance(each, Record)] == rows or any(
        isinstance(each, BadRecord) for each in found
    )
