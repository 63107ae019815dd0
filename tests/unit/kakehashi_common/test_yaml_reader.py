from datetime import date

import pytest

from kakehashi_common.yaml_reader import MAX_PROBLEMS, Report, Section, read


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
def test_what_is_no_day_is_told_with_its_place(text: str) -> None:
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
