import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from budget_calendar.simulation.folding import folded


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("short", 10, ["short"]),
        ("two words", 5, ["two", "words"]),
        ("予算要求締切", 6, ["予算要", "求締切"]),
        ("予算要求。次", 8, ["予算要", "求。次"]),
        ("予算（案）", 6, ["予算", "（案）"]),
        ("まで30開庁日", 6, ["まで30", "開庁日"]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
        ("", 5, [""]),
    ],
)
def test_text_is_folded_where_a_reader_expects_it(text: str, room: int, lines: list[str]) -> None:
    assert folded(text, room) == lines


def test_what_follows_is_indented() -> None:
    assert folded("→ 予算要求", 7, "  ") == ["→ 予算", "  要求"]


@given(st.text(alphabet="ab 12予算要求（）。、", max_size=60), st.integers(6, 30))
def test_nothing_is_wider_than_the_room_and_nothing_is_lost(text: str, room: int) -> None:
    lines = folded(text, room)
    assert all(cell_len(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
