"""Names of phases, milestones and bases for people."""

from collections.abc import Mapping
from typing import Final

from budget_calendar.domain.budget_year.calendar import Milestone, MilestoneKind
from budget_calendar.domain.windows import Basis
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.texts import Text

PHASES: Final[Mapping[BudgetPhase, Text]] = {
    BudgetPhase.INFORMATION_GATHERING: Text("情報収集", "Information gathering"),
    BudgetPhase.SUMMER_REVIEW: Text(
        "サマーレビュー・参考見積", "Summer review and reference quotes"
    ),
    BudgetPhase.BUDGET_POLICY: Text("予算編成方針", "Budget policy"),
    BudgetPhase.DEPARTMENT_REQUESTS: Text("各課の予算要求", "Departments' requests"),
    BudgetPhase.FINANCE_ASSESSMENT: Text("財政課査定", "Finance section's assessment"),
    BudgetPhase.HEAD_ASSESSMENT: Text("首長査定・内示・復活要求", "Head's assessment"),
    BudgetPhase.DELIBERATION: Text("議会審議・議決", "Council deliberation and vote"),
    BudgetPhase.EXECUTION_PREPARATION: Text("執行準備", "Preparing execution"),
}

MILESTONES: Final[Mapping[MilestoneKind, Text]] = {
    MilestoneKind.FISCAL_YEAR_BEGINS: Text("年度開始", "Fiscal year begins"),
    MilestoneKind.CONTACTS_RECONFIRMED: Text("担当者の再確認", "Contacts reconfirmed"),
    MilestoneKind.ACCOUNTS_CLOSED: Text("出納閉鎖", "Accounts closed"),
    MilestoneKind.SETTLEMENT_TO_HEAD: Text("決算の長への提出期限", "Settlement due to the head"),
    MilestoneKind.SETTLEMENT_RECOGNISED: Text("決算認定", "Council recognises the settlement"),
    MilestoneKind.SUMMER_REVIEW_BEGINS: Text("サマーレビュー開始", "Summer review begins"),
    MilestoneKind.QUOTES_WANTED: Text("参考見積の実質締切", "Last useful reference quote"),
    MilestoneKind.MINISTRIES_REQUEST: Text("国の概算要求", "Ministries' budget requests"),
    MilestoneKind.POLICY_ANNOUNCED: Text("予算編成方針の公表", "Budget policy announced"),
    MilestoneKind.REQUESTS_BEGIN: Text("予算要求開始", "Requests begin"),
    MilestoneKind.REQUEST_DEADLINE: Text("予算要求締切", "Request deadline"),
    MilestoneKind.FINANCE_ASSESSMENT_ENDS: Text("財政課査定の終了", "Finance assessment ends"),
    MilestoneKind.GOVERNMENT_DRAFT: Text("政府予算案の閣議決定", "Government's draft budget"),
    MilestoneKind.YEAR_END_CLOSURE: Text("年末年始の閉庁", "Year-end closure begins"),
    MilestoneKind.HEAD_ASSESSMENT_BEGINS: Text("首長査定開始", "Head's assessment begins"),
    MilestoneKind.UNOFFICIAL_NOTICE: Text("予算内示", "Unofficial notice"),
    MilestoneKind.RESTORATION_DEADLINE: Text("復活要求締切", "Restoration deadline"),
    MilestoneKind.SUBMISSION_DEADLINE: Text("予算の議会提出期限", "Submission deadline by law"),
    MilestoneKind.BUDGET_SUBMITTED: Text("当初予算案の提出", "Budget submitted"),
    MilestoneKind.BUDGET_VOTE: Text("当初予算の議決", "Initial budget voted"),
    MilestoneKind.BUDGET_TO_HEAD: Text("議決予算の長への送付期限", "Passed budget due to the head"),
    MilestoneKind.PERSONNEL_NOTICE: Text("人事異動の内示", "Personnel moves announced"),
    MilestoneKind.SESSION_NOTICE: Text("招集告示", "Notice of session"),
    MilestoneKind.SESSION_OPENS: Text("開会", "Session opens"),
    MilestoneKind.SESSION_VOTE: Text("最終議決日", "Last voting day"),
    MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE: Text(
        "補正予算の要求締切", "Supplementary request deadline"
    ),
    MilestoneKind.EXTRAORDINARY_SESSION: Text("臨時会", "Extraordinary session"),
    MilestoneKind.HEAD_ELECTION: Text("首長選挙", "Election of the head"),
    MilestoneKind.HEAD_TERM_ENDS: Text("首長の任期満了", "Head's term ends"),
    MilestoneKind.POST_ELECTION_SUPPLEMENTARY: Text(
        "肉付け予算", "Post-election supplementary budget"
    ),
}

BASES: Final[Mapping[Basis, Text]] = {
    Basis.MANUAL: Text("手入力", "entered by a person"),
    Basis.OBSERVED: Text("実績・公表", "observed"),
    Basis.LAW: Text("法令", "set by law"),
    Basis.PREDICTED: Text("過去の実績からの予測", "predicted from earlier years"),
    Basis.PRACTICE: Text("一般的な慣行", "common practice"),
}


def milestone_label(kind: MilestoneKind, number: int | None = None) -> Text:
    """A milestone's name with its session: ``第2回定例会 開会`` / ``Session opens (session 2)``."""
    label = MILESTONES[kind]
    if number is None:
        return label
    if kind is MilestoneKind.EXTRAORDINARY_SESSION:
        year, nth = divmod(number, 100)
        return Text(f"{year}年第{nth}回臨時会", f"{label.en} {year}-{nth}")
    return Text(f"第{number}回定例会 {label.ja}", f"{label.en} (session {number})")


def label_of(milestone: Milestone) -> Text:
    """The milestone's name, with its session."""
    return milestone_label(milestone.kind, milestone.number)


def label_of_key(key: str) -> Text:
    """The name of the milestone with that key, such as ``session_vote:2``."""
    kind, _, number = key.partition(":")
    return milestone_label(MilestoneKind(kind), int(number) if number else None)
