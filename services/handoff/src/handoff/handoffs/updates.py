"""The updates of a handoff's workflow, which are its signals too: the messages to a handoff."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from handoff.domain.handoff.commands import (
    Accept,
    AnswerLead,
    Close,
    Join,
    Message,
    NameFurtherOwner,
    OverrideReadiness,
    PauseClocks,
    PhaseEntered,
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Resubmit,
    Resume,
    Wake,
    Withdraw,
)


class Update(NamedTuple):
    """One update, by its message."""

    name: str
    description: str
    """Shown to operators in the Temporal UI, with the fields of the message."""


UPDATES: Final[Mapping[type[Message], Update]] = {
    Join: Update("join", "再度の条件到達を統合する / Join: qualification_id, by, grade"),
    AnswerLead: Update(
        "answer_lead", "リードへの初回回答を記録する / The lead was answered: at, by"
    ),
    Accept: Update("accept", "引き継ぎを受諾する / The owner accepts: by"),
    Reject: Update(
        "reject", "理由を付けて見送る / Reject: by, reason, until, phase, missing_facts, note"
    ),
    RecordContact: Update(
        "record_contact", "初回連絡を記録する / The customer was contacted: at, by"
    ),
    RecordMeeting: Update("record_meeting", "初回面談を記録する / A meeting took place: at, by"),
    Resubmit: Update("resubmit", "不足情報を補足した / Facts were supplied: by, supplied_facts"),
    PauseClocks: Update("pause", "期限を一時停止する / Pause the clocks: by, reason, until, note"),
    Resume: Update("resume", "一時停止を解除する / Let the clocks run again: by"),
    Reassign: Update(
        "reassign", "担当者を変更する / Reassign: by, reason, from_member, to (null: any), note"
    ),
    NameFurtherOwner: Update(
        "name_further_owner",
        "役割別の担当を追加・解除する / Further owner: by, function, member_id",
    ),
    Rate: Update("rate", "相手側を評価する / Rate: by, direction, score (1–5), reason"),
    OverrideReadiness: Update(
        "override_readiness",
        "引き継ぎ条件の判定を上書きする / Override: by, criterion, answer, reason",
    ),
    Close: Update("close", "商談の結果で終了する / Close: by, outcome, reason, deal_id"),
    Withdraw: Update("withdraw", "引き継ぎを取り下げる / Withdraw: by, reason"),
    Wake: Update("wake", "再アプローチ待ちを終える / Wake a recycled handoff: by"),
    PhaseEntered: Update(
        "enter_phase", "予算編成の段階に入った / Budget phase: phase, began_on, by"
    ),
}
