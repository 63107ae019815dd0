"""Describe a pursuit's past and coming steps in Japanese and English sentences."""

from typing import Final

from budget_calendar.domain import days, money
from budget_calendar.domain.budget_year.labels import BASES
from budget_calendar.domain.pursuit.state import (
    Ending,
    HistoryEntry,
    HistoryEntryKind,
    PursuitState,
    Status,
)
from budget_calendar.domain.routes.route import Step
from budget_calendar.domain.source_names import source_text
from budget_calendar.domain.stages import STAGE_NAMES, Outcome, Stage
from budget_calendar.domain.windows import Basis, Estimate
from kakehashi_common.domain.texts import Text

_SENTENCES: Final = {
    (Stage.PROOF_OF_CONCEPT, Outcome.DONE): (
        "実証実験を終え、結果が出ました",
        "the proof of concept gave its results",
    ),
    (Stage.PROOF_OF_CONCEPT, Outcome.FAILED): (
        "実証実験では期待した結果が得られませんでした",
        "the proof of concept did not give the results hoped for",
    ),
    (Stage.STUDY_SESSIONS, Outcome.DONE): ("勉強会を開きました", "study sessions were held"),
    (Stage.HEARINGS, Outcome.DONE): ("ヒアリングを行いました", "hearings were held"),
    (Stage.GRANT_APPLICATION, Outcome.DONE): (
        "補助金の交付を申請しました",
        "the grant was applied for",
    ),
    (Stage.GRANT_APPLICATION, Outcome.FAILED): (
        "補助金の申請は見送られました",
        "the grant was not applied for",
    ),
    (Stage.QUOTE, Outcome.DONE): (
        "参考見積を提出しました",
        "the reference quote was handed over",
    ),
    (Stage.REQUEST, Outcome.DONE): (
        "担当課が予算を要求しました",
        "the department requested the money",
    ),
    (Stage.REQUEST, Outcome.FAILED): (
        "担当課は予算要求を見送りました",
        "the department did not request the money",
    ),
    (Stage.ASSESSMENT, Outcome.DONE): ("査定を通りました", "it passed the assessment"),
    (Stage.ASSESSMENT, Outcome.CUT): ("査定で削られました", "it was cut at assessment"),
    (Stage.ASSESSMENT, Outcome.RESTORED): (
        "復活要求が認められました",
        "it was restored after the cut",
    ),
    (Stage.ASSESSMENT, Outcome.FAILED): (
        "復活要求は認められませんでした",
        "it was not restored after the cut",
    ),
    (Stage.VOTE, Outcome.DONE): ("議会で可決されました", "the council voted the money"),
    (Stage.VOTE, Outcome.CUT): (
        "議会の審議で削られました",
        "the council struck it out of the budget",
    ),
    (Stage.VOTE, Outcome.FAILED): ("議会で否決されました", "the council rejected the budget"),
    (Stage.GRANT_DECISION, Outcome.DONE): ("交付決定を受けました", "the grant was awarded"),
    (Stage.GRANT_DECISION, Outcome.CUT): (
        "補助金が減額または不採択となりました",
        "the grant was cut",
    ),
    (Stage.GRANT_DECISION, Outcome.FAILED): (
        "補助金は不採択となりました",
        "the grant was not awarded",
    ),
    (Stage.CONTRACT, Outcome.DONE): ("契約を締結しました", "the contract was concluded"),
    (Stage.CONTRACT, Outcome.FAILED): ("受注できませんでした", "the contract went to another"),
    (Stage.EXECUTION, Outcome.DONE): ("履行が完了しました", "the work was completed"),
    (Stage.EXECUTION, Outcome.FAILED): (
        "契約が途中で終了しました",
        "the contract ended before its time",
    ),
    (Stage.RENEWAL, Outcome.DONE): ("契約が更新されました", "the contract was renewed"),
    (Stage.RENEWAL, Outcome.FAILED): (
        "契約は更新されませんでした",
        "the contract was not renewed",
    ),
    (Stage.RENEWAL, Outcome.SKIPPED): (
        "契約は更新せず満了としました",
        "the contract was left to expire",
    ),
}

