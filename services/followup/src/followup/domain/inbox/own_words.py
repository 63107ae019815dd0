"""Take out of a mail the sentences of our own mails that it repeats without quotation marks."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_END: Final = re.compile(r"[。！？!?\n]|\{[{%#][^{}]*+[}%#]\}")
"""Ends of sentences, and what a template fills in."""
_SHORTEST: Final = 10
"""Letters of a sentence that nobody writes by chance."""


def without_ours(text: str, ours: Iterable[str]) -> str:
    """Return a text without the sentences of ours that it repeats whole.

    Only letters and digits are compared, so that quotation marks and breaks of lines within a
    sentence don't matter. Part of a sentence stays: it may be the person's own.

    Args:
        text: that somebody wrote.
        ours: texts or templates of the mails that it may quote.
    """
    signs = unicodedata.normalize("NFKC", text)
    places = [at for at, sign in enumerate(signs) if sign.isalnum()]
    letters = "".join(signs[at] for at in places)
    quoted = bytearray(len(signs))
    for sentence in _sentences(ours):
        found = letters.find(sentence)
        while found >= 0:
            end = found + len(sentence)
            quoted[places[found] : places[end - 1] + 1] = b"\1" * (
                places[end - 1] + 1 - places[found]
            )
            found = letters.find(sentence, end)
    if not any(quoted):
        return text
    # What stood before and behind a sentence of ours isn't one sentence.
    return "".join(
        "" if marked and quoted[at - 1] and at else "\n\n" if marked else sign
        for at, (sign, marked) in enumerate(zip(signs, quoted, strict=True))
    ).strip()


def _sentences(texts: Iterable[str]) -> set[str]:
    pieces = (piece for text in texts for piece in _END.split(text))
    normal = (unicodedata.normalize("NFKC", piece) for piece in pieces)
    letters = ("".join(filter(str.isalnum, piece)) for piece in normal)
    return {each for each in letters if len(each) >= _SHORTEST}
