"""Tasks, as the API shows and takes them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from followup.contents.schemas import ChosenContentOut
from followup.domain.contents.choice import ChosenContent
from followup.domain.send_times.call_hours import CallHours
from followup.domain.sequences.terms import TaskOutcome
from followup.fields import ByWhom
from followup.tasks.record_schemas import TaskRecordIn, TaskRecordOut, record_out
from followup.tasks.repository import Task, TaskStatus
from followup.tasks.service import LONGEST_TASK_NOTE
from kakehashi_common.http.fields import Id, InstantWithinReach, JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody

Note = Annotated[str, Field(max_length=LONGEST_TASK_NOTE)]


class CompletionIn(ByWhom):
    """The outcome of a task."""

    outcome: TaskOutcome = TaskOutcome.DONE
    note: Note = Field(default="", description="In the person's own words")
    record: TaskRecordIn | None = Field(
        default=None, description="Of a weekly check, a study session or a hearing"
    )


class SnoozeIn(RequestBody):
    """The time until which a task is put off."""

    until: InstantWithinReach


class TaskDelegationIn(RequestBody):
    """The seller to whom a task is given."""

    to: Id


class CallSlotOut(ResponseBody):
    """One hour of a weekday in Japan."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday")
    hour: int = Field(ge=0, le=23, description="From its beginning to its end")


class CallHoursOut(ResponseBody):
    """The best hours to call people in this role, as known when the task was opened."""

    slots: list[CallSlotOut] = Field(
        description="The best first; empty: too few calls are known, or no hour is better"
    )
    why_ja: str
    why_en: str

    @classmethod
    def of(cls, found: CallHours) -> "CallHoursOut":
        """Show them."""
        return cls(
            slots=[CallSlotOut(weekday=each.weekday + 1, hour=each.hour) for each in found.slots],
            why_ja=found.text.ja,
            why_en=found.text.en,
        )


class TaskOut(ResponseBody):
    """A person's task."""

    task_id: str
    sequence_id: str
    step_id: str
    kind: str
    lead_id: str
    recipient_lead_id: str | None = Field(
        description="Whom its text is for: the contact, a colleague, the superior"
    )
    municipality_code: str | None
    owner: str | None
    moved_from: str | None = Field(description="Who is away, and had it before")
    title: str
    text: str
    fields: list[str]
    status: TaskStatus
    opened_at: JapanTime
    due_at: JapanTime
    snoozed_until: JapanTime | None
    outcome: TaskOutcome | None
    note: str | None
    record: TaskRecordOut | None
    closed_at: JapanTime | None
    closed_by: str | None
    reminded_at: JapanTime | None = Field(description="When somebody was reminded of it")
    contents: list[ChosenContentOut] = Field(
        description="What was chosen of the catalogue, and why: it stands in the text, or is "
        "offered to whoever does it"
    )
    call_hours: CallHoursOut | None = Field(
        default=None, description="Of a call to somebody whose role is known"
    )

    @classmethod
    def of(cls, task: Task, contents: Sequence[ChosenContent]) -> "TaskOut":
        """Show a task, with the content that was chosen for it."""
        shown = {name: getattr(task, name) for name in Task.__slots__}
        shown["record"] = None if task.record is None else record_out(task.record)
        shown["contents"] = [ChosenContentOut.of(each) for each in contents]
        hours = task.call_hours
        shown["call_hours"] = None if hours is None else CallHoursOut.of(hours)
        return cls(**shown)
