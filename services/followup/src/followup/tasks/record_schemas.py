"""Records of tasks, as the API takes and shows them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from followup.domain.playbooks.audience import Role
from followup.domain.task_records import (
    Attendance,
    Hearing,
    MeasuredValue,
    Problem,
    StudySession,
    TaskRecord,
    WeeklyCheck,
)
from kakehashi_common.http.fields import DayWithinReach
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

Recorded = Literal["poc_check", "study_session", "hearing_form"]
Words = Annotated[str, Field(max_length=2_000)]
Topic = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$",
        description="A number as a text, so that it stays exact",
        examples=["42.5"],
    ),
]
MOST: Final = 20


class MeasuredValueIn(RequestBody):
    """The value of a metric in the week."""

    metric: Topic = Field(description="One of the task's `fields`", examples=["作業時間"])
    value: Number


class WeeklyCheckIn(RequestBody):
    """The values of one week; leave out what was not measured."""

    kind: Literal["poc_check"]
    values: tuple[MeasuredValueIn, ...] = Field(max_length=MOST)

    def record(self) -> WeeklyCheck:
        """Return the record."""
        values = (MeasuredValue(each.metric, Decimal(each.value)) for each in self.values)
        return WeeklyCheck(tuple(values))


class AttendanceIn(RequestBody):
    """The number of attendees of one rank; no names."""

    role: Role
    people: Whole = Field(ge=1, le=1_000)


class StudySessionIn(RequestBody):
    """A study session that was held."""

    kind: Literal["study_session"]
    held_on: DayWithinReach
    topic: Topic
    attendees: tuple[AttendanceIn, ...] = Field(max_length=len(Role))
    next: Words = Field(default="", description="The next topic, or what is done next")

    def record(self) -> StudySession:
        """Return the record."""
        attendees = tuple(Attendance(each.role, each.people) for each in self.attendees)
        return StudySession(self.held_on, self.topic, attendees, self.next)


class ProblemIn(RequestBody):
    """A problem, in the words of those who have it."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    priority: Whole = Field(ge=1, le=3, description="From 1, the most urgent")


class HearingIn(RequestBody):
    """A hearing along the form."""

    kind: Literal["hearing_form"]
    past: Words = Field(description="How it came to be as it is")
    present: Words = Field(description="How the work goes today")
    future: Words = Field(description="How it should go")
    problems: tuple[ProblemIn, ...] = Field(max_length=MOST)

    def record(self) -> Hearing:
        """Return the record, the most urgent problem first."""
        problems = sorted(self.problems, key=lambda each: each.priority)
        return Hearing(
            self.past,
            self.present,
            self.future,
            tuple(Problem(each.text, each.priority) for each in problems),
        )


TaskRecordIn = Annotated[WeeklyCheckIn | StudySessionIn | HearingIn, Field(discriminator="kind")]


class MeasuredValueOut(ResponseBody):
    """The value of a metric in the week."""

    metric: str
    value: str


class WeeklyCheckOut(ResponseBody):
    """The values of one week."""

    kind: Literal["poc_check"]
    values: list[MeasuredValueOut]


class AttendanceOut(ResponseBody):
    """The number of attendees of one rank."""

    role: Role
    people: int


class StudySessionOut(ResponseBody):
    """A study session that was held."""

    kind: Literal["study_session"]
    held_on: date
    topic: str
    attendees: list[AttendanceOut]
    next: str


class ProblemOut(ResponseBody):
    """A problem, in the words of those who have it."""

    text: str
    priority: int


class HearingOut(ResponseBody):
    """A hearing along the form, the most urgent problem first."""

    kind: Literal["hearing_form"]
    past: str
    present: str
    future: str
    problems: list[ProblemOut]


TaskRecordOut = Annotated[
    WeeklyCheckOut | StudySessionOut | HearingOut, Field(discriminator="kind")
]


def record_out(record: TaskRecord) -> WeeklyCheckOut | StudySessionOut | HearingOut:
    """Show a record."""
    match record:
        case WeeklyCheck():
            return WeeklyCheckOut(
                kind=record.kind,
                values=[
                    MeasuredValueOut(metric=each.metric, value=str(each.value))
                    for each in record.values
                ],
            )
        case StudySession():
            return StudySessionOut(
                kind=record.kind,
                held_on=record.held_on,
                topic=record.topic,
                attendees=[
                    AttendanceOut(role=each.role, people=each.people) for each in record.attendees
                ],
                next=record.next,
            )
        case Hearing():
            return HearingOut(
                kind=record.kind,
                past=record.past,
                present=record.present,
                future=record.future,
                problems=[
                    ProblemOut(text=each.text, priority=each.priority) for each in record.problems
                ],
            )
