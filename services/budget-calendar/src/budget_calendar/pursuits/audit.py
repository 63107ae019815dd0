"""The audit records of a pursuit. Free text stays in the pursuit."""

from dataclasses import asdict
from typing import Final

from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.commands import (
    Begin,
    Cancel,
    ChooseRoute,
    Confirm,
    ConfirmationOverdue,
    EndPause,
    OpenSuccessor,
    Pause,
    Resume,
    Review,
    ReviseGoal,
    RoutesPlanned,
)
from budget_calendar.pursuits.messages import AuditRecord, OpenPursuit, stage_of
from kakehashi_common.audit import Actor
from kakehashi_common.domain.errors import DomainError

VERBS: Final = {
    OpenPursuit: "open_pursuit",
    Confirm: "confirm_stage",
    ChooseRoute: "choose_route",
    ReviseGoal: "revise_goal",
    Pause: "pause_pursuit",
    Resume: "resume_pursuit",
    Cancel: "cancel_pursuit",
    RoutesPlanned: "plan_anew",
    Begin: "begin",
    ConfirmationOverdue: "silence",
    Review: "review",
    OpenSuccessor: "opensuccessor",
    EndPause: "resume",
    DomainError: "refuse_message",
}
"""Actions in the audit log. The words are stored: a class may be renamed, its word may not."""

ACTS: Final = {
    "open_pursuit": "案件を開始",
    "confirm_stage": "段階の結果を記録",
    "choose_route": "ルートを選択",
    "revise_goal": "目標を変更",
    "pause_pursuit": "一時停止",
    "resume_pursuit": "再開",
    "cancel_pursuit": "取りやめ",
    "plan_anew": "計画を見直し",
    "refuse_message": "受け付けられない操作を記録",
    "begin": "着手を通知",
    "silence": "未確認を通知",
    "review": "状況を見直し",
    "opensuccessor": "次期契約の案件を開始",
    "resume": "停止期間の終了",
}
"""The verbs as operators read them in the Temporal UI."""


def audit_record(
    command: object, before: PursuitState | None, after: PursuitState, actor: Actor
) -> AuditRecord:
    """Return who asked for something, or that the clock brought it, and what it changed."""
    return AuditRecord(
        actor.who,
        VERBS.get(type(command), type(command).__name__.lower()),
        actor.origin,
        None if before is None else _outline(before),
        _outline(after) | _said(command),
    )


def _outline(state: PursuitState) -> dict[str, object]:
    return {
        "version": state.version,
        "status": state.status.value,
        "stage": stage_of(state),
        "route": state.route.id if state.route else None,
    }


def _said(command: object) -> dict[str, object]:
    match command:
        case Confirm():
            return {"confirmed": command.stage, "outcome": command.outcome, "on": str(command.on)}
        case ReviseGoal() | OpenPursuit():
            return {"goal": {k: v for k, v in asdict(command.goal).items() if k != "description"}}
        case DomainError():
            return {"refused": command.code}
        case Pause():
            return {"until": str(command.until)}
        case _:
            return {}
