"""Texts that a person approves: the passages that they write, and how far they change the rest."""

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher
from typing import Final

from followup.domain.playbooks.templates import FillIn
from kakehashi_common.domain.checks import require_name
from kakehashi_common.domain.errors import DomainError

LONGEST_PASSAGE: Final = 4_000
"""Characters."""

_PHRASE: Final = re.compile(r"[^、。\n]*[、。\n]?")


def placeholder(fill_in: FillIn) -> str:
    """Return what a text shows where a passage is to be written."""
    return f"【{fill_in.label}】"


def with_passages(text: str, fill_ins: Iterable[FillIn], passages: Mapping[str, str]) -> str:
    """Return a text with the passages that are written so far."""
    for each in fill_ins:
        if each.name in passages:
            text = text.replace(placeholder(each), passages[each.name])
    return text


def check_passages(
    fill_ins: Collection[FillIn], passages: Mapping[str, str], *, subject: str
) -> None:
    """Refuse passages that belong nowhere, or that can't stand where they belong.

    Raises:
        DomainError: a name is unknown (``unknown_fill_in``), a passage is empty (``missing``), too
            long (``too_long``) or no text (``not_text``), or one of the subject has several lines
            (``line_break``). The field is ``fill_ins/<name>``.
    """
    known = {each.name: each for each in fill_ins}
    for name, passage in passages.items():
        field = f"fill_ins/{name}"
        if name not in known:
            names = ", ".join(known) or "none"
            raise DomainError(
                f"this text has no fill-in {name}; it has {names}",
                field=field,
                code="unknown_fill_in",
            )
        require_name(passage, field, longest=LONGEST_PASSAGE)
        if placeholder(known[name]) in subject and len(passage.splitlines()) > 1:
            raise DomainError(
                f"{name} stands in the subject: write it in one line",
                field=field,
                code="line_break",
            )


def changed_share(original: str, edited: str) -> float:
    """Return how much of a text was changed: 0 is the same, 1 has nothing left of it.

    Phrases are compared, from one 、 or 。 to the next, and weighted by their length: who changes a
    word rewrites its phrase.
    """
    before, after = _PHRASE.findall(original), _PHRASE.findall(edited)
    blocks = SequenceMatcher(None, before, after).get_matching_blocks()
    kept = sum(len(phrase) for each in blocks for phrase in before[each.a : each.a + each.size])
    whole = len(original) + len(edited)
    return round(1 - 2 * kept / whole, 4) if whole else 0.0
