"""The history and the state of a sequence, in Japanese sentences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.send_times.channel import CHANNELS
from followup.domain.sequences import facts
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import PauseReason, Status, StopReason, TaskOutcome
from followup.domain.sequences.words import began_by, named, step_in_words, whom
from kakehashi_common.domain.business_time import JAPAN

OCCURRENCES: Final[Mapping[OccurrenceKind, str]] = {
    OccurrenceKind.ANSWERED: "返信あり",
    OccurrenceKind.NEGATIVE: "辞退の返信",
    OccurrenceKind.MEETING_BOOKED: "面談が決定",
    OccurrenceKind.OPTED_OUT: "配信停止の申し出",
    OccurrenceKind.SUPPRESSED: "自社の判断で送信を停止",
    OccurrenceKind.BOUNCED: "メール不達",
    OccurrenceKind.HANDOFF_ACCEPTED: "フィールドセールスが引き継ぎを受諾",
    OccurrenceKind.LEFT: "相手先の異動・退職",
    OccurrenceKind.MERGED: "リードの統合",
    OccurrenceKind.ERASED: "個人データの消去",
    OccurrenceKind.DEAL_WON: "案件の受注",
    OccurrenceKind.DEAL_LOST: "案件の失注・見送り",
    OccurrenceKind.BEHAVIOUR: "行動を検知",
    OccurrenceKind.PHASE_BEGAN: "予算編成の段階が開始",
}

TASK_OUTCOMES: Final[Mapping[TaskOutcome, str]] = {
    TaskOutcome.DONE: "完了",
    TaskOutcome.NOT_REACHED: "不在",
    TaskOutcome.ANSWERED: "回答あり",
    TaskOutcome.NEGATIVE: "辞退",
    TaskOutcome.MEETING_BOOKED: "面談が決定",
    TaskOutcome.OPTED_OUT: "連絡停止の申し出",
}

PAUSES: Final[Mapping[PauseReason, str]] = {
    PauseReason.PERSON: "担当者の指示",
    PauseReason.OUT_OF_OFFICE: "相手先の不在",
    PauseReason.HAS_LEFT: "相手先の異動・退職の自動返信",
    PauseReason.HIGHER_PLAYBOOK: "優先度の高いプレイブックを実施中",
    PauseReason.ORGANISATION: "団体への連絡を停止中",
}

PUT_OFF: Final[Mapping[str, str]] = {
    "contact_changed": "連絡先の情報が変わったため、作り直します",
    "deferred": "メールサーバーの都合",
    "fill_in_missing": "担当者が書く箇所が残っています",
    "incoming_mail_waits": "届いたメールを確認中です",
    "not_taken": "通知先のシステムが受け取りません",
    "occurrence_pending": "新しい出来事を先に反映します",
    "sequence_stands_still": "一時停止または終了しています",
    "unknown": "届いたかどうかを確認できません",
    "unknown_webhook": "通知先が設定されていません",
    "withheld": "同じ宛先ドメインへの送信間隔を空けます",
}
"""Why a step was put off or left out, for facts that hold only the code."""

_ENDS: Final[Mapping[str, str]] = {
    **{str(kind): text for kind, text in OCCURRENCES.items()},
    StopReason.PERSON: "担当者が停止",
    StopReason.REJECTED: "送信が承認されなかった",
}


def moment(at: datetime) -> str:
    """Return such as ``2026-11-30 10:00``, in Japan's time."""
    return f"{at.astimezone(JAPAN):%Y-%m-%d %H:%M}"


def narrative(state: SequenceState, playbook: Playbook | None = None) -> tuple[str, ...]:
    """Return one line for each fact, the oldest first; see `sentence`."""
    return tuple(f"{moment(fact.at)} {sentence(fact, playbook)}" for fact in state.history)


