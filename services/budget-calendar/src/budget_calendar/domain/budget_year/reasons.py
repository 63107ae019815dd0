"""Reasons to contact somebody, by scheduled event."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind, Phase
from budget_calendar.domain.budget_year.scheduled_events import ScheduledEvent
from kakehashi_common.domain.texts import Text


class ReasonCode(StrEnum):
    """A recommended action, for programs."""

    RECONFIRM_CONTACTS = "reconfirm_contacts"
    PROPOSE_FOR_SUMMER_REVIEW = "propose_for_summer_review"
    LAST_QUOTE = "last_quote"
    BEFORE_REQUEST_DEADLINE = "before_request_deadline"
    ASK_FOR_OUTCOME = "ask_for_outcome"
    SUPPORT_RESTORATION = "support_restoration"
    REQUEST_SUPPLEMENTARY = "request_supplementary"
    LEAVE_HANDOVER = "leave_handover"
    HEAD_MAY_CHANGE = "head_may_change"
    POLICY_ITEMS_RETURN = "policy_items_return"
    PREPARE_CONTRACT = "prepare_contract"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to contact somebody now."""

    code: ReasonCode
    text: Text


@dataclass(frozen=True, slots=True)
class _Rule:
    about: MilestoneKind | Phase
    leads: range
    """The lead times in business days for which it is a reason; empty for a phase."""
    code: ReasonCode
    text: Text
    """May hold ``{day}``, the day the event is about, and ``{lead}``."""


_NOW = range(0)

_RULES: Final[tuple[_Rule, ...]] = (
    _Rule(
        Phase.INFORMATION_GATHERING,
        _NOW,
        ReasonCode.RECONFIRM_CONTACTS,
        Text(
            ja="新年度です。人事異動後の担当者を確認し、新任者に挨拶する時期です。",
            en="A new fiscal year: people have moved. Look up who is in charge now and say hello.",
        ),
    ),
    _Rule(
        Phase.SUMMER_REVIEW,
        _NOW,
        ReasonCode.PROPOSE_FOR_SUMMER_REVIEW,
        Text(
            ja="来年度に向けた事業の検討が始まります。提案と参考見積を出すのに最も効果的な時期です。",
            en="Plans for next year are being made: the decisive time for a proposal and a quote.",
        ),
    ),
    _Rule(
        MilestoneKind.QUOTES_WANTED,
        range(1, 31),
        ReasonCode.LAST_QUOTE,
        Text(
            ja="予算要求に使われる参考見積は{day}頃までです（残り{lead}開庁日）。",
            en="A reference quote still counts until about {day}: {lead} business days left.",
        ),
    ),
    _Rule(
        MilestoneKind.REQUEST_DEADLINE,
        range(1, 46),
        ReasonCode.BEFORE_REQUEST_DEADLINE,
        Text(
            ja="予算要求の締切は{day}の見込みです（残り{lead}開庁日）。"
            "参考見積を届ける最後の機会で、逃すと1年待つことになります。",
            en="Budget requests close around {day}, in {lead} business days: the last chance for a "
            "reference quote. Who comes later waits a year.",
        ),
    ),
    _Rule(
        MilestoneKind.UNOFFICIAL_NOTICE,
        range(1, 11),
        ReasonCode.ASK_FOR_OUTCOME,
        Text(
            ja="予算の内示が{day}頃の見込みです。結果を伺い、減額なら復活要求を支援しましょう。",
            en="The unofficial notice is due around {day}. Ask how it went; if it was cut, there "
            "is still restoration.",
        ),
    ),
    _Rule(
        MilestoneKind.RESTORATION_DEADLINE,
        range(1, 11),
        ReasonCode.SUPPORT_RESTORATION,
        Text(
            ja="復活要求の締切は{day}頃です。査定で削られた案件の根拠資料を届けましょう。",
            en="Restoration requests close around {day}. Bring the grounds for what was cut.",
        ),
    ),
    _Rule(
        Phase.EXECUTION_PREPARATION,
        _NOW,
        ReasonCode.PREPARE_CONTRACT,
        Text(
            ja="当初予算の議決後です。4月1日の契約に向けた準備を担当課と進める時期です。",
            en="The initial budget should have passed: prepare contracts that begin on 1 April.",
        ),
    ),
    _Rule(
        MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE,
        range(1, 46),
        ReasonCode.REQUEST_SUPPLEMENTARY,
        Text(
            ja="第{number}回定例会の補正予算に載せるには、{day}頃までに要求が必要です"
            "（残り{lead}開庁日）。",
            en="To enter the supplementary budget of session {number}, a request is needed by "
            "about {day}: {lead} business days left.",
        ),
    ),
    _Rule(
        MilestoneKind.PERSONNEL_NOTICE,
        range(1, 11),
        ReasonCode.LEAVE_HANDOVER,
        Text(
            ja="人事異動の内示が{day}頃の見込みです。担当者が替わる前に引継ぎ用の資料を渡しましょう。",
            en="Personnel moves are announced around {day}. Leave material for a handover before.",
        ),
    ),
    _Rule(
        MilestoneKind.CONTACTS_RECONFIRMED,
        range(1, 11),
        ReasonCode.RECONFIRM_CONTACTS,
        Text(
            ja="4月の異動後の担当者を{day}頃に確認しましょう。",
            en="Reconfirm contacts around {day}, after the personnel moves of April.",
        ),
    ),
    _Rule(
        MilestoneKind.HEAD_ELECTION,
        range(11, 46),
        ReasonCode.HEAD_MAY_CHANGE,
        Text(
            ja="首長選挙が{day}頃に予定されています。優先政策が変わる可能性があります。",
            en="The head is up for election around {day}: priorities may change.",
        ),
    ),
    _Rule(
        MilestoneKind.POST_ELECTION_SUPPLEMENTARY,
        range(11, 46),
        ReasonCode.POLICY_ITEMS_RETURN,
        Text(
            ja="当初予算が骨格予算であれば、政策的経費は{day}頃議決の補正予算（肉付け予算）に載ります。",
            en="If the initial budget was a skeleton, policy items return in the supplementary "
            "budget voted around {day}.",
        ),
    ),
)
"""The meaning of each event to a seller. All of it common practice."""


def reasons_to_act(event: ScheduledEvent) -> tuple[Reason, ...]:
    """Return the reasons to contact somebody then; empty if there are none."""
    name, _, number = event.key.partition(":")
    lead = "" if event.lead is None else event.lead
    return tuple(
        Reason(
            rule.code,
            Text(
                ja=rule.text.ja.format(
                    day=f"{event.about.month}月{event.about.day}日", lead=lead, number=number
                ),
                en=rule.text.en.format(
                    day=f"{event.about.day} {event.about:%B}", lead=lead, number=number
                ),
            ),
        )
        for rule in _RULES
        if rule.about == name and (event.lead is None or event.lead in rule.leads)
    )
