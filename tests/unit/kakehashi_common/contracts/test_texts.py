"""Characters that no text may hold, the same everywhere."""

import pytest

from kakehashi_common.contracts.texts import (
    check_text,
    json_may_hold_forbidden,
    visible,
    without_directions,
)
from kakehashi_common.domain.errors import DomainError, require_text


@pytest.mark.parametrize(
    "text", ["", "桐生市", "a\tb", "a\nb", "a\r\nb", "🙂", "\u00a0\u3000", "\ufffd", "\\u0000"]
)
def test_text(text: str) -> None:
    assert check_text(text) == text
    assert not json_may_hold_forbidden(text.replace("\r", "").encode()) or "\\" in text


@pytest.mark.parametrize(
    "character",
    [
        *(chr(code) for code in (*range(9), 0x0B, 0x0C, *range(0x0D, 0x20), *range(0x7F, 0xA0))),
        *("\ufffe", "\uffff", "\ud800", "\udfff"),
    ],
)
def test_no_text(character: str) -> None:
    with pytest.raises(ValueError, match=f"U\\+{ord(character):04X}"):
        check_text(f"a{character}b")
    with pytest.raises(DomainError, match=f"U\\+{ord(character):04X}"):
        require_text(f"a{character}b", "note")
    assert visible(character).startswith("\\")


@pytest.mark.parametrize("mark", ["\u200e", "\u202a", "\u202e", "\u2066", "\u2069"])
def test_what_changes_the_direction_of_writing_is_left_out(mark: str) -> None:
    assert without_directions(f"佐藤{mark}花子 👩\u200d💻") == "佐藤花子 👩\u200d💻"