def sentence(  # noqa: C901, PLR0911, PLR0912 - one line a fact
    fact: Fact, playbook: Playbook | None = None
) -> str:
    """Return a fact in a few words.

    Args:
        fact: of a sequence.
        playbook: by which the sequence goes: it names the steps and behaviours in Japanese.
    """
    step = step_in_words(getattr(fact, "step_id", ""), playbook)
    match fact:
        case facts.Started(reason=reason, by=by):
            return f"開始（きっかけ：{began_by(reason, playbook)}、{whom(by)}）"
        case facts.ChannelChosen(chosen=chosen, channel=channel, why=why):
            return (
                f"{step}は{CHANNELS[channel].ja}で連絡：{step_in_words(chosen, playbook)}（{why}）"
            )
        case facts.ApprovalRequested(expires_at=expires_at):
            return f"{step}の承認を依頼（期限：{moment(expires_at)}）"
        case facts.Approved(by=by, edited=edited):
            return f"{step}を{whom(by)}が{'修正のうえ' if edited else ''}承認"
        case facts.Rejected(by=by):
            return f"{step}を{whom(by)}が却下"
        case facts.ApprovalExpired():
            return f"{step}の承認期限が過ぎたため見送り"
        case facts.Scheduled(due_at=due_at, why=why):
            return f"{step}を{moment(due_at)}に予定（{why}）"
        case facts.Refused(reason=reason, until=until, why=why):
            what = "見送り" if until is None else f"{moment(until)}まで延期"
            return f"{step}を{what}（{why or PUT_OFF.get(reason, reason)}）"
        case facts.Sent():
            return f"{step}を送信"
        case facts.DeliveryFailed(code=code):
            return f"{step}は相手先のサーバーに拒否された（{code}）"
        case facts.TaskOpened(owner=owner, due_at=due_at):
            return f"{step}を{owner or '担当者未定'}に依頼（期限：{moment(due_at)}）"
        case facts.TaskOverdue():
            return f"{step}が期限を過ぎた"
        case facts.TaskCompleted(by=by, outcome=outcome):
            return f"{step}を{whom(by)}が実施（{TASK_OUTCOMES[outcome]}）"
        case facts.Skipped(by=by):
            return f"{step}を{whom(by)}が見送り"
        case facts.Occurred(occurrence=occurrence, name=name):
            return OCCURRENCES[occurrence] + (f"（{named(name, playbook)}）" if name else "")
        case facts.Paused(reason=reason, until=until):
            how_long = "" if until is None else f"、{moment(until)}まで"
            return f"一時停止（{PAUSES[reason]}{how_long}）"
        case facts.Resumed():
            return "再開"
        case facts.OwnerChanged(before=before, owner=owner):
            return f"担当者を{before}から{owner}に変更"
        case facts.Stopped(reason=reason, goal_reached=goal_reached):
            return f"{'目標達成により' if goal_reached else ''}終了（{end_in_words(reason)}）"
        case facts.Completed():
            return "すべての手順を終えて完了"


def end_in_words(reason: str) -> str:
    """Return why a sequence ended; a playbook's own words as they are."""
    return _ENDS.get(reason, reason)


def summary(state: SequenceState, playbook: Playbook | None = None) -> str:
    """Return the state of a sequence in one sentence; see `sentence`."""
    if state.status is Status.COMPLETED:
        return "すべての手順を終えて完了しました。"
    if state.ended:
        return f"終了しました（{end_in_words(state.end_reason or '')}）。"
    step = step_in_words(state.position.step or "", playbook)
    if state.pause is not None:
        until = state.pause.until
        how_long = "再開の指示まで" if until is None else f"{moment(until)}まで"
        if state.pause.reason is PauseReason.HIGHER_PLAYBOOK:
            how_long = "その終了まで"
        return f"{PAUSES[state.pause.reason]}のため、{how_long}一時停止しています（{step}）。"
    due = "" if state.due_at is None else f"（{moment(state.due_at)}）"
    return {
        Status.RESTING: f"{step}の条件または時刻{due}を待っています。",
        Status.CHOOSING: f"{step}の連絡手段を選んでいます。",
        Status.PREPARING: f"{step}を準備しています。",
        Status.AWAITING_APPROVAL: f"{step}の承認待ちです。期限{due}。",
        Status.AWAITING_TASK: f"{step}を担当者に依頼しています。期限{due}。",
        Status.PLANNING: f"{step}の送信時刻を決めています。",
        Status.SCHEDULED: f"{step}の送信時刻{due}を待っています。",
        Status.SENDING: f"{step}を送信しています。",
    }[state.status]


def why_then(state: SequenceState) -> str | None:
    """Return why a step that is scheduled is done then, in Japanese."""
    if state.status is not Status.SCHEDULED:
        return None
    planned = (
        fact.why
        for fact in reversed(state.history)
        if isinstance(fact, facts.Scheduled | facts.Refused) and fact.step_id == state.step_id
    )
    return next(planned, None) or None


def why_this_channel(state: SequenceState) -> str | None:
    """Return why the present step goes by its channel, in Japanese, if there was a choice."""
    chosen = (
        fact.why
        for fact in reversed(state.history)
        if isinstance(fact, facts.ChannelChosen) and fact.chosen == state.step_id
    )
    return next(chosen, None)
