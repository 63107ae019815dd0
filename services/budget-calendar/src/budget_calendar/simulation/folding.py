"""Lines of text no wider than a terminal's column, in Japanese as well."""

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len

_NOT_FIRST: Final = frozenset("、。，．・：）」』】〜％ー!?！？)],.:;%")
"""What must not begin a line (行頭禁則)."""
_NOT_LAST: Final = frozenset("（「『【([")
"""What must not end one (行末禁則)."""


def folded(text: str, room: int, indent: str = "") -> list[str]:
    """The text in lines of at most ``room`` cells, those after the first one indented.

    It breaks between words and between Japanese characters, but not inside what is written
    together; a word wider than the room is broken anywhere.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        while cell_len(line + piece.rstrip()) > room:
            if line.strip():
                lines.append(line.rstrip())
                line = indent
            else:
                fits = _fitting(piece, room - cell_len(line))
                lines.append(line + piece[:fits])
                line, piece = indent, piece[fits:]  # noqa: PLW2901 - the rest of it
        line += piece if line.strip() else piece.lstrip() if lines else piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterator[str]:
    """What must stay together: words, and characters with the punctuation that clings to them."""
    piece = ""
    for character in text:
        if piece and _may_part(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_part(before: str, after: str) -> bool:
    if after == " " or before in _NOT_LAST or after in _NOT_FIRST:
        return False
    return before == " " or cell_len(before) > 1 or cell_len(after) > 1


def _fitting(piece: str, room: int) -> int:
    """How many characters of it fit, at least one."""
    count = 1
    while count < len(piece) and cell_len(piece[: count + 1]) <= room:
        count += 1
    return count
