"""Choose content for an occasion: rules first, then similarity; with the reason."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from followup.domain.contents.content import Content, ContentKind
from followup.domain.contents.retrieval import Retrieval, common_words, sentences
from followup.domain.playbooks.audience import Role, SizeBand
from followup.domain.playbooks.templates import ContentWanted
from kakehashi_common.domain.japanese_names import area_name
from kakehashi_common.domain.texts import Text

THRESHOLD: Final = 0.2
"""Below it nothing is chosen: no material is better than irrelevant material."""
OFFERED: Final = 3
"""The most that are offered to a person."""

_SAME_POLICY_AREA: Final = 0.3
_SAME_STAGE: Final = 0.2
"""Each is enough by itself, as about every fifth pair of characters in common is."""
_MOST_WORDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The recipient and subject for which content is chosen; ``None``: not known."""

    today: date
    """In Japan."""
    role: Role | None = None
    size_band: SizeBand | None = None
    municipality_code: str | None = None
    stage: str | None = None
    """The budget phase that the municipality is in."""
    policy_area: str | None = None
    """Of the reason, a slug."""
    about: tuple[str, ...] = ()
    """Texts about the occasion: the reason's, the name of the policy area."""
    sent_before: frozenset[str] = frozenset()
    """The ids of what this person has got in a text, or is about to get."""


@dataclass(frozen=True, slots=True)
class ChosenContent:
    """A chosen entry, as it was then, with the reason."""

    content: Content
    why: Text
    offered: bool = False
    """Whether it is only offered to the person who works on the text."""


def choose(
    wanted: ContentWanted, contents: Iterable[Content], occasion: Occasion
) -> tuple[ChosenContent, ...]:
    """Return the best matches first; none if all are irrelevant.

    The rules: it is of a wanted kind, active and valid, was not sent to this person before, and is
    for their role, size and municipality; where these aren't known, only what is for any. What is
    for other stages or policy areas than the occasion's is left out, too, where these are known.

    What is left is ordered by how alike its title, topics and passage are to what the occasion and
    the playbook say, and by whether policy area and stage are the same. Of equals the one with the
    lesser id comes first.

    Args:
        wanted: by the step's template.
        contents: of the catalogue.
        occasion: for whom and about what.
    """
    allowed = [each for each in contents if is_allowed(each, wanted.kinds, occasion)]
    alike = compare(allowed, (*occasion.about, wanted.about))
    found = [
        _Candidate(content, each, _same(content, occasion))
        for content, each in zip(allowed, alike, strict=True)
    ]
    good = sorted((each for each in found if each.score >= THRESHOLD), key=_Candidate.order)
    return tuple(
        ChosenContent(each.content, each.why(occasion), wanted.offered)
        for each in good[: OFFERED if wanted.offered else 1]
    )


@dataclass(frozen=True, slots=True, order=True)
class Alike:
    """The two sentences that are most alike."""

    similarity: float = 0.0
    query: str = ""
    part: str = ""

    @property
    def words(self) -> list[str]:
        """Return the longest words that they have in common."""
        return common_words(self.query, self.part)[:_MOST_WORDS]


def compare(
    contents: Sequence[Content], texts: Iterable[str], *, titles_alone: bool = False
) -> list[Alike]:
    """Return how alike each content is to texts, sentence by sentence.

    Compared are its title with its topics, and each sentence of its passage; the title alone, too,
    where that is said: it may be a question like the one that is asked.
    """
    parts = [
        (index, part)
        for index, content in enumerate(contents)
        for part in (
            *((content.title,) if titles_alone else ()),
            " ".join((content.title, *content.topics)),
            *sentences(content.passage or ""),
        )
    ]
    retrieval = Retrieval([part for _, part in parts])
    alike = [Alike() for _ in contents]
    for query in (each for text in texts for each in sentences(text)):
        for (index, part), similarity in zip(parts, retrieval.similarities(query), strict=True):
            alike[index] = max(alike[index], Alike(round(similarity, 4), query, part))
    return alike


_POLICY_AREA: Final = "policy_area"
_STAGE: Final = "stage"
_WEIGHTS: Final = {_POLICY_AREA: _SAME_POLICY_AREA, _STAGE: _SAME_STAGE}


@dataclass(frozen=True, slots=True)
class _Candidate:
    content: Content
    alike: Alike
    same: Sequence[str]

    @property
    def score(self) -> float:
        return self.alike.similarity + sum(_WEIGHTS.get(each, 0.0) for each in self.same)

    def order(self) -> tuple[float, int, str]:
        return -self.score, -len(self.same), self.content.content_id

    def why(self, occasion: Occasion) -> Text:
        area = occasion.policy_area or ""
        names = {
            _POLICY_AREA: Text(f"政策分野（{area_name(area)}）", f"the policy area ({area})"),
            _STAGE: Text("予算の段階", "the budget phase"),
            "role": Text("役割", "the role"),
            "size_band": Text("人口規模", "the size band"),
            "municipality": Text("団体", "the municipality"),
        }
        ja, en = [], []
        if self.same:
            ja.append("・".join(names[each].ja for each in self.same) + "が一致")
            verb = "matches" if len(self.same) == 1 else "match"
            en.append(f"{', '.join(names[each].en for each in self.same)} {verb}")
        words = self.alike.words
        if words:
            ja.append("".join(f"「{each}」" for each in words) + "が共通")
            en.append(f"{', '.join(words)} in common")
        return Text(
            f"この資料を選んだ理由：{'、'.join(ja)}。",
            f"Why this content: {'; '.join(en)}.",
        )


def is_allowed(content: Content, kinds: Collection[ContentKind], occasion: Occasion) -> bool:
    """Whether the rules let an entry be chosen on an occasion."""
    return (
        content.kind in kinds
        and content.active
        and (content.valid_until is None or content.valid_until >= occasion.today)
        and content.content_id not in occasion.sent_before
        and content.municipality_code in {None, occasion.municipality_code}
        and (not content.roles or occasion.role in content.roles)
        and (not content.size_bands or occasion.size_band in content.size_bands)
        and not _is_other(occasion.stage, content.stages)
        and not _is_other(occasion.policy_area, content.policy_areas)
    )


def _is_other(known: str | None, meant: frozenset[str]) -> bool:
    return known is not None and bool(meant) and known not in meant


def _same(content: Content, occasion: Occasion) -> tuple[str, ...]:
    """Return in what a content is for just this occasion."""
    same = {
        _POLICY_AREA: occasion.policy_area in content.policy_areas,
        _STAGE: occasion.stage in content.stages,
        "role": occasion.role in content.roles,
        "size_band": occasion.size_band in content.size_bands,
        "municipality": content.municipality_code is not None,
    }
    return tuple(name for name, holds in same.items() if holds)
