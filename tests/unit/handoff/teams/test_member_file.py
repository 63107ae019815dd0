"""A file of members is read, or refused with every line, column and fix."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from handoff.domain.teams.members import Function, Member, Role
from handoff.teams.member_file import MEMBERS, member_of
from kakehashi_common.csv_file import MOST_ROWS, FileError, Mistake, read_file
from kakehashi_common.domain.business_time import Hours

ENGLISH = "member_id,team_id,name,roles,functions,skills,capacity,share"
JAPANESE = "社員番号,チーム,氏名,役割,職能,専門,上限,持ち分"
SHORT = "member_id,team_id,name,roles,capacity"
HANAKO = Member(
    "s-1",
    "kanto",
    frozenset({Role.FIELD_SALES, Role.INSIDE_SALES}),
    20,
    name="佐藤 花子",
    functions=frozenset({Function.COUNCIL_LIAISON}),
    skills=frozenset({"digital", "welfare"}),
    share=2,
)


def read(*lines: str, encoding: str = "utf-8", end: str = "\r\n") -> list[Member]:
    rows = read_file(MEMBERS, (end.join(lines) + end).encode(encoding))
    return [member_of(row, None) for row in rows]


def refused(*lines: str) -> FileError:
    with pytest.raises(FileError) as caught:
        read(*lines)
    return caught.value


def mistakes(*lines: str) -> list[tuple[int, str | None]]:
    return [(each.line, each.column) for each in refused(*lines).mistakes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(
    "lines",
    [
        (
            ENGLISH,
            "s-1,kanto,佐藤 花子,field_sales;inside_sales,council_liaison,digital;welfare,20,2",
        ),
        (JAPANESE, "s-1,kanto,佐藤 花子,外勤営業;内勤営業,議会対応,digital;welfare,20,2"),
        (
            JAPANESE,
            "s-1,kanto,佐藤　花子,外勤営業；ｲﾝｻｲﾄﾞｾｰﾙｽ,議会対応,ｄｉｇｉｔａｌ; welfare ;,２０,２",
        ),
        (ENGLISH, "ｓ－１,kanto,佐藤 花子,FS;is;FS,議会対応,welfare;digital;digital,020,2"),
        (
            "share,CAPACITY, Skills ,職能,役割,name,team_id,社員番号",
            '2,20,digital;welfare,議会対応,fs;is,"佐藤 花子",kanto,s-1',
        ),
        (
            ENGLISH,
            ",,,,,,,",
            "",
            "s-1,kanto,佐藤 花子,FS;IS,議会対応,digital;welfare,20,2",
            ",,,,,,,",
        ),
    ],
    ids=["English", "Japanese", "wide and half-width", "short names", "any order", "empty lines"],
)
def test_a_member_is_read(lines: tuple[str, ...], encoding: str, end: str) -> None:
    assert read(*lines, encoding=encoding, end=end) == [HANAKO]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("内勤営業", Role.INSIDE_SALES),
        ("インサイドセールス", Role.INSIDE_SALES),
        ("ＩＳ", Role.INSIDE_SALES),
        ("外勤営業", Role.FIELD_SALES),
        ("フィールドセールス", Role.FIELD_SALES),
        ("カスタマーサクセス", Role.CUSTOMER_SUCCESS),
        ("SDR", Role.SALES_DEVELOPMENT),
        ("bdr", Role.SALES_DEVELOPMENT),
        ("新規開拓", Role.SALES_DEVELOPMENT),
        *((role.value, role) for role in Role),
    ],
)
def test_a_role_has_names_in_both_languages(text: str, role: Role) -> None:
    [member] = read(SHORT, f"s-1,kanto,花子,{text},20")
    assert member.roles == {role}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("佐藤　花子", "佐藤 花子"),
        ("ｻﾄｳ ﾊﾅｺ", "サトウ ハナコ"),
        ("\ufa19田 \ufa11子", "\ufa19田 \ufa11子"),
    ],
)
def test_a_name_is_made_uniform_but_keeps_its_characters(written: str, kept: str) -> None:
    [member] = read(SHORT, f"s-1,kanto,{written},FS,20")
    assert member.name == kept


@pytest.mark.parametrize(
    ("head", "line", "expected"),
    [
        (SHORT, "s-1,kansai,花子,FS,5", {"functions": True, "skills": True, "share": 2}),
        (ENGLISH, "s-1,kansai,花子,FS,,,5,", {"share": 2}),
        (ENGLISH, "s-1,kansai,花子,FS,,,5,7", {"share": 7}),
    ],
    ids=["columns left out", "an empty share", "everything"],
)
def test_what_a_file_does_not_say_stays(head: str, line: str, expected: dict[str, Any]) -> None:
    hours = {0: (Hours(time(9), time(12)),)}
    before = Member(**{**_fields(HANAKO), "hours": hours, "active": False})
    [row] = read_file(MEMBERS, f"{head}\n{line}\n".encode())
    after = member_of(row, before)
    assert (after.team_id, after.name, after.capacity) == ("kansai", "花子", 5)
    assert (after.hours, after.active, after.share) == (hours, False, expected["share"])
    assert after.functions == (HANAKO.functions if expected.get("functions") else frozenset())
    assert after.skills == (HANAKO.skills if expected.get("skills") else frozenset())


@pytest.mark.parametrize(
    ("head", "line", "email"),
    [
        (SHORT, "s-1,kanto,花子,FS,20", "before@example.jp"),
        (f"{SHORT},email", "s-1,kanto,花子,FS,20,", "before@example.jp"),
        (f"{SHORT},メールアドレス", "s-1,kanto,花子,FS,20,ｓ-1@Example.jp", "s-1@Example.jp"),
    ],
)
def test_an_address_stays_unless_a_file_names_another(head: str, line: str, email: str) -> None:
    [row] = read_file(MEMBERS, f"{head}\n{line}\n".encode())
    assert member_of(row, replace(HANAKO, email="before@example.jp")).email == email


@pytest.mark.parametrize(
    "email",
    [
        "花子@example.jp",
        "s-1",
        "s-1@",
        "@example.jp",
        "s-1@example..jp",
        "s 1@example.jp",
        "s-1@example.jp>",
        '"s-1"@example.jp',
        "s-1@-example.jp",
        f"{'s' * 65}@example.jp",
        f"s-1@{'.'.join(['a' * 60] * 5)}",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(email: str) -> None:
    quoted = '"' + email.replace('"', '""') + '"'
    [mistake] = refused(f"{SHORT},email", f"s-1,kanto,花子,FS,20,{quoted}").mistakes
    assert mistake.column == "email"
    assert mistake.reason.startswith("it can't be taken: write an address such as")


def test_a_new_member_has_the_usual_share_and_works_here() -> None:
    [member] = read(SHORT, "s-1,kanto,花子,FS,20")
    assert (member.share, member.active, member.skills) == (1, True, frozenset())


@pytest.mark.parametrize(
    ("line", "column", "says", "fix"),
    [
        (",kanto,花子,FS,,,20,1", "member_id", "it is empty", "staff number s-1042"),
        ("佐藤,kanto,花子,FS,,,20,1", "member_id", '"佐藤"', "A–Z"),
        ("s-1,,花子,FS,,,20,1", "team_id", "it is empty", "such as kanto"),
        ("s-1,関東,花子,FS,,,20,1", "team_id", '"関東"', "such as kanto"),
        ("s-1,kanto,,FS,,,20,1", "name", "it is empty", "1 to 100 characters"),
        (f"s-1,kanto,{'子' * 101},FS,,,20,1", "name", "it can't be taken", "1 to 100 characters"),
        ("s-1,kanto,花\x1b子,FS,,,20,1", "name", "it can't be taken", "control characters"),
        ("s-1,kanto,花子,,,,20,1", "roles", "it is empty", "内勤営業 (inside_sales)"),
        ("s-1,kanto,花子,FS;部長,,,20,1", "roles", '"部長"', "with ; between them"),
        ("s-1,kanto,花子,FS、IS,,,20,1", "roles", '"FS、IS"', "with ; between them"),
        ("s-1,kanto,花子,FS,議会,,20,1", "functions", '"議会"', "議会対応 (council_liaison)"),
        ("s-1,kanto,花子,FS,,防災,20,1", "skills", '"防災"', "such as digital;welfare"),
        (f"s-1,kanto,花子,FS,,{'a' * 65},20,1", "skills", "…", "64"),
        ("s-1,kanto,花子,FS,,,,1", "capacity", "it is empty", "from 0 to 10000"),
        ("s-1,kanto,花子,FS,,,-1,1", "capacity", '"-1"', "from 0 to 10000"),
        ("s-1,kanto,花子,FS,,,20.5,1", "capacity", '"20.5"', "from 0 to 10000"),
        ("s-1,kanto,花子,FS,,,10001,1", "capacity", '"10001"', "from 0 to 10000"),
        ("s-1,kanto,花子,FS,,,20,0", "share", '"0"', "from 1 to 100"),
        ("s-1,kanto,花子,FS,,,20,半分", "share", '"半分"', "from 1 to 100"),
    ],
)
def test_a_mistake_names_line_column_and_fix(line: str, column: str, says: str, fix: str) -> None:
    error = refused(ENGLISH, "s-9,kanto,太郎,IS,,,20,1", line)
    [mistake] = error.mistakes
    assert (mistake.line, mistake.column, error.more) == (3, column, 0)
    assert says in mistake.reason
    assert fix in mistake.reason


@pytest.mark.parametrize(
    ("lines", "column", "reason"),
    [
        ((), None, "names no column: begin with a line of member_id (社員番号), team_id"),
        (("s-1,kanto,花子,FS,20",), None, "names no column: begin with a line of"),
        (("member_id|team_id|name",), None, "names no column: begin with a line of"),
        ((f"{SHORT},部署",), "部署", '"部署" is no column: delete it; columns are member_id'),
        ((f"{SHORT},",), None, "column 6 has no name: delete it"),
        ((f"{SHORT},上限",), "上限", "is the same column as capacity: delete one"),
        (("member_id,name",), None, "add team_id (チーム), roles (役割), capacity (上限) to the"),
        (('"member_id,team_id',), None, "is no CSV"),
        ((SHORT,), None, "no member follows: write one line for each"),
    ],
    ids=[
        "an empty file",
        "no names",
        "another separator",
        "another column",
        "a column without name",
        "a column twice",
        "columns missing",
        "an open quotation mark",
        "no members",
    ],
)
def test_a_first_line_that_does_not_do_is_refused(
    lines: tuple[str, ...], column: str | None, reason: str
) -> None:
    [mistake] = refused(*lines).mistakes
    assert (mistake.line, mistake.column) == (1, column)
    assert reason in mistake.reason


def test_a_file_without_names_of_columns_repeats_nobodys_name() -> None:
    assert "花子" not in str(refused("s-1,kanto,花子,FS,20"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("s-1,kanto,花子,FS", "has 4 cells, and the first line 5"),
        ("s-1,kanto,佐藤,花子,FS,20", "put a cell that holds a comma in quotation marks"),
        ('s-1,kanto,"花子,FS,20', "is no CSV"),
        ('s-1,kanto,"花"子,FS,20', "close each quotation mark"),
    ],
)
def test_a_line_that_is_no_record_is_named(line: str, reason: str) -> None:
    [mistake] = refused(SHORT, "s-9,kanto,太郎,IS,20", line).mistakes
    assert (mistake.line, mistake.column) == (3, None)
    assert reason in mistake.reason


def test_a_file_of_one_broken_line_has_one_mistake() -> None:
    assert mistakes(SHORT, 's-1,kanto,"花子,FS,20') == [(2, None)]


def test_a_member_who_stands_twice_is_named_with_both_lines() -> None:
    error = refused(SHORT, "s-1,kanto,花子,FS,20", "s-2,kanto,太郎,FS,20", "ｓ-1,kanto,花子,FS,20")
    assert error.mistakes == [
        Mistake(4, "member_id", "s-1 is in line 2 too: delete line 2 or line 4")
    ]


def test_a_column_is_named_as_the_file_calls_it() -> None:
    [mistake] = refused(JAPANESE, "s-1,kanto,花子,部長,,,20,1").mistakes
    assert mistake.column == "役割"
    assert str(mistake).startswith('line 2, column 役割: "部長": write one or more of')


def test_every_mistake_of_a_line_is_named() -> None:
    assert mistakes(ENGLISH, "s 1,関東,,部長,議会,防災,多い,0") == [
        (2, column) for column in ENGLISH.split(",")
    ]


def test_a_line_is_counted_as_an_editor_counts_it() -> None:
    lines = (SHORT, 's-1,kanto,"佐藤\n花子",FS,20', "s-2,kanto,太郎,部長,20")
    with pytest.raises(FileError) as caught:
        read_file(MEMBERS, "\n".join(lines).encode())
    assert [each.line for each in caught.value.mistakes] == [4]


def test_twenty_mistakes_are_listed_and_the_others_counted() -> None:
    error = refused(SHORT, *(f"s-{n},kanto,花子,部長,20" for n in range(30)))
    assert [each.line for each in error.mistakes] == list(range(2, 22))
    assert error.more == 10
    assert str(error).endswith("and 10 more")


def test_a_file_has_a_limit() -> None:
    lines = [f"s-{n},kanto,花子,FS,20" for n in range(MOST_ROWS)]
    assert len(read(SHORT, *lines)) == MOST_ROWS
    [mistake] = refused(SHORT, *lines, "s-x,kanto,花子,FS,20").mistakes
    assert (mistake.line, mistake.column) == (MOST_ROWS + 2, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (f"{SHORT}\n".encode("utf-16"), "the file is UTF-16: save it as UTF-8"),
        (b"\x81", "the file is neither UTF-8 nor CP932"),
    ],
)
def test_another_encoding_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(FileError, match=reason):
        read_file(MEMBERS, raw)


def _fields(member: Member) -> dict[str, Any]:
    return {name: getattr(member, name) for name in Member.__dataclass_fields__}
