"""Estimate the width of text without a font.

Browsers draw the pictures with whatever font they have, so a width is an estimate on the safe
side: for each character the wider of Noto Sans CJK JP Bold and Arial.
"""

import unicodedata
from functools import partial
from typing import Final

from kakehashi_common.line_breaks import folded

_ASCII: Final = (
    # From U+0020 to U+007E, in thousandths of the font size.
    *(278, 370, 574, 590, 590, 963, 740, 325, 378, 378, 507, 590, 325, 370, 325, 387),
    *(590, 590, 590, 590, 590, 590, 590, 590, 590, 590, 325, 325, 590, 590, 590, 556),
    *(1015, 667, 681, 722, 722, 667, 611, 778, 757, 330, 568, 686, 578, 853, 749, 778),
    *(667, 778, 722, 667, 625, 748, 667, 944, 667, 667, 613, 378, 387, 378, 590, 567),
    *(626, 591, 644, 527, 644, 581, 372, 597, 640, 304, 306, 604, 315, 964, 641, 626),
    *(644, 644, 436, 500, 421, 637, 576, 863, 562, 574, 511, 378, 296, 378, 590),
)
_FIRST_ASCII = 0x20
_NARROW: Final = 700
"""Other letters that are not full-width, such as ``é`` and ``–``."""
_FULL: Final = 1000
_ELLIPSIS = "…"


def width(text: str, size: float) -> float:
    """The width of one line of ``text`` in a font of ``size``, rather too much than too little."""
    return sum(_thousandths(character) for character in text) * size / 1000


def shortened(text: str, size: float, room: float) -> str:
    """``text``, cut with an ellipsis where it is wider than ``room``."""
    if width(text, size) <= room:
        return text
    while text and width(text + _ELLIPSIS, size) > room:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS


def wrapped(text: str, size: float, room: float) -> list[str]:
    """``text`` in lines no wider than ``room``: broken between words, in Japanese phrases."""
    return folded(text, room, width=partial(width, size=size)) if text.strip() else []


def _thousandths(character: str) -> int:
    place = ord(character) - _FIRST_ASCII
    if 0 <= place < len(_ASCII):
        return _ASCII[place]
    wide = unicodedata.east_asian_width(character) in ("W", "F", "A")
    return _FULL if wide else _NARROW
