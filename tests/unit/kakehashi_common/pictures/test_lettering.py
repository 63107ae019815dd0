from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.pictures.lettering import shortened, width, wrapped
from kakehashi_common.pictures.png import png

JAPANESE_OR_NOT = st.text(st.sampled_from("予算要求、。ab c–12（）"), max_size=60)


@pytest.mark.parametrize("weight", [400, 700])
@pytest.mark.parametrize(
    "text",
    [
        "予算要求締切 10/30",
        "Supplementary request deadline (session 3)",
        "WWW mmm @@@ 100%",
        "7/1〜9/30",
        "1 Jul – 30 Sep",
        "「桐生市」・ﾊﾝｶｸ…→←",
        " !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_text_is_no_wider_than_measured(text: str, weight: int) -> None:
    def beyond(shown: str) -> bytes:
        """Return the picture right of the measured width."""
        left = width(text, 20) + 1
        return png(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40" '
            f'viewBox="{left} 0 200 40" font-family="Noto Sans CJK JP" font-size="20">'
            f'<text x="0" y="25" font-weight="{weight}" xml:space="preserve">{shown}</text></svg>'
        )

    assert beyond(escape(text)) == beyond("")


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("予算要求", 48, "予算要求"),
        ("予算要求締切", 48, "予算要…"),
        ("Request deadline", 70, "Request…"),
    ],
)
def test_what_is_too_wide_ends_with_an_ellipsis(text: str, room: float, expected: str) -> None:
    assert shortened(text, 12, room) == expected


@given(text=JAPANESE_OR_NOT, room=st.floats(60, 300))
def test_lines_fit_and_nothing_is_lost(text: str, room: float) -> None:
    lines = wrapped(text, 12, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        # What stays together may be longer: punctuation never begins a line.
        assert width(line.rstrip("、。）"), 12) <= room or " " not in line


def test_no_line_begins_with_punctuation() -> None:
    assert wrapped("予算要求、締切。", 12, 72) == ["予算要求、", "締切。"]