_ENDINGS: Final = {
    Ending.COMPLETED: ("履行を完了し、終了しました", "completed"),
    Ending.RENEWED: (
        "契約更新により、後継の案件に引き継ぎました",
        "renewed: its successor goes on",
    ),
    Ending.NOT_RENEWED: ("契約満了により終了しました", "ended with the contract, not renewed"),
    Ending.TERMINATED: (
        "契約の中途終了により終了しました",
        "ended with the early end of the contract",
    ),
    Ending.LOST: ("失注により終了しました", "lost to another supplier"),
    Ending.CANCELLED: ("取りやめました", "cancelled"),
}

_WITH_SOURCE: Final = (Basis.MANUAL, Basis.OBSERVED, Basis.LAW)


def narrative(state: PursuitState) -> tuple[Text, ...]:
    """Return a sentence for each entry of the history, the oldest first, and for what is next."""
    return (*(_dated(state, entry) for entry in state.history), *_next(state))


def summary(state: PursuitState) -> Text:
    """Return where it stands, in one line."""
    if state.status is Status.ENDED and state.ending:
        ja, en = _ENDINGS[state.ending]
        return Text(ja=f"終了：{ja}", en=f"Ended: {en}")
    if state.status is Status.PAUSED and state.paused_until:
        until = days.in_words(state.paused_until)
        return Text(ja=f"休止中（{until.ja}まで）", en=f"Paused until {until.en}")
    step = state.next_step
    if state.route is None or step is None:
        return Text(ja="予算化の方法を検討中です", en="Looking for a route to the money")
    name, by = _name(state, step), days.in_words(step.act_by)
    title = state.route.title
    return Text(
        ja=f"{title.ja}：次は{name.ja}（{by.ja}まで）",
        en=f"{title.en}: next is the {name.en}, by {by.en}",
    )


def sentence(state: PursuitState, entry: HistoryEntry) -> Text:
    """Return what happened, without its day and without a full stop."""
    ja, en = _sentence(state, entry)
    if entry.note:
        return Text(ja=f"{ja}（{entry.note_ja or entry.note}）", en=f"{en} ({entry.note})")
    return Text(ja=ja, en=en)


def _dated(state: PursuitState, entry: HistoryEntry) -> Text:
    on, what = days.in_words(entry.on), sentence(state, entry)
    return Text(ja=f"{on.ja}、{what.ja}。", en=f"{on.en}: {what.en}.")


