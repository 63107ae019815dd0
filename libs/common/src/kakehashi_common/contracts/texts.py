"""Characters that a text may hold: one check for every text from HTTP, Kafka or a file.

Control characters have no place in a name or a note. XML, and so SVG, has no way to write them; a
terminal obeys them; PostgreSQL can't store U+0000; half of a surrogate pair can't be encoded.
Refused are C0 but tab and line ends (LF, CR LF), DEL, C1, U+FFFE, U+FFFF and surrogates.
"""

import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import AfterValidator

from kakehashi_common.domain.errors import FORBIDDEN

_search: Final = re.compile(FORBIDDEN).search
_invisible: Final = re.compile(f"{FORBIDDEN}|\r")
_DIRECTIONS: Final = dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks, embeddings, overrides and isolates (Unicode, UAX #9)."""
_search_json: Final[Callable[[bytes], object]] = re.compile(
    rb"\\(?:[bfr]|u(?:00[0189][0-9a-fA-F]|007[fF]|[dD][89a-fA-F]|[fF]{3}[eEfF]))"
    rb"|\x7f|\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]"
).search


def forbidden_character(text: str) -> str | None:
    """Return the first character of ``text`` that no text may hold, such as ``U+001B``."""
    found = _search(text)
    return None if found is None else f"U+{ord(found[0]):04X}"


def check_text(text: str) -> str:
    """Return ``text``.

    Raises:
        ValueError: it holds a character that no text may hold.
    """
    if (character := forbidden_character(text)) is not None:
        raise ValueError(f"it holds {character}, a character that no text may hold: remove it")
    return text


Text = Annotated[str, AfterValidator(check_text)]
"""A text for a field that no checked document surrounds: a parameter, a header, a claim."""


def find_forbidden(value: object) -> tuple[tuple[str | int, ...], str] | None:
    """Return where parsed JSON holds a character that no text may hold, and which.

    The place is the path to the text; to the object that has it where a name holds it.
    """
    match value:
        case str():
            character = forbidden_character(value)
            return None if character is None else ((), character)
        case list():
            for position, item in enumerate(value):
                if (found := find_forbidden(item)) is not None:
                    return (position, *found[0]), found[1]
        case dict():
            for name, item in value.items():
                if (character := forbidden_character(str(name))) is not None:
                    return (), character
                if (found := find_forbidden(item)) is not None:
                    return (name, *found[0]), found[1]
    return None


def json_may_hold_forbidden(raw: bytes) -> bool:
    """Whether JSON has to be parsed to know: ``False`` is sure, and costs next to nothing."""
    return (
        b"\\" in raw or b"\x7f" in raw or b"\xc2" in raw or b"\xef\xbf" in raw
    ) and _search_json(raw) is not None


def without_directions(text: str) -> str:
    """Return ``text`` without the characters that change the direction of writing.

    Japanese has no use for them; they come along when something is copied, and U+202E shows what
    follows it backwards.
    """
    return text.translate(_DIRECTIONS)


def visible(text: str) -> str:
    r"""Return ``text`` with what a terminal would obey written out, such as ``\x1b``.

    For text of others in logs, reasons and on terminals, however it came there.
    """
    return _invisible.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
