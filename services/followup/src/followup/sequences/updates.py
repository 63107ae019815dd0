"""The updates of a sequence's workflow, which are its signals too: the messages to a sequence."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from followup.domain.sequences.commands import (
    Approve,
    ChangeOwner,
    CompleteTask,
    Message,
    Pause,
    React,
    Reject,
    Resume,
    Skip,
    Stop,
)


class Update(NamedTuple):
    """One update, by its message."""

    name: str
    description: str
    """Shown to operators in the Temporal UI, with the fields of the message."""


UPDATES: Final[Mapping[type[Message], Update]] = {
    React: Update(
        "react",
        "相手先の反応・変化を記録する / The contact did something: occurrence, at, by, name",
    ),
    Pause: Update("pause", "一時停止する / Pause: by, reason, until (null: until resumed)"),
    Resume: Update("resume", "再開する / Resume: by, reason (null: whatever for)"),
    Skip: Update("skip", "現在の手順を見送る / Leave the present step out: by, step_id"),
    Stop: Update("stop", "終了する / Stop: by"),
    Approve: Update("approve", "送信を承認する / Approve: by, approval_id, edited"),
    Reject: Update("reject", "送信を却下する / Reject: by, approval_id"),
    CompleteTask: Update("complete_task", "タスクの結果を記録する / Task: by, task_id, outcome"),
    ChangeOwner: Update("change_owner", "担当者を変更する / Another seller: by, before, owner"),
}