def _sentence(state: PursuitState, entry: HistoryEntry) -> tuple[str, str]:
    if entry.kind is HistoryEntryKind.CONFIRMED and entry.stage and entry.outcome:
        return _confirmed(entry.stage, entry.outcome)
    route = entry.route or Text(ja="", en="")
    due = days.in_words(entry.due) if entry.due else Text(ja="", en="")
    name = STAGE_NAMES[entry.stage] if entry.stage else Text(ja="", en="")
    if entry.kind is HistoryEntryKind.ENDED and state.ending:
        ja, en = _ENDINGS[state.ending]
        return f"案件は{ja}" if state.ending is Ending.CANCELLED else ja, f"the pursuit {en}"
    return {
        HistoryEntryKind.OPENED: ("案件を開始しました", "the pursuit was opened"),
        HistoryEntryKind.PASSED_OVER: (
            f"{name.ja}は記録のないまま、先へ進みました",
            f"the pursuit went on without a record of the {name.en}",
        ),
        HistoryEntryKind.ROUTE_TAKEN: (
            f"「{route.ja}」で進めることにしました",
            f"the route is now the {route.en}",
        ),
        HistoryEntryKind.RESTORATION_OPEN: (
            f"{due.ja}までに復活要求ができることを担当者に伝えました",
            f"the owner was told that restoration can be asked for until {due.en}",
        ),
        HistoryEntryKind.SET_BACK: (
            f"「{route.ja}」での予算化は実現しなかったため、別の方法を探しています",
            f"the {route.en} did not work out, so another route is looked for",
        ),
        HistoryEntryKind.LAPSED: (
            f"「{route.ja}」は時期や条件が合わなくなったため、取りやめました",
            f"the {route.en} was given up: its time has passed or it no longer fits",
        ),
        HistoryEntryKind.DATES_MOVED: (
            f"予算日程が変わり、次の期限は{due.ja}になりました",
            f"the calendar moved, and what is next is now due by {due.en}",
        ),
        HistoryEntryKind.GOAL_REVISED: ("案件の目標を見直しました", "the goal was revised"),
        HistoryEntryKind.PAUSED: (f"{due.ja}まで休止しました", f"paused until {due.en}"),
        HistoryEntryKind.RESUMED: ("再開しました", "resumed"),
        HistoryEntryKind.REMINDED: (
            f"{name.ja}（{due.ja}）の確認を依頼しました",
            f"the owner was asked to confirm the {name.en} of {due.en}",
        ),
        HistoryEntryKind.ESCALATED: (
            f"{name.ja}（{due.ja}）が未確認のため、改めて至急の確認を求めました",
            f"the {name.en} of {due.en} was still unconfirmed, and that was escalated",
        ),
        HistoryEntryKind.NO_ROUTE: (
            f"とれる予算化の方法がなく、{due.ja}に再検討することにしました",
            f"no route was open, so it is looked at again on {due.en}",
        ),
        HistoryEntryKind.REFUSED: (
            "送られた指示は受け付けられませんでした",
            "what was asked was refused",
        ),
        HistoryEntryKind.SUCCESSOR_OPENED: (
            f"契約満了（{due.ja}）に備え、後継の案件を開始しました",
            f"the successor of the contract that ends on {due.en} was opened",
        ),
    }[entry.kind]


def _confirmed(stage: Stage, outcome: Outcome) -> tuple[str, str]:
    sentences = _SENTENCES.get((stage, outcome))
    if sentences:
        return sentences
    name = STAGE_NAMES[stage]
    return f"{name.ja}は行わずに進みました", f"the {name.en} was left out"


def _next(state: PursuitState) -> tuple[Text, ...]:
    if state.status is Status.ENDED:
        return ()
    step = state.next_step
    if state.status is Status.PAUSED or state.route is None or step is None:
        line = summary(state)
        again = state.review_on or state.plan_due_on
        if state.route is None and again:
            day = days.in_words(again)
            return (
                Text(
                    ja=f"{line.ja}。次の検討は{day.ja}です。",
                    en=f"{line.en}; the next look is on {day.en}.",
                ),
            )
        return (Text(ja=f"{line.ja}。", en=f"{line.en}."),)
    name, by, basis = _name(state, step), days.in_words(step.act_by), _basis(step.estimate)
    lines = [
        Text(
            ja=f"次は{name.ja}です。期限は{by.ja}（{basis.ja}）。",
            en=f"Next is the {name.en}, due by {by.en} ({basis.en}).",
        )
    ]
    if not state.contract_concluded:
        amount, title = money.in_words(state.goal.amount), state.route.title
        lines.append(
            Text(
                ja=f"目標は{amount.ja}、進め方は「{title.ja}」です。",
                en=f"The goal is {amount.en}; the route is the {title.en}.",
            )
        )
    return tuple(lines)


def _name(state: PursuitState, step: Step) -> Text:
    if state.cut_on and step.stage is Stage.ASSESSMENT:
        return Text(ja="復活要求", en="request for restoration")
    return STAGE_NAMES[step.stage]


def _basis(estimate: Estimate) -> Text:
    """Return the basis of a date, and between which days it lies if it is not certain."""
    window = estimate.window
    ja, en = BASES[estimate.basis].ja, BASES[estimate.basis].en
    if estimate.basis in _WITH_SOURCE:
        source = source_text(estimate.source)
        ja, en = f"{ja}：{source.ja}", f"{en}: {source.en}"
    if window.days == 1:
        return Text(ja=ja, en=en)
    first, last = days.in_words(window.earliest), days.in_words(window.latest)
    return Text(
        ja=f"{first.ja}から{last.ja}の間、{ja}", en=f"between {first.en} and {last.en}, {en}"
    )
