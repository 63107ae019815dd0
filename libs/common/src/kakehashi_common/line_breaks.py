"""Line breaks: between words, and in Japanese between phrases, as a reader expects it.

Japanese has no spaces to break at, and a break inside a word (``要求締`` / ``切``) is hard to read.
BudouX knows where its phrases (文節) end.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Final

import budoux
from rich.cells import cell_len

_NOT_FIRST: Final = frozenset(
    "、。，．・：；）」』】〕〜％ーっゃゅょァィゥェォッャュョ…!?！？)],.:;%"
)
"""Characters that must not begin a line (行頭禁則)."""
_NOT_LAST: Final = frozenset("（「『【〔([")
"""Characters that must not end a line (行末禁則)."""
_PARTS_WORDS: Final = frozenset("・：；")
"""Between words that may stand in two lines."""
_HIRAGANA: Final = re.compile(r"[ぁ-ん]")
_TOGETHER: Final = re.compile(
    r"第\d+回(?:定例会|臨時会)?|定例会|臨時会|参考見積|肉付け予算|骨格予算|サマーレビュー"
    r"|\d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?|fiscal \d{4}"
    r"|(?:\d+[年月日])+|\d+(?:開庁日|団体|[件回人円時分])|\d+(?:[-/−〜.,]\d+)*|\([\w ]{1,12}\)"
)
"""Numbers with what they count, terms of the trade that the model would break, and what is said in
short brackets: ``(session 2)``."""

_REMEMBERED: Final = 4_096


@lru_cache(_REMEMBERED)
def phrases(text: str) -> tuple[str, ...]:
    """Return the pieces that a line break leaves whole; joined they are the text.

    A word comes with the spaces behind it. A phrase may be wider than any line.
    """
    return tuple(_cut(text, sorted(_breaks(text))))


def folded(
    text: str, room: float, indent: str = "", *, width: Callable[[str], float] = cell_len
) -> list[str]:
    """Return the text in lines of at most ``room``, those after the first one indented.

    A phrase wider than the room is broken between any two characters.

    Args:
        text: one line; spaces where it is broken fall away.
        room: of a line, in cells of a terminal or what else ``width`` measures.
        indent: of every line but the first.
        width: of a text.
    """
    lines: list[str] = []
    line = ""
    for piece in phrases(text):
        if line.strip() and width(line + piece.rstrip()) > room:
            lines.append(line.rstrip())
            line = indent
        begins = not line or line == indent
        wanted = piece.lstrip() if begins and lines else piece
        while width(line + wanted.rstrip()) > room:
            fits = _fitting(line, wanted, room, width)
            lines.append(line + wanted[:fits])
            line, wanted = indent, wanted[fits:]
        line += wanted
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _cut(text: str, ends: Iterable[int]) -> Iterator[str]:
    start = 0
    for end in (*ends, len(text)):
        if end > start:
            yield text[start:end]
            start = end


def _breaks(text: str) -> set[int]:
    """Positions before which a line may begin."""
    found = {match.end() for match in re.finditer(r" +", text)}
    if not text.isascii():
        position = 0
        for phrase in _parser().parse(text):
            found.add(position)
            position += len(phrase)
        found |= {n + 1 for n, character in enumerate(text) if character in _PARTS_WORDS}
    for match in _TOGETHER.finditer(text):
        found -= set(range(match.start() + 1, match.end()))
    return {n for n in found if 0 < n < len(text) and _may_part(text, n)}


def _may_part(text: str, position: int) -> bool:
    before, after = text[position - 1], text[position]
    if after == " " or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    if before in "」』）" and _HIRAGANA.match(after):
        return False  # a particle belongs to what is in the brackets
    return before == " " or cell_len(before) > 1 or cell_len(after) > 1


def _fitting(line: str, piece: str, room: float, width: Callable[[str], float]) -> int:
    """Return how many characters of the piece fit behind the line, at least one."""
    count = 1
    while count < len(piece) and width(line + piece[: count + 1]) <= room:
        count += 1
    while count > 1 and (piece[count] in _NOT_FIRST or piece[count - 1] in _NOT_LAST):
        count -= 1
    return count


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()
