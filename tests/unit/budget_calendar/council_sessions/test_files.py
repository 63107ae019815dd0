import json
from datetime import date
from pathlib import Path

import pytest

from budget_calendar.council_sessions.file import LeftOut, Problem
from budget_calendar.council_sessions.files import SessionFiles, read_session_files
from budget_calendar.domain.council.sessions import ObservedSession, SessionKind
from kakehashi_common.domain.errors import DomainError

BUDGET = {"title": "令和4年度桐生市一般会計補正予算（第1号）", "result": "原案可決"}
JUNE: dict[str, object] = {
    "session": "令和4年第2回定例会",
    "dates": ["令和4年6月3日", "令和4年6月22日"],
    "bills": [BUDGET],
    "sourceUrls": ["https://example.jp/r4-2"],
}


def read(folder: Path, **documents: object) -> SessionFiles:
    """The files of ``folder`` after these have been put there; a text is written as it is."""
    for name, document in documents.items():
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return read_session_files(folder, "102032", "桐生市")


def only_problem(files: SessionFiles) -> Problem:
    (problem,) = files.problems
    return problem


def test_a_session_is_read_from_its_file(tmp_path: Path) -> None:
    files = read(tmp_path, june=JUNE)
    (session,) = files.sessions
    assert files.problems == ()
    assert (session.code, session.kind, session.year, session.number) == (
        "102032",
        SessionKind.REGULAR,
        2022,
        2,
    )
    assert (session.opens_on, session.last_vote_on) == (date(2022, 6, 3), date(2022, 6, 22))
    assert session.source == "https://example.jp/r4-2"
    (bill,) = session.bills
    assert (bill.account, bill.number, bill.passed) == ("一般会計", 1, True)


@pytest.mark.parametrize(
    ("name", "kind", "year", "number"),
    [
        ("平成31年第1回定例会", SessionKind.REGULAR, 2019, 1),
        ("令和元年第2回定例会", SessionKind.REGULAR, 2019, 2),
        ("令和元年第１回臨時会", SessionKind.EXTRAORDINARY, 2019, 1),
        ("桐生市議会 2019年 第3回 市議会定例会", SessionKind.REGULAR, 2019, 3),
        ("令和元年第２回定例会（６月）", SessionKind.REGULAR, 2019, 2),
        ("令和元年第2回（6月）定例会", SessionKind.REGULAR, 2019, 2),
        ("令和元年（2019年）第3回定例会", SessionKind.REGULAR, 2019, 3),
        ("第3回定例会（令和元年）", SessionKind.REGULAR, 2019, 3),
        ("令和元年第三回市議会臨時会", SessionKind.EXTRAORDINARY, 2019, 3),
        ("令和元年度第3回定例会（令和元年9月）", SessionKind.REGULAR, 2019, 3),
    ],
)
def test_a_session_is_counted_in_the_calendar_year_it_names(
    tmp_path: Path, name: str, kind: SessionKind, year: int, number: int
) -> None:
    (session,) = read(tmp_path, a=JUNE | {"session": name, "dates": ["2019/6/26"]}).sessions
    assert (session.kind, session.year, session.number) == (kind, year, number)


@pytest.mark.parametrize(
    ("dates", "opens_on", "last_vote_on"),
    [
        (["令和4年6月22日", "令和4年6月3日"], date(2022, 6, 3), date(2022, 6, 22)),
        (["令和4年6月20日", "令和4年6月22日"], None, date(2022, 6, 22)),
        (["令和4年6月22日"], None, date(2022, 6, 22)),
        (["令和4年6月8日", "令和4年6月22日"], date(2022, 6, 8), date(2022, 6, 22)),
        (["令和4年6月9日", "令和4年6月22日"], None, date(2022, 6, 22)),
    ],
)
def test_a_first_vote_is_the_opening_only_when_committees_can_have_sat_after_it(
    tmp_path: Path, dates: list[str], opens_on: date | None, last_vote_on: date
) -> None:
    (session,) = read(tmp_path, a=JUNE | {"dates": dates}).sessions
    assert (session.opens_on, session.last_vote_on) == (opens_on, last_vote_on)


