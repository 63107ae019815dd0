"""A person's record of a task: a weekly check, a study session, a hearing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from followup.domain.playbooks.audience import Role
from kakehashi_common.domain.errors import DomainError

POC_CHECK: Final = "poc_check"
"""The kind of the task of a weekly check."""


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    """The value of a metric in one week."""

    metric: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class WeeklyCheck:
    """The values of one week; a metric without a value was not measured."""

    values: tuple[MeasuredValue, ...]
    kind: Literal["poc_check"] = "poc_check"


@dataclass(frozen=True, slots=True)
class Attendance:
    """The number of attendees of one rank; nothing else about persons is recorded."""

    role: Role
    people: int


@dataclass(frozen=True, slots=True)
class StudySession:
    """A study session (勉強会) that was held."""

    held_on: date
    topic: str
    attendees: tuple[Attendance, ...]
    next: str
    """The next topic or action; empty: nothing was agreed."""
    kind: Literal["study_session"] = "study_session"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem, in the words of those who have it."""

    text: str
    priority: int
    """From 1, the most urgent, to 3."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """A hearing along the form: how it was, how it is, how it should be, and what is in the way."""

    past: str
    present: str
    future: str
    problems: tuple[Problem, ...]
    kind: Literal["hearing_form"] = "hearing_form"

    @property
    def by_priority(self) -> list[Problem]:
        """The problems, the most urgent first."""
        return sorted(self.problems, key=lambda each: each.priority)


TaskRecord = WeeklyCheck | StudySession | Hearing


def check_record(record: TaskRecord, kind: str, fields: tuple[str, ...]) -> None:
    """Refuse a record that does not belong to a task.

    Args:
        record: the record.
        kind: of the task.
        fields: of the task; of a weekly check its metrics.

    Raises:
        DomainError: it is of another kind of task (``record_of_another_task``), or a weekly check
            names a metric that is not asked for (``unknown_metric``) or twice (``metric_twice``).
    """
    if record.kind != kind:
        raise DomainError(
            f"the task is a {kind}, the record is of a {record.kind}",
            field="record",
            code="record_of_another_task",
        )
    if not isinstance(record, WeeklyCheck):
        return
    metrics = [each.metric for each in record.values]
    for metric in metrics:
        if metric not in fields:
            raise DomainError(
                f"{metric!r} is not measured here: name one of {', '.join(fields)}",
                field="record.values",
                code="unknown_metric",
            )
        if metrics.count(metric) > 1:
            raise DomainError(
                f"{metric!r} has two values: give one", field="record.values", code="metric_twice"
            )
