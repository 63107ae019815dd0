from datetime import date
from pathlib import Path

import pytest

from kakehashi_common.yaml_aliases import MAX_DEPTH
from kakehashi_common.yaml_reader import (
    MAX_BYTES,
    MAX_PROBLEMS,
    InvalidFileError,
    Report,
    Section,
    read,
    text_of,
)


def section(text: str, required: str = "", optional: str | None = None) -> Section:
    report = Report()
    root = read(text, report)
    assert root is not None
    return Section(root, report, "the file", required, optional)


@pytest.mark.parametrize("text", ["on: 2028-02-29", "on: '2028-02-29'"])
def test_a_day_is_read_with_and_without_quotes(text: str) -> None:
    assert section(text).day("on") == date(2028, 2, 29)


@pytest.mark.parametrize(
    "text", ["on: 2027-02-29", "on: 20270228", "on: 2027-W08-1", "on: soon", "on: [1]", "on:"]
)
def test_what_is_no_day_is_reported_with_its_place(text: str) -> None:
    read_ = section(f"# a file\n{text}")
    assert read_.day("on") is None
    (problem,) = read_.report.problems
    assert problem.line == 2
    assert "a day that exists" in problem.reason


def test_each_mapping_of_a_list_knows_its_keys() -> None:
    read_ = section("people:\n- name: a\n- nome: b\n")
    people = read_.sections("people", required="name")
    assert people[0].text("name") == "a"
    assert [str(each) for each in read_.report.problems] == [
        "line 3, column 3: unknown key 'nome' in each of people; did you mean name?",
        "line 3, column 3: each of people lacks name",
    ]


def test_a_list_that_is_not_there_is_empty() -> None:
    assert section("a: 1").sections("people") == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (r'title: "a\eb"', "line 1, column 8: it holds U+001B"),
        (r'"a\0": 1', "line 1, column 1: it holds U+0000"),
        ('people:\n- name: "\\x9b"', "line 2, column 9: it holds U+009B"),
        (r'a: &x {b: [1, "\x7f"]}', "line 1, column 15: it holds U+007F"),
        ("a: &x [*x, 1]\nb: '\ufffe'", "not valid YAML"),
    ],
)
def test_no_text_of_a_file_holds_a_control_character(text: str, place: str) -> None:
    report = Report()
    read(text, report)
    (problem,) = report.problems
    assert place in str(problem)


def test_what_was_published_before_is_read_as_it_was() -> None:
    report = Report(checking=False)
    assert read(r'a: "\e"', report) is not None
    assert report.problems == []


def test_twenty_mistakes_are_listed_and_the_others_counted() -> None:
    report = Report()
    root = read("".join(f"unknown{n}: 1\n" for n in range(500)), report)
    assert root is not None
    assert not Section(root, report, "the file", "name").sound
    assert (len(report.problems), report.more) == (MAX_PROBLEMS, 481)


def laughs(levels: int) -> str:
    """A list of nines, of which each is nine of the one before."""
    return "a0: &a0 [lol]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, levels)
    )


def chain(links: int) -> str:
    return "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, links))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: " + "x" * MAX_BYTES, "line 1, column 1: the file is larger than 262,144 bytes"),
        ("\u3042" * (MAX_BYTES // 2), "line 1, column 1: the file is larger than 262,144 bytes"),
        ("[" * 100_000, "line 1, column 33: nested too deeply: more than 32 levels"),
        ("".join(" " * n + "a:\n" for n in range(300)), "line 32, column 32: nested too deeply"),
        (laughs(10), "line 6, column 5: by its aliases it holds itself"),
        (chain(100), "line 32, column 6: by its aliases it holds itself"),
        ("a: &a [1, *a]", "line 1, column 4: by its aliases it holds itself"),
        ("a: &a {b: {c: *a}}", "line 1, column 11: by its aliases it holds itself"),
    ],
    ids=["bytes", "bytes of kana", "lists", "blocks", "laughs", "chain", "itself", "within itself"],
)
def test_a_hostile_file_is_refused_with_the_place(text: str, place: str) -> None:
    report = Report()
    assert read(text, report) is None
    (problem,) = report.problems
    assert str(problem).startswith(place)


@pytest.mark.parametrize(
    "text",
    [
        "[" * (MAX_DEPTH - 1) + "1" + "]" * (MAX_DEPTH - 1),
        laughs(4),
        "a: &a {b: 1}\nc: [*a, *a]",
        "a: " + "x" * (MAX_BYTES - 3),
    ],
    ids=["deep", "nines", "aliases", "large"],
)
def test_what_stays_within_the_limits_is_read(text: str) -> None:
    report = Report()
    assert read(text, report) is not None
    assert report.problems == []


def test_of_a_file_only_so_much_is_read_as_is_needed_to_refuse_it(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes("\ufeffa: \u3042".encode() * MAX_BYTES)
    text = text_of(file)
    assert len(text) <= MAX_BYTES
    report = Report()
    assert read(text, report) is None
    assert "larger than" in str(report.problems)
    file.write_bytes("\ufeffa: \u3042".encode())
    assert text_of(file) == "a: \u3042"


@pytest.mark.parametrize(("encoding", "line"), [("cp932", 2), ("euc-jp", 2), ("utf-16", 1)])
def test_a_file_in_another_encoding_is_refused_with_the_line(
    tmp_path: Path, encoding: str, line: int
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes("a: b\nc: 日本\n".encode(encoding))
    with pytest.raises(InvalidFileError, match=f"line {line}, column 1: the file is not UTF-8"):
        text_of(file)
