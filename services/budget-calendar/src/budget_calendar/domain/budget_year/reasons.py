"""Reasons to contact somebody, by scheduled event."""

from dataclasses import dataclass
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind
from budget_calendar.domain.budget_year.scheduled_events import ScheduledEvent
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.reasons import Audience, ReasonKind
from kakehashi_common.domain.texts import Text


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to contact somebody now."""

    kind: ReasonKind
    text: Text
    audience: tuple[Audience, ...]
    importance: int
    """From 1 to 3, the most important."""


@dataclass(frozen=True, slots=True)
class _Rule:
    about: MilestoneKind | BudgetPhase
    leads: range
    """The lead times in business days for which it is a reason; empty for a phase."""
    kind: ReasonKind
    text: Text
    """May hold ``{day}``, the day the event is about, and ``{lead}``."""
    audience: tuple[Audience, ...]
    importance: int = 2


_NOW = range(0)
_DEPARTMENT: Final = (Audience.OFFICER, Audience.MANAGER)
_EVERYBODY: Final = tuple(Audience)

OF_A_PURSUIT: Final = frozenset(
    {
        ReasonKind.ASSESSMENT_UNDER_WAY,
        ReasonKind.SUPPORT_RESTORATION,
        ReasonKind.BEFORE_DELIBERATION,
        ReasonKind.PREPARE_CONTRACT,
    }
)
"""Reasons that concern a budget request already made: given only while a pursuit is under way."""

_RULES: Final[tuple[_Rule, ...]] = (
    _Rule(
        BudgetPhase.INFORMATION_GATHERING,
        _NOW,
        ReasonKind.RECONFIRM_CONTACTS,
        Text(
            ja="新年度です。人事異動後の担当者を確認し、新任者に挨拶する時期です。",
            en="A new fiscal year: people have moved. Look up who is in charge now and say hello.",
        ),
        _DEPARTMENT,
    ),
    _Rule(
        BudgetPhase.SUMMER_REVIEW,
        _NOW,
        ReasonKind.PROPOSE_FOR_SUMMER_REVIEW,
        Text(
            ja="来年度に向けた事業の検討が始まります。提案と参考見積を出すのに最も効果的な時期です。",
            en="Plans for next year are being made: the decisive time for a proposal and a quote.",
        ),
        _DEPARTMENT,
        importance=3,
    ),
    _Rule(
        MilestoneKind.QUOTES_WANTED,
        range(1, 31),
        ReasonKind.LAST_QUOTE,
        Text(
            ja="予算要求に使われる参考見積は{day}頃までです（残り{lead}開庁日）。",
            en="A reference quote still counts until about {day}: {lead} business days left.",
        ),
        (Audience.OFFICER,),
        importance=3,
    ),
    _Rule(
        MilestoneKind.REQUEST_DEADLINE,
        range(1, 46),
        ReasonKind.BEFORE_REQUEST_DEADLINE,
        Text(
            ja="予算要求の締切は{day}の見込みです（残り{lead}開庁日）。"
            "参考見積を届ける最後の機会で、逃すと1年待つことになります。",
            en="Budget requests close around {day}, in {lead} business days: the last chance for a "
            "reference quote. Who comes later waits a year.",
        ),
        _EVERYBODY,
        importance=3,
    ),
    _Rule(
        BudgetPhase.FINANCE_ASSESSMENT,
        _NOW,
        ReasonKind.ASSESSMENT_UNDER_WAY,
        Text(
            ja="財政課の査定が始まりました。担当課が財政課に示す追加資料（積算根拠、費用対効果、"
            "段階的な導入案）を用意し、問い合わせにはその日のうちに答えましょう。",
            en="The finance section assesses the requests. Prepare what the department needs to "
            "show it (grounds of the price, cost and benefit, smaller variants), and answer "
            "questions on the same day.",
        ),
        (*_DEPARTMENT, Audience.FINANCE),
        importance=3,
    ),
    _Rule(
        BudgetPhase.HEAD_ASSESSMENT,
        _NOW,
        ReasonKind.ASSESSMENT_UNDER_WAY,
        Text(
            ja="首長査定の時期に入りました。首長の政策への貢献を1枚にまとめた追加資料を担当課に"
            "届け、問い合わせにはその日のうちに答えましょう。",
            en="The head assesses the requests. Bring the department one page on what it adds to "
            "the head's policy, and answer questions on the same day.",
        ),
        (Audience.MANAGER, Audience.HEAD, Audience.COUNCIL),
        importance=3,
    ),
    _Rule(
        MilestoneKind.UNOFFICIAL_NOTICE,
        range(1, 11),
        ReasonKind.ASK_FOR_OUTCOME,
        Text(
            ja="予算の内示が{day}頃の見込みです。結果を伺い、減額なら復活要求を支援しましょう。",
            en="The unofficial notice is due around {day}. Ask how it went; if it was cut, there "
            "is still restoration.",
        ),
        _DEPARTMENT,
    ),
    _Rule(
        MilestoneKind.RESTORATION_DEADLINE,
        range(1, 11),
        ReasonKind.SUPPORT_RESTORATION,
        Text(
            ja="復活要求の締切は{day}頃です。査定で削られた案件の根拠資料を届けましょう。",
            en="Restoration requests close around {day}. Bring the grounds for what was cut.",
        ),
        (Audience.MANAGER, Audience.FINANCE),
        importance=3,
    ),
    _Rule(
        MilestoneKind.BUDGET_SUBMITTED,
        range(1, 31),
        ReasonKind.BEFORE_DELIBERATION,
        Text(
            ja="予算案は{day}頃に議会へ提出される見込みです（残り{lead}開庁日）。住民への効果を"
            "まとめた議会向け資料と想定問答を、担当課に届けましょう。",
            en="The budget goes to the council around {day}, in {lead} business days. Bring the "
            "department a paper for the council on the benefit to residents, and the questions "
            "to be foreseen.",
        ),
        _EVERYBODY,
        importance=3,
    ),
    _Rule(
        BudgetPhase.DELIBERATION,
        _NOW,
        ReasonKind.BEFORE_DELIBERATION,
        Text(
            ja="予算案が議会に提出されました。委員会審査までに想定問答を担当課と見直し、"
            "答弁に必要な数字の問い合わせにはすぐに答えましょう。",
            en="The budget lies before the council. Go through the questions to be foreseen with "
            "the department before the committee sits, and answer at once when it asks for "
            "figures.",
        ),
        _EVERYBODY,
        importance=3,
    ),
    _Rule(
        BudgetPhase.EXECUTION_PREPARATION,
        _NOW,
        ReasonKind.PREPARE_CONTRACT,
        Text(
            ja="当初予算の議決後です。4月1日の契約に向けた準備を担当課と進める時期です。",
            en="The initial budget should have passed: prepare contracts that begin on 1 April.",
        ),
        _EVERYBODY,
    ),
    _Rule(
        MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE,
        range(1, 46),
        ReasonKind.REQUEST_SUPPLEMENTARY,
        Text(
            ja="第{number}回定例会の補正予算に載せるには、{day}頃までに要求が必要です"
            "（残り{lead}開庁日）。",
            en="To enter the supplementary budget of session {number}, a request is needed by "
            "about {day}: {lead} business days left.",
        ),
        _DEPARTMENT,
    ),
    _Rule(
        MilestoneKind.PERSONNEL_NOTICE,
        range(1, 11),
        ReasonKind.LEAVE_HANDOVER,
        Text(
            ja="人事異動の内示が{day}頃の見込みです。担当者が替わる前に引継ぎ用の資料を渡しましょう。",
            en="Personnel moves are announced around {day}. Leave material for a handover before.",
        ),
        _DEPARTMENT,
    ),
    _Rule(
        MilestoneKind.CONTACTS_RECONFIRMED,
        range(1, 11),
        ReasonKind.RECONFIRM_CONTACTS,
        Text(
            ja="4月の異動後の担当者を{day}頃に確認しましょう。",
            en="Reconfirm contacts around {day}, after the personnel moves of April.",
        ),
        _DEPARTMENT,
    ),
    _Rule(
        MilestoneKind.HEAD_ELECTION,
        range(11, 46),
        ReasonKind.HEAD_MAY_CHANGE,
        Text(
            ja="首長選挙が{day}頃に予定されています。優先政策が変わる可能性があります。",
            en="The head is up for election around {day}: priorities may change.",
        ),
        (Audience.MANAGER, Audience.HEAD),
    ),
    _Rule(
        MilestoneKind.POST_ELECTION_SUPPLEMENTARY,
        range(11, 46),
        ReasonKind.POLICY_ITEMS_RETURN,
        Text(
            ja="当初予算が骨格予算であれば、政策的経費は{day}頃議決の補正予算（肉付け予算）に載ります。",
            en="If the initial budget was a skeleton, policy items return in the supplementary "
            "budget voted around {day}.",
        ),
        (Audience.MANAGER, Audience.FINANCE),
    ),
)
"""The meaning of each event to a seller. All of it common practice."""


def reasons_to_act(event: ScheduledEvent) -> tuple[Reason, ...]:
    """Return the reasons to contact somebody then; empty if there are none."""
    name, _, number = event.key.partition(":")
    lead = "" if event.lead is None else event.lead
    return tuple(
        Reason(
            rule.kind,
            Text(
                ja=rule.text.ja.format(
                    day=f"{event.about.month}月{event.about.day}日", lead=lead, number=number
                ),
                en=rule.text.en.format(
                    day=f"{event.about.day} {event.about:%B}", lead=lead, number=number
                ),
            ),
            rule.audience,
            rule.importance,
        )
        for rule in _RULES
        if rule.about == name and (event.lead is None or event.lead in rule.leads)
    )