def test_a_heading_among_the_dates_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    files = read(tmp_path, a=JUNE | {"dates": ["議案議決結果一覧表", "令和4年6月22日"]})
    assert files.sessions[0].last_vote_on == date(2022, 6, 22)
    assert only_problem(files) == Problem(
        "a.json",
        "dates[0]",
        "議案議決結果一覧表",
        "it holds no number; a heading?",
        LeftOut.VALUE,
    )


def test_a_session_without_a_readable_day_is_reported_and_not_guessed(tmp_path: Path) -> None:
    files = read(tmp_path, a=JUNE | {"dates": ["令和4年6月22月"]})
    assert files.sessions == ()
    assert [(each.field, each.left_out) for each in files.problems] == [
        ("dates[0]", LeftOut.VALUE),
        ("dates", LeftOut.SESSION),
    ]


def test_a_session_under_anothers_dates_is_noticed(tmp_path: Path) -> None:
    last_year = JUNE | {"session": "令和3年第2回定例会", "dates": ["令和3年6月23日"]}
    files = read(tmp_path, a=last_year, b=JUNE | {"dates": ["令和3年6月23日"]})
    assert [each.year for each in files.sessions] == [2021]
    assert files.problems[0] == Problem(
        "b.json",
        "dates[0]",
        "令和3年6月23日",
        "a day of 2021 under a session of 2022: another session's?; a.json carries the same",
        LeftOut.VALUE,
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("令和6年3月定例会", "the name lacks its number, 第n回"),
        ("第1回定例会", "the name lacks the calendar year, such as 令和6年"),
        ("令和6年第1回", "the name lacks 定例会 or 臨時会"),
        (
            "令和6年度第1回定例会",
            "the name lacks the calendar year, such as 令和6年 (年度 is the fiscal year)",
        ),
        ("令和6年第1回定例会・第2回臨時会", "the name says more than one of: its number, 第n回"),
    ],
)
def test_a_name_that_is_left_out_says_which_part_it_lacks(
    tmp_path: Path, name: str, reason: str
) -> None:
    files = read(tmp_path, a=JUNE | {"session": name})
    assert files.sessions == ()
    assert only_problem(files).reason.startswith(reason)


def test_a_winter_session_may_end_in_january(tmp_path: Path) -> None:
    winter = {"session": "令和4年第4回定例会", "dates": ["令和4年12月1日", "令和5年1月20日"]}
    files = read(tmp_path, a=JUNE | winter | {"bills": []})
    (session,) = files.sessions
    assert files.problems == ()
    assert (session.year, session.number) == (2022, 4)
    assert (session.opens_on, session.last_vote_on) == (date(2022, 12, 1), date(2023, 1, 20))


def test_days_too_far_apart_are_not_of_one_session(tmp_path: Path) -> None:
    files = read(tmp_path, a=JUNE | {"dates": ["令和4年3月16日", "令和4年6月27日"]})
    assert files.sessions == ()
    assert only_problem(files).reason == "its days are 103 days apart: not of one session"


def test_the_same_session_twice_is_taken_once(tmp_path: Path) -> None:
    files = read(tmp_path, a=JUNE, b=JUNE)
    assert len(files.sessions) == 1
    assert (only_problem(files).file, only_problem(files).reason) == (
        "b.json",
        "the same as a.json",
    )


@pytest.mark.parametrize(
    "other",
    [
        JUNE | {"dates": ["令和4年6月23日"]},
        JUNE | {"session": "令和4年第3回定例会"},
        JUNE | {"session": "令和4年第3回定例会", "dates": ["令和4年5月2日"]},
    ],
    ids=["another day for the same session", "the same day for another", "not in order"],
)
def test_of_two_sessions_that_contradict_each_other_neither_is_taken(
    tmp_path: Path, other: dict[str, object]
) -> None:
    files = read(tmp_path, a=JUNE, b=other)
    assert files.sessions == ()
    assert [(each.file, each.left_out) for each in files.problems] == [
        ("a.json", LeftOut.SESSION),
        ("b.json", LeftOut.SESSION),
    ]


