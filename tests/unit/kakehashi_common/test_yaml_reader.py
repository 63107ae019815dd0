from datetime import date

import pytest

from kakehashi_common.yaml_reader import Report, Section, read


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
