"""Text of others on a terminal: shown, never obeyed."""

import io
import re
from pathlib import Path

import pytest
from rich.table import Table

from kakehashi_common.terminal import Console

SOURCES = Path(__file__).parents[3]
HOSTILE = "a\x1b[2J\x1b]52;c;cm0gLXJmIH4=\x07b\x9b31mc\rd\x7f"


def printed(*things: object, **options: bool) -> str:
    written = io.StringIO()
    console = Console(file=written, width=200, force_terminal=True, color_system=None)
    console.print(*things, **options)  # type: ignore[arg-type]  # markup and highlight
    return written.getvalue()


@pytest.mark.parametrize("markup", [True, False])
def test_escape_sequences_are_written_out(*, markup: bool) -> None:
    text = printed(HOSTILE, markup=markup, highlight=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert r"a\x1b[2J" in text
    assert r"\x9b31m" in text


def test_they_are_in_tables_too() -> None:
    table = Table("header", title=HOSTILE)
    table.add_row(HOSTILE)
    text = printed(table)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert text.count(r"\x1b[2J") == 2


def test_colours_and_lines_are_ours() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, color_system="standard")
    console.print("[red]one[/]\ntwo")
    assert written.getvalue() == "\x1b[31mone\x1b[0m\ntwo\n"


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (44, ["第3回定例会 補正予算の要求締切 締切が近い"]),
        (30, ["第3回定例会         締切が近い", "補正予算の要求締切"]),
    ],
)
def test_tables_break_lines_between_phrases(width: int, expected: list[str]) -> None:
    written = io.StringIO()
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False)
    table.add_row("第3回定例会 補正予算の要求締切", "[bold]締切が近い[/]")
    Console(file=written, width=width).print(table)
    assert [line.rstrip() for line in written.getvalue().splitlines()] == expected


def test_printed_lines_break_between_phrases() -> None:
    written = io.StringIO()
    console = Console(file=written, width=20, force_terminal=True, color_system="standard")
    console.print("[red]予算要求の締切[/]は10月30日の見込みです", highlight=False)
    assert written.getvalue() == ("\x1b[31m予算要求の締切\x1b[0mは\n10月30日の見込みです\n")


def test_every_command_prints_by_this_console() -> None:
    for folder in ("libs", "services", "examples", "benchmarks"):
        for path in (SOURCES / folder).rglob("*.py"):
            if path.name != "terminal.py":
                text = path.read_text(encoding="utf-8")
                assert "from rich.console import Console" not in text, path
                assert "from rich import print" not in text, path
