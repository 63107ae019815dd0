import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kakehashi_common.line_breaks import folded, phrases


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("short", 10, ["short"]),
        ("Last vote (session 2)", 19, ["Last vote", "(session 2)"]),
        ("two words", 5, ["two", "words"]),
        (
            "予算要求の締切は10月30日の見込みです",
            16,
            ["予算要求の締切は", "10月30日の", "見込みです"],
        ),
        ("第3回定例会 補正予算の要求締切", 20, ["第3回定例会", "補正予算の要求締切"]),
        ("要求締切（7/6頃）まで7開庁日", 20, ["要求締切", "（7/6頃）まで7開庁日"]),
        ("予算要求締切", 6, ["予算要", "求締切"]),
        ("サマーレビュー・参考見積", 16, ["サマーレビュー・", "参考見積"]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
        ("", 5, [""]),
    ],
)
def test_text_is_folded_where_a_reader_expects_it(text: str, room: int, lines: list[str]) -> None:
    assert folded(text, room) == lines


def test_what_follows_is_indented() -> None:
    assert folded("→ 補正予算の要求", 12, "  ") == ["→ 補正予算の", "  要求"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027年1月29日までに復活要求ができる", "2027年1月29日までに|復活要求が|できる"),
        ("「令和9年度当初予算」で進める", "「令和9年度|当初予算」で|進める"),
        ("議会と補正予算 Council and", "議会と|補正予算 |Council |and"),
        ("首長査定・内示・復活要求", "首長査定・|内示・|復活要求"),
        ("段階：各課の予算要求（10/30頃まで）", "段階：|各課の|予算要求|（10/30頃まで）"),
        ("quote of 10 August 2026 in fiscal 2027", "quote |of |10 August 2026 |in |fiscal 2027"),
        ("年度開始前30日までに", "年度|開始前30日までに"),
    ],
)
def test_a_phrase_stays_whole(text: str, expected: str) -> None:
    assert "|".join(phrases(text)) == expected


@given(st.text(alphabet="ab 12予算要求（）。、", max_size=60), st.integers(6, 30))
def test_nothing_is_wider_than_the_room_and_nothing_is_lost(text: str, room: int) -> None:
    lines = folded(text, room)
    assert all(cell_len(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
