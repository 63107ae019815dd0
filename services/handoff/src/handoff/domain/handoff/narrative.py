"""A handoff's story so far and where it stands, in Japanese sentences for the people who work it.

``by`` and members appear as their ids; who shows the lines may put names in their place.
"""

from datetime import date

from handoff.domain.handoff import clocks
from handoff.domain.handoff.commands import CLOCK
from handoff.domain.handoff.facts import (
    Accepted,
    Assigned,
    ClockResult,
    Closed,
    Disqualified,
    Escalated,
    Fact,
    FirstContactMade,
    FurtherOwnerNamed,
    Joined,
    LeadAnswered,
    MeetingHeld,
    Paused,
    Rated,
    ReadinessOverridden,
    Reassigned,
    Recycled,
    Rejected,
    Reminded,
    Requested,
    Resubmitted,
    Resumed,
    Returned,
    Unassigned,
    UnassignedReason,
    Withdrawn,
    Woken,
)
from handoff.domain.handoff.labels import (
    ANSWERS,
    BASES,
    CLOCKS,
    CRITERIA,
    EXCLUSIONS,
    FUNCTIONS,
    LEVELS,
    OUTCOMES,
    PAUSES,
    RATINGS,
    REASSIGNMENTS,
    ROLES,
    fact_names,
)
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.rejections import REASONS
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import CLOCK_OF, NOT_STATED, Status
from kakehashi_common.domain.budget_phases import BUDGET_PHASES_JA
from kakehashi_common.domain.japanese_writing import day, moment


def summary(state: HandoffState, sla: Sla) -> str:
    """Say where the handoff stands and what is due next, in one line without a full stop."""
    line = _standing(state)
    if state.pause:
        return (
            f"{line}（一時停止中：{PAUSES[state.pause.reason]}、{moment(state.pause.until)}まで）"
        )
    name = CLOCK_OF.get(state.status)
    clock = state.clock(name) if name else None
    if clock is None:
        return line
    return f"{line}（{CLOCKS[clock.name]}の期限：{moment(clocks.due_at(state, clock, sla))}）"


def narrative(state: HandoffState) -> tuple[str, ...]:
    """Say what has happened, one line each, the oldest first."""
    return tuple(f"{moment(fact.at)}　{sentence(fact)}。" for fact in state.history)


def title(state: HandoffState) -> str:
    """Name the handoff's kind, such as ``インサイドセールス→フィールドセールス``."""
    return f"{ROLES[state.kind.from_role]}→{ROLES[state.kind.to_role]}"


def sentence(fact: Fact) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a fact
    """Say what happened, without its time and without a full stop."""
    match fact:
        case Requested():
            grade = f"（ランク{fact.grade}）" if fact.grade else ""
            return f"引き継ぎが依頼されました{grade}"
        case Assigned():
            return (
                f"{fact.member_id}に割り当てました（{BASES[fact.basis]}、"
                f"回答期限：{moment(fact.answer_by)}）"
            )
        case Unassigned():
            return f"割り当てられる担当者がいませんでした（{kept_back(fact.reasons)}）"
        case Reassigned():
            return _reassigned(fact)
        case FurtherOwnerNamed():
            return _further(fact)
        case Accepted():
            how = "連絡・面談の記録により" if fact.implied else ""
            return f"{how}{fact.member_id}が受諾しました{_late(fact.clock)}"
        case Rejected():
            what = "受諾後に見送りました" if fact.after_acceptance else "引き継ぎを受けませんでした"
            reason = f"{REASONS[fact.reason].label}{_noted(fact.note)}"
            return f"{fact.member_id}が{what}（{reason}）"
        case Recycled():
            return f"再アプローチ待ちにしました（{_rest(fact.until, fact.phase)}）"
        case Woken():
            phase = f"（{_phase(fact.phase)}の時期に入ったため）" if fact.phase else ""
            return f"引き継ぎを再開しました{phase}"
        case Returned():
            facts = fact_names(fact.missing_facts)
            return f"引き継ぎ元に差し戻し、情報の補足を依頼しました（{facts}）"
        case Resubmitted():
            facts = fact_names(fact.supplied_facts)
            return f"{fact.by}が情報を補足しました（{facts}）{_late(fact.clock)}"
        case Disqualified():
            return f"対象外として終了しました（{REASONS[fact.reason].label}）"
        case LeadAnswered():
            return f"{fact.by}がリードに初回の回答をしました{_late(fact.clock)}"
        case FirstContactMade():
            return f"{fact.member_id}が初回連絡を行いました{_late(fact.clock)}"
        case MeetingHeld():
            return f"{fact.member_id}が初回面談を行いました{_late(fact.clock)}"
        case Reminded():
            whom = f"{fact.member_id}に" if fact.member_id else ""
            return f"{whom}{CLOCKS[fact.clock]}をリマインドしました（期限：{moment(fact.due_at)}）"
        case Escalated():
            again = f"、{fact.repetition + 1}回目" if fact.repetition else ""
            return (
                f"{CLOCKS[fact.clock]}について{LEVELS[fact.level]}に報告しました"
                f"（期限：{moment(fact.due_at)}{again}）"
            )
        case Paused():
            return (
                f"{fact.by}が一時停止しました（{PAUSES[fact.reason]}、{moment(fact.until)}まで"
                f"{_noted(fact.note)}）"
            )
        case Resumed():
            by_itself = "一時停止の期限が来たため"
            return f"{by_itself if fact.by == CLOCK else f'{fact.by}が'}再開しました"
        case Closed():
            reason = "理由の記載なし" if fact.reason == NOT_STATED else fact.reason
            return f"{OUTCOMES[fact.outcome]}で終了しました{_in_brackets(reason)}"
        case Withdrawn():
            return f"{fact.by}が取り下げました{_in_brackets(fact.reason)}"
        case Joined():
            grade = f"（ランク{fact.grade}）" if fact.grade else ""
            return f"リードが再び条件を満たし、この引き継ぎに統合しました{grade}"
        case Rated():
            what = "評価を変更しました" if fact.changed else "評価しました"
            return f"{fact.by}が{what}（{RATINGS[fact.direction]}：{fact.score}、{fact.reason}）"
        case ReadinessOverridden():
            return (
                f"{fact.by}が引き継ぎ条件「{CRITERIA[fact.criterion]}」を{ANSWERS[fact.answer]}と"
                f"判断しました（{fact.reason}）"
            )


