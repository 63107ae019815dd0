"""Content, as the API shows and takes it."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from followup.contents.repository import StoredContent
from followup.domain.contents.choice import ChosenContent
from followup.domain.contents.content import LONGEST_PASSAGE, TAGS, Content, ContentKind, as_lists
from followup.domain.playbooks.audience import Role, SizeBand
from kakehashi_common.contracts.events import Label, MunicipalityCode, Slug
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.checks import LONGEST_NAME, LONGEST_NOTE
from kakehashi_common.http.fields import DayWithinReach, JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody
from kakehashi_common.settings import HttpUrl

Topic = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class ContentIn(RequestBody):
    """Something that is worth sending. A list that is left out or empty says: for any."""

    kind: ContentKind
    title: str = Field(min_length=1, max_length=LONGEST_NOTE, description="In one line")
    source: str = Field(
        min_length=1,
        max_length=LONGEST_NOTE,
        description="Who published it, where and when, in one line: it is quoted with it",
        examples=["当社導入事例集（2026年9月版）12頁"],
    )
    url: Annotated[HttpUrl, Field(max_length=1_000)] | None = None
    passage: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_PASSAGE,
        description="What can be quoted of it; a url or a passage there must be",
    )
    topics: tuple[Topic, ...] = Field(
        default=(), max_length=50, description="Words by which it is found, beside the title"
    )
    roles: tuple[Role, ...] = Field(default=(), max_length=len(Role))
    size_bands: tuple[SizeBand, ...] = Field(default=(), max_length=len(SizeBand))
    stages: tuple[BudgetPhase, ...] = Field(default=(), max_length=len(BudgetPhase))
    policy_areas: tuple[Slug, ...] = Field(default=(), max_length=50)
    municipality_code: MunicipalityCode | None = Field(
        default=None,
        description="The only one to whose people it may be sent; absent: to anybody",
    )
    valid_until: DayWithinReach | None = Field(
        default=None, description="The last day in Japan on which it may be sent"
    )
    active: Flag = Field(default=True, description="False: it is not chosen any more")

    def content(self, content_id: str) -> Content:
        """Return the domain's value."""
        said: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        tags = {name: frozenset(said[name]) for name in TAGS}
        return Content(content_id=content_id, **said | tags)


class ContentOut(ResponseBody):
    """An entry of the catalogue."""

    content_id: str
    kind: ContentKind
    title: str
    source: str
    url: str | None
    passage: str | None
    topics: list[str]
    roles: list[Role]
    size_bands: list[SizeBand]
    stages: list[BudgetPhase]
    policy_areas: list[str]
    municipality_code: str | None
    valid_until: date | None
    active: bool
    entered_by: str
    entered_at: JapanTime

    @classmethod
    def of(cls, stored: StoredContent) -> "ContentOut":
        """Show an entry."""
        return cls(
            **as_lists(stored.content),
            entered_by=stored.entered_by,
            entered_at=stored.entered_at,
        )


class ContentsImportOut(ResponseBody):
    """The result of an import. Entries that the file doesn't name stay as they are."""

    dry_run: bool = Field(description="True: nothing was stored")
    created: list[str]
    changed: list[str]
    unchanged: list[str]


class ChosenContentOut(ResponseBody):
    """Content that was chosen for a text, as it was then."""

    content_id: str
    kind: ContentKind
    title: str
    url: str | None
    passage: str | None
    source: str
    why: Label = Field(description="Which tags and words matched")

    @classmethod
    def of(cls, chosen: ChosenContent) -> "ChosenContentOut":
        """Show what was chosen."""
        its, why = chosen.content, chosen.why
        return cls(
            content_id=its.content_id,
            kind=its.kind,
            title=its.title,
            url=its.url,
            passage=its.passage,
            source=its.source,
            why=Label(ja=why.ja, en=why.en),
        )
