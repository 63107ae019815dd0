"""Sequences, as the API shows and takes them."""

from typing import Any

from pydantic import Field

from followup.contents.schemas import ChosenContentOut
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import Enter, Pause, React
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.narrative import sentence, summary, why_then, why_this_channel
from followup.domain.sequences.terms import PauseReason
from followup.fields import ByWhom
from followup.sequences.messages import SequenceStatus
from followup.sequences.repository import FACTS, StoredSequence
from followup.sequences.timelines import Timeline
from kakehashi_common.contracts.events import LeadId, MunicipalityCode, Slug
from kakehashi_common.fact_log import StoredFact
from kakehashi_common.http.fields import Id, InstantWithinReach, JapanTime
from kakehashi_common.http.requests import ResponseBody, Whole


class SequenceIn(ByWhom):
    """A contact's entry into a playbook."""

    lead_id: LeadId
    playbook_id: Id
    playbook_version: Whole | None = Field(
        default=None, ge=1, le=2**31 - 1, description="Absent: the one in force"
    )
    reason: Slug = Field(description="Why: the slug of a reason or behaviour")
    municipality_code: MunicipalityCode | None = None
    owner: Id = Field(description="The seller in whose name messages go")
    phase: Slug | None = Field(
        default=None, description="The budget phase that the municipality is in"
    )

    def enter(
        self, sequence_id: str, version: int, by: str, origin: str, playbook_name: str | None
    ) -> Enter:
        """Return the domain's command."""
        return Enter(
            sequence_id,
            self.playbook_id,
            version,
            self.lead_id,
            sequence_id,
            self.reason,
            by,
            self.municipality_code,
            self.owner,
            self.phase,
            playbook_name=playbook_name,
            origin=origin,
        )


class ReactionIn(ByWhom):
    """An occurrence that a person reports."""

    occurrence: OccurrenceKind
    at: InstantWithinReach
    name: Slug | None = Field(default=None, description="Of a behaviour or budget phase")

    def command(self, by: str, origin: str) -> React:
        """Return the domain's command."""
        return React(self.occurrence, self.at, by, self.name or "", origin=origin)


class PauseIn(ByWhom):
    """The time for which a sequence is paused, and the reason."""

    reason: PauseReason = PauseReason.PERSON
    until: InstantWithinReach | None = Field(
        default=None, description="Absent: until it is resumed"
    )

    def command(self, by: str, origin: str) -> Pause:
        """Return the domain's command."""
        return Pause(by, self.reason, self.until, origin=origin)


class SkipIn(ByWhom):
    """The step to skip: the present one, so that nobody skips one that they haven't seen."""

    step_id: Id


class SequenceStatusOut(ResponseBody):
    """The state of a sequence."""

    sequence_id: str
    version: int
    status: str
    step_id: str | None
    due_at: JapanTime | None
    ja: str

    @classmethod
    def of(cls, status: SequenceStatus) -> "SequenceStatusOut":
        """Show a status."""
        return cls(
            sequence_id=status.sequence_id,
            version=status.version,
            status=status.status,
            step_id=status.step_id,
            due_at=status.due_at,
            ja=status.ja,
        )


class SequenceOut(ResponseBody):
    """A sequence as last recorded."""

    sequence_id: str
    playbook_id: str
    playbook_version: int
    lead_id: str
    municipality_code: str | None
    reason: str
    owner: str | None
    version: int
    status: str
    step_id: str | None
    due_at: JapanTime | None
    why_then: str | None = Field(description="Why a mail goes then, in Japanese")
    why_this_channel: str | None = Field(
        description="Why the present step is a mail, a call or a letter, in Japanese, if its "
        "playbook leaves the channel open"
    )
    approval_id: str | None
    task_id: str | None
    sent: int
    paused: bool
    started_at: JapanTime
    ended_at: JapanTime | None
    end_reason: str | None
    updated_at: JapanTime
    ja: str

    @classmethod
    def of(cls, stored: StoredSequence, playbook: Playbook | None = None) -> "SequenceOut":
        """Show a sequence; its playbook names the steps in Japanese."""
        state = stored.state
        return cls(
            sequence_id=state.sequence_id,
            playbook_id=state.playbook_id,
            playbook_version=state.playbook_version,
            lead_id=state.lead_id,
            municipality_code=state.municipality_code,
            reason=state.reason,
            owner=state.owner,
            version=state.version,
            status=state.status.value,
            step_id=state.step_id,
            due_at=state.due_at,
            why_then=why_then(state),
            why_this_channel=why_this_channel(state),
            approval_id=None if state.ended else state.approval_id,
            task_id=None if state.ended else state.task_id,
            sent=state.sent,
            paused=state.pause is not None,
            started_at=state.started_at,
            ended_at=state.ended_at,
            end_reason=state.end_reason,
            updated_at=stored.updated_at,
            ja=summary(state, playbook),
        )


class SequenceFactOut(ResponseBody):
    """Something that has happened to a sequence."""

    version: int
    position: int
    kind: str
    at: JapanTime
    ja: str
    details: dict[str, Any]

    @classmethod
    def of(cls, stored: StoredFact[Fact], playbook: Playbook | None = None) -> "SequenceFactOut":
        """Show a fact; the sequence's playbook names the steps in Japanese."""
        return cls(
            version=stored.version,
            position=stored.position,
            kind=stored.fact.kind,
            at=stored.fact.at,
            ja=sentence(stored.fact, playbook),
            details=FACTS.details(stored.fact),
        )


class HappenedOut(ResponseBody):
    """Something that has happened."""

    kind: str
    at: JapanTime
    ja: str


class AheadOut(ResponseBody):
    """A step ahead, as an estimate."""

    step_id: str
    earliest_at: JapanTime = Field(description="Approval, people and the send policy may delay it")
    ja: str


class StepContentOut(ChosenContentOut):
    """Content that was chosen for the text of a step."""

    step_id: str
    chosen_at: JapanTime


class TimelineOut(ResponseBody):
    """The history of a sequence, and its remaining steps."""

    sequence_id: str
    version: int
    status: str
    as_of: JapanTime = Field(description="From when on the plan is estimated")
    ja: str = Field(description="Where it stands")
    past: list[HappenedOut] = Field(
        description="In order, the newest 100; `…/history` has all, with details"
    )
    planned: list[AheadOut] = Field(
        description="An estimate: as if nobody reacted, waits for a budget phase or a behaviour "
        "lasted as long as they may, people did at once what they are asked to do, a pause without "
        "an end were over now, and a step with several channels went by the one that would be "
        "chosen now. The present step first, if it is still to be done; at most "
        "100 steps, of the next 550 days. None: it has ended, or only waits for its end"
    )

    contents: list[StepContentOut] = Field(
        description="What was chosen of the catalogue for the texts of its steps, in order, and why"
    )

    @classmethod
    def of(cls, timeline: Timeline) -> "TimelineOut":
        """Show a timeline."""
        state = timeline.state
        return cls(
            sequence_id=state.sequence_id,
            version=state.version,
            status=state.status.value,
            as_of=timeline.as_of,
            ja=summary(state, timeline.playbook),
            past=[
                HappenedOut(kind=fact.kind, at=fact.at, ja=sentence(fact, timeline.playbook))
                for fact in state.history
            ],
            planned=[
                AheadOut(step_id=step.step, earliest_at=step.at, ja=ja)
                for step, ja in timeline.planned
            ],
            contents=[
                StepContentOut(
                    step_id=step.step_id,
                    chosen_at=step.chosen_at,
                    **ChosenContentOut.of(each).model_dump(),
                )
                for step in timeline.contents
                for each in step.chosen
            ],
        )