def _standing(state: HandoffState) -> str:
    owner = state.owner or ""
    rest = state.recycle
    return {
        Status.REQUESTED: "担当者を割り当てています",
        Status.UNASSIGNED: f"担当者が決まっていません（{kept_back(state.unassigned_reasons)}）",
        Status.ASSIGNED: f"{owner}の回答を待っています",
        Status.ACCEPTED: f"{owner}が受諾し、初回連絡を待っています",
        Status.CONTACTED: f"{owner}が連絡済みで、初回面談を待っています",
        Status.MET: f"{owner}が面談を終え、商談を進めています",
        Status.RECYCLED: f"再アプローチ待ちです（{_rest(rest.until, rest.phase) if rest else ''}）",
        Status.RETURNED: f"情報の補足を待っています（{fact_names(state.missing_facts)}）",
        Status.DISQUALIFIED: "対象外として終了しました",
        Status.CLOSED: f"{OUTCOMES[state.outcome]}で終了しました" if state.outcome else "",
        Status.WITHDRAWN: "取り下げられました",
    }[state.status]


def _reassigned(fact: Reassigned) -> str:
    why = f"（{REASSIGNMENTS[fact.reason]}{_noted(fact.note)}）"
    if fact.from_member is None:
        return f"{fact.to_member}を担当者に指名しました{why}"
    if fact.to_member is None:
        return f"{fact.from_member}から担当を外し、新しい担当者を探しています{why}"
    return f"担当者を{fact.from_member}から{fact.to_member}に変更しました{why}"


def _further(fact: FurtherOwnerNamed) -> str:
    function = FUNCTIONS[fact.function]
    if fact.member_id is None:
        return f"{function}の担当を外しました"
    return f"{fact.member_id}を{function}の担当にしました"


def kept_back(reasons: tuple[UnassignedReason, ...]) -> str:
    """Say what keeps the members from a handoff for which nobody is eligible."""
    if not reasons:
        return "該当する役割の担当者が未登録"
    return "、".join(f"{EXCLUSIONS[each.exclusion]}：{each.members}名" for each in reasons)


def _rest(until: date, phase: str | None) -> str:
    by_day = f"{day(until)}まで"
    return f"次の{_phase(phase)}の時期、または{by_day}" if phase else by_day


def _phase(phase: str) -> str:
    return BUDGET_PHASES_JA.get(phase, phase)


def _late(clock: ClockResult) -> str:
    return "" if clock.kept else f"（期限の{moment(clock.due_at)}を超過）"


def _noted(note: str) -> str:
    return f"：{note}" if note else ""


def _in_brackets(reason: str) -> str:
    return f"（{reason}）" if reason else ""
