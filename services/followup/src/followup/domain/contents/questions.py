"""Answer a question by what stands in the catalogue, or say that nothing there answers it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from followup.domain.contents.choice import Occasion, compare, is_allowed
from followup.domain.contents.content import OFFERED_ONLY, Content, ContentKind

ANSWERING: Final = frozenset(ContentKind) - OFFERED_ONLY
"""Kinds that may be quoted to whoever asks."""
THRESHOLD: Final = 0.16
"""Below it nothing is quoted: a person's answer is better than a passage beside the point.
Between what the tests' questions must find and what they must not."""
MOST: Final = 3
LONGEST_QUESTION: Final = 1_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that answers a question."""

    content: Content
    similarity: float
    """From 0 to 1."""
    words: tuple[str, ...]
    """Words that the question and the passage have in common."""


def find_answers(
    question: str, contents: Iterable[Content], occasion: Occasion
) -> tuple[Found, ...]:
    """Return the passages that answer a question, the best first; empty if none does.

    By the same rules and the same likeness as content is chosen for texts. An entry that shares no
    word with the question answers nothing, however alike its phrases are.

    Args:
        question: as it was asked.
        contents: of the catalogue; those without a passage are passed over.
        occasion: who asks, as far as it is known.
    """
    allowed = [
        each
        for each in contents
        if each.passage is not None and is_allowed(each, ANSWERING, occasion)
    ]
    alike = compare(allowed, [question], titles_alone=True)
    found = [
        Found(content, each.similarity, tuple(each.words))
        for content, each in zip(allowed, alike, strict=True)
        if each.similarity >= THRESHOLD and each.words
    ]
    found.sort(key=lambda each: (-each.similarity, each.content.content_id))
    return tuple(found[:MOST])
