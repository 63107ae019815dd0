"""Content: an entry of the catalogue, with its purpose and recipients."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from followup.domain.playbooks.audience import Role, SizeBand
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.checks import LONGEST_NOTE, require_name
from kakehashi_common.domain.errors import DomainError, require_text

LONGEST_PASSAGE: Final = 2_000
"""Characters: about a page, which a mail can still quote."""


TAGS: Final = ("roles", "size_bands", "stages", "policy_areas")
"""The sets of an entry: for whom, and in which stages and areas, it is of use."""


class ContentKind(StrEnum):
    """The kind of an entry."""

    CASE = "case"
    """導入事例."""
    COMPARISON = "comparison"
    """比較資料."""
    SPECIFICATION = "specification"
    """仕様書・要件の例."""
    GUIDE = "guide"
    """手引き."""
    SOLUTION = "solution"
    """Our proposal for a policy (自社の提案)."""
    STUDY_SESSION = "study_session"
    """勉強会・セミナー."""
    NEWS = "news"
    POLICY = "policy"
    """国の計画・方針・通知."""
    LAW = "law"
    GRANT = "grant"
    """補助金・交付金."""
    MINUTES = "minutes"
    """会議録."""
    FAQ = "faq"
    """よくある質問: the title is the question, the passage the answer."""
    OWN_ANSWER = "own_answer"
    """Our draft of an answer to an earlier question in a council."""


OFFERED_ONLY: Final = frozenset({ContentKind.MINUTES, ContentKind.OWN_ANSWER})
"""Kinds that only a person works into a text: no text quotes them by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One entry. An empty set means any."""

    content_id: str
    kind: ContentKind
    title: str
    source: str
    """The publisher, place and date of publication: quoted with it."""
    url: str | None = None
    passage: str | None = None
    """Of what can be quoted; ``None``: it is only linked to."""
    topics: tuple[str, ...] = ()
    """Words that people would look for it by."""
    roles: frozenset[Role] = frozenset()
    size_bands: frozenset[SizeBand] = frozenset()
    stages: frozenset[BudgetPhase] = frozenset()
    """The budget phases in which it is of use."""
    policy_areas: frozenset[str] = frozenset()
    """Slugs."""
    municipality_code: str | None = None
    """The only one to whose people it may be sent; ``None``: to anybody."""
    valid_until: date | None = None
    """The last day in Japan on which it may be sent."""
    active: bool = True


def as_lists(content: Content) -> dict[str, Any]:
    """Return the fields of an entry, its sets as sorted lists."""
    fields = {name: getattr(content, name) for name in Content.__slots__}
    return fields | {name: sorted(fields[name]) for name in TAGS} | {"topics": list(content.topics)}


def check_content(content: Content) -> Content:
    """Return ``content`` if it is valid for the catalogue and for a mail.

    Raises:
        DomainError: the title or source is empty or too long (``missing``, ``too_long``) or has
            several lines (``line_break``), a text holds what no text may hold (``not_text``), or
            there is neither a URL nor a passage (``nothing_to_show``).
    """
    for field, value in (("title", content.title), ("source", content.source)):
        require_name(value, field, longest=LONGEST_NOTE)
        if len(value.splitlines()) > 1:
            raise DomainError(
                f"{field} holds a line break: write it in one line", field=field, code="line_break"
            )
    if content.passage is not None:
        require_name(content.passage, "passage", longest=LONGEST_PASSAGE)
    if content.kind is ContentKind.FAQ and content.passage is None:
        raise DomainError(
            "an entry of the FAQ has its answer in passage", field="passage", code="missing"
        )
    if content.url is None and content.passage is None:
        raise DomainError(
            "give a url to link to, or a passage to quote", field="url", code="nothing_to_show"
        )
    for position, topic in enumerate(content.topics):
        require_text(topic, f"topics/{position}")
    return content
