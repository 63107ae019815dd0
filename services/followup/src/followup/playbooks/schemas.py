"""Playbooks as the API shows them."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from followup.domain.contents.ahead import MOST_COMPARED, NotLookedFor, StepContent
from followup.domain.contents.choice import ChosenContent
from followup.domain.playbooks.ahead import PlannedStep
from followup.domain.preview import Entered, KeptOut
from followup.playbooks.previewing import PlaybookPreview
from followup.playbooks.repository import StoredPlaybook, StoredVersion
from kakehashi_common.contracts.events import Label
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import RequestBody, Whole
from kakehashi_common.http.yaml_files import LineProblem


class PlaybookOut(BaseModel):
    """A playbook's attributes, without its versions."""

    playbook_id: str = Field(examples=["welcome"])
    in_force: int | None = Field(
        default=None, description="The version that lets contacts in; absent: none does"
    )
    draft_by: str | None = Field(default=None, description="Absent: there is no draft")
    draft_at: JapanTime | None = None

    @classmethod
    def of(cls, stored: StoredPlaybook) -> "PlaybookOut":
        """Show a playbook."""
        return cls(
            playbook_id=stored.playbook_id,
            in_force=stored.in_force,
            draft_by=stored.draft_by,
            draft_at=stored.draft_at,
        )


class PlaybookWithDraftOut(PlaybookOut):
    """A playbook's attributes, with its draft."""

    draft: str | None = Field(default=None, description="YAML; absent: there is none")

    @classmethod
    def of(cls, stored: StoredPlaybook) -> "PlaybookWithDraftOut":
        """Show a playbook."""
        return cls(**PlaybookOut.of(stored).model_dump(), draft=stored.draft)


class PlaybooksOut(BaseModel):
    """All playbooks, by id."""

    items: list[PlaybookOut]


class PlaybookVersionOut(BaseModel):
    """One published version."""

    playbook_id: str
    version: int
    published_by: str
    published_at: JapanTime

    @classmethod
    def of(cls, stored: StoredVersion) -> "PlaybookVersionOut":
        """Show a version."""
        return cls(
            playbook_id=stored.playbook_id,
            version=stored.version,
            published_by=stored.published_by,
            published_at=stored.published_at,
        )


class PlaybookDocumentOut(PlaybookVersionOut):
    """One published version with what it says."""

    document: str = Field(description="YAML, as it was published")

    @classmethod
    def of(cls, stored: StoredVersion) -> "PlaybookDocumentOut":
        """Show a version."""
        return cls(**PlaybookVersionOut.of(stored).model_dump(), document=stored.document)


class PublishedOut(PlaybookVersionOut):
    """The result of publishing."""

    created: bool = Field(description="False when the playbook in force says the same already")


class PlaybookVersionsOut(BaseModel):
    """All versions of a playbook, the newest first."""

    items: list[PlaybookVersionOut]


class PlaybookDraftOut(BaseModel):
    """A draft was stored."""

    playbook_id: str
    state: Literal["fit_to_publish", "has_mistakes"]
    problems: list[LineProblem] = Field(description="What would be refused if it were published")
    more_problems: int = Field(description="How many there are beside those listed")


class RollBackIn(RequestBody):
    """The version to return to."""

    version: Whole = Field(ge=1, le=2**31 - 1, examples=[1])


class PreviewedContentOut(BaseModel):
    """Content that would have been chosen for a step's text, and why."""

    content_id: str
    title: str
    why: Label = Field(description="Which tags and words match")

    @classmethod
    def of(cls, chosen: ChosenContent) -> "PreviewedContentOut":
        """Show what would have been chosen."""
        its, why = chosen.content, chosen.why
        return cls(content_id=its.content_id, title=its.title, why=Label(ja=why.ja, en=why.en))


class PlannedStepOut(BaseModel):
    """A step, when it would have been carried out, and with which content."""

    step: str
    at: JapanTime
    contents: list[PreviewedContentOut] | None = Field(
        default=None,
        description="By the catalogue and the budget phase of now, the best first; empty: nothing "
        "suits; absent: the step's text wants none, or it was not looked for",
    )
    contents_not_looked_for: NotLookedFor | None = Field(
        default=None,
        description="recipient: a colleague or superior is decided when the text is made; limit: "
        f"this preview has compared {MOST_COMPARED:,} entries of the catalogue",
    )

    @classmethod
    def of(cls, planned: PlannedStep, content: StepContent) -> "PlannedStepOut":
        """Show a step."""
        if content is None or isinstance(content, NotLookedFor):
            return cls(step=planned.step, at=planned.at, contents_not_looked_for=content)
        shown = [PreviewedContentOut.of(each) for each in content]
        return cls(step=planned.step, at=planned.at, contents=shown)


class PreviewedOut(BaseModel):
    """The outcome for one lead on one occasion."""

    lead_id: str
    at: JapanTime
    because: str = Field(description="The reason or behaviour", examples=["first_contact"])
    steps: list[PlannedStepOut] = Field(description="As if nobody answered; none: kept out")
    kept_out: list[Label] = Field(description="Why the lead would not have entered")

    @classmethod
    def of(cls, found: Entered | KeptOut, contents: Sequence[StepContent]) -> "PreviewedOut":
        """Show the outcome of an arrival, with the content of its steps."""
        arrival = found.arrival
        return cls(
            lead_id=arrival.contact_id,
            at=arrival.at,
            because=arrival.reason or arrival.behaviour or "",
            steps=[PlannedStepOut.of(*each) for each in zip(found.steps, contents, strict=True)]
            if isinstance(found, Entered)
            else [],
            kept_out=[Label(ja=each.ja, en=each.en) for each in found.why]
            if isinstance(found, KeptOut)
            else [],
        )


class PlaybookPreviewOut(BaseModel):
    """The outcomes if a playbook had been in force. Nothing was stored or sent."""

    since: JapanTime
    entered: int
    kept_out: int
    complete: bool = Field(description="False: more came; only the newest were looked at")
    items: list[PreviewedOut] = Field(description="The oldest first")

    @classmethod
    def of(cls, preview: PlaybookPreview) -> "PlaybookPreviewOut":
        """Show a preview."""
        entered, contents = len(preview.contents), iter(preview.contents)
        return cls(
            since=preview.since,
            entered=entered,
            kept_out=len(preview.found) - entered,
            complete=preview.complete,
            items=[
                PreviewedOut.of(each, next(contents) if isinstance(each, Entered) else ())
                for each in preview.found
            ],
        )
