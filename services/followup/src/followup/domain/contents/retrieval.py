"""Similarity of short Japanese texts: cosine of tf-idf over pairs of characters.

Japanese has no spaces, so pairs of characters stand for words, which need no dictionary; Latin
words count whole. Pairs of hiragana alone are grammar and say nothing, nor do numbers. Method:
Manning, Raghavan, Schütze, Introduction to Information Retrieval, chapter 6.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import log, sqrt
from typing import Final

_RUN: Final = re.compile(r"[0-9a-z]+|[^\W_0-9a-z]+")
_GRAMMAR: Final = re.compile("[ぁ-ゖー]+")
_AROUND: Final = re.compile("^[ぁ-ゖ]+|[ぁ-ゖ]+$")
_SENTENCE_END: Final = re.compile(r"[。！？!?\n]+")
_SHORTEST: Final = 2

Vector = Mapping[str, float]


def sentences(text: str) -> list[str]:
    """Return the sentences and lines of a text."""
    return [part for each in _SENTENCE_END.split(text) if (part := each.strip())]


class Retrieval:
    """Compares queries with texts; the more texts have a pair of characters, the less it counts."""

    def __init__(self, texts: Sequence[str]) -> None:
        counted = [Counter(_terms(each)) for each in texts]
        within = Counter(term for each in counted for term in each)
        self._weights = {term: log(1 + len(texts) / number) for term, number in within.items()}
        self._unseen = log(1 + len(texts))
        self._vectors = [self._vector(each) for each in counted]

    def similarities(self, query: str) -> list[float]:
        """Return the similarity of the query to each text, from 0 to 1."""
        if not self._vectors:
            return []
        asked = self._vector(Counter(_terms(query)))
        return [
            sum(weight * vector.get(term, 0.0) for term, weight in asked.items())
            for vector in self._vectors
        ]

    def _vector(self, counts: Mapping[str, int]) -> Vector:
        """Of length 1, or empty."""
        weights = {
            term: (1 + log(number)) * self._weights.get(term, self._unseen)
            for term, number in counts.items()
        }
        length = sqrt(sum(each * each for each in weights.values()))
        return {term: each / length for term, each in weights.items()}


def common_words(query: str, text: str) -> list[str]:
    """Return the words that a query and a text have in common, the longest first."""
    found = {word for run in _runs(query) for word in _shared(run, list(_runs(text)))}
    return sorted(found, key=lambda each: (-len(each), each))


def _shared(run: str, others: Sequence[str]) -> Iterator[str]:
    if run.isascii():
        if run in others and len(run) >= _SHORTEST and not run.isdecimal():
            yield run
        return
    start = 0
    while start < len(run):
        end = start
        while end < len(run) and any(run[start : end + 1] in each for each in others):
            end += 1
        word = _AROUND.sub("", run[start:end])
        if len(word) >= _SHORTEST:
            yield word
        start = max(end, start + 1)


def _terms(text: str) -> Iterator[str]:
    for run in _runs(text):
        if run.isascii():
            if not run.isdecimal():
                yield run
        else:
            yield from _telling(first + second for first, second in pairwise(run))


def _telling(pairs: Iterable[str]) -> Iterator[str]:
    return (each for each in pairs if not _GRAMMAR.fullmatch(each))


def _runs(text: str) -> Iterator[str]:
    """The unbroken runs of letters, wide and narrow, capital and small alike (NFKC)."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return (each[0] for each in _RUN.finditer(plain))