@pytest.mark.parametrize(
    ("document", "field", "reason"),
    [
        ("{", "", "not JSON: Expecting property name enclosed in double quotes (line 1, column 2)"),
        ("[]", "", "must be an object"),
        (
            JUNE | {"session": "6月定例会"},
            "session",
            "the name lacks the calendar year, such as 令和6年 and its number, 第n回",
        ),
        (JUNE | {"session": 3}, "session", "must be a text"),
        ({"session": "令和4年第2回定例会"}, "dates", "is missing; it must be a list"),
        (JUNE | {"dates": "令和4年6月22日"}, "dates", "must be a list"),
        (JUNE | {"dates": [20220622]}, "dates[0]", "must be a text"),
        (
            JUNE | {"dates": ["\ud800"]},
            "dates[0]",
            "it holds the character U+D800",
        ),
        (
            JUNE | {"session": f"令和4年第{'9' * 5000}回定例会"},
            "session",
            "the name lacks its number",
        ),
        ("[" * 100_000, "", "nested too deeply"),
        (JUNE | {"bills": {}}, "bills", "must be a list"),
    ],
)
def test_a_bad_file_is_named_with_its_field_and_the_others_are_read(
    tmp_path: Path, document: object, field: str, reason: str
) -> None:
    files = read(tmp_path, a=document, b=JUNE | {"session": "令和4年第2回定例会"})
    assert [each.source for each in files.sessions] == ["https://example.jp/r4-2"]
    problem = only_problem(files)
    assert (problem.file, problem.field, problem.left_out) == ("a.json", field, LeftOut.SESSION)
    assert problem.reason.startswith(reason)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json.dumps(JUNE, ensure_ascii=False).encode("cp932"))
    assert only_problem(read(tmp_path)).reason.startswith("not UTF-8 text")


@pytest.mark.parametrize(
    ("bill", "field", "reason"),
    [
        ("議案第1号", "bills[1]", "must be an object"),
        ({"result": "可決"}, "bills[1].title", "is missing; it must be a text"),
        (
            {"title": "和4年度桐生市一般会計予算", "result": "可決"},
            "bills[1].title",
            "it looks like",
        ),
        (
            {"title": "令和4年度桐生市一般会計予算", "result": ""},
            "bills[1].result",
            "the result does",
        ),
        (
            {"title": "令和4年度高崎市一般会計予算", "result": "可決"},
            "bills[1].title",
            "it is a budget of 高崎市, not of 桐生市",
        ),
        (
            {"title": "令和14年度桐生市一般会計予算", "result": "可決"},
            "bills[1].title",
            "a budget of fiscal year 2032 in a session of 2022-06-22",
        ),
        (BUDGET, "bills[1].title", "the same budget as bills[0]"),
    ],
)
def test_a_bill_that_cannot_be_read_is_reported_and_left_out_alone(
    tmp_path: Path, bill: object, field: str, reason: str
) -> None:
    files = read(tmp_path, a=JUNE | {"bills": [BUDGET, bill]})
    assert [each.number for each in files.sessions[0].bills] == [1]
    problem = only_problem(files)
    assert (problem.field, problem.left_out) == (field, LeftOut.VALUE)
    assert problem.reason.startswith(reason)


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    files = read(tmp_path, b=JUNE)
    assert len(files.sessions) == 1
    assert only_problem(files).reason == "cannot be opened: Is a directory"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="holds no session file"):
        read(tmp_path)


def test_one_file_is_read_alone(tmp_path: Path) -> None:
    read(tmp_path, a=JUNE, b="{")
    files = read_session_files(tmp_path / "a.json", "102032", "桐生市")
    assert (len(files.sessions), files.files) == (1, 1)
    assert isinstance(files.sessions[0], ObservedSession)
