"""A municipality's calendar of one fiscal year: what it consists of.

The calendar of fiscal year N shows what happens from 1 April N to 31 March N+1: the budget of N+1
is prepared and voted, that of N is executed and amended, the accounts of N−1 are closed.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from budget_calendar.domain.windows import Estimate, Window
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.texts import Text


class MilestoneKind(StrEnum):
    """The kind of a milestone."""

    FISCAL_YEAR_BEGINS = "fiscal_year_begins"
    CONTACTS_RECONFIRMED = "contacts_reconfirmed"
    """Contacts are looked up again after the personnel moves, 1–15 April (common practice)."""
    ACCOUNTS_CLOSED = "accounts_closed"
    """出納閉鎖, 31 May (地方自治法235条の5)."""
    SETTLEMENT_TO_HEAD = "settlement_to_head"
    """決算 given to the head, three months after closing at the latest (233条)."""
    SETTLEMENT_RECOGNISED = "settlement_recognised"
    """決算認定 by the council (233条3項), as a rule in its September session."""
    SUMMER_REVIEW_BEGINS = "summer_review_begins"
    QUOTES_WANTED = "quotes_wanted"
    """The last day on which a reference quote (参考見積) still enters the requests."""
    MINISTRIES_REQUEST = "ministries_request"
    """概算要求 of the ministries, end of August."""
    POLICY_ANNOUNCED = "policy_announced"
    """予算編成方針."""
    REQUESTS_BEGIN = "requests_begin"
    REQUEST_DEADLINE = "request_deadline"
    """予算要求締切: who comes later waits a year."""
    FINANCE_ASSESSMENT_ENDS = "finance_assessment_ends"
    GOVERNMENT_DRAFT = "government_draft"
    """政府予算案, late December."""
    YEAR_END_CLOSURE = "year_end_closure"
    """年末年始の閉庁 begins, 29 December (to 3 January)."""
    HEAD_ASSESSMENT_BEGINS = "head_assessment_begins"
    UNOFFICIAL_NOTICE = "unofficial_notice"
    """内示."""
    RESTORATION_DEADLINE = "restoration_deadline"
    """復活要求締切."""
    SUBMISSION_DEADLINE = "submission_deadline"
    """The last day for submitting the budget (211条); a duty of effort."""
    BUDGET_SUBMITTED = "budget_submitted"
    BUDGET_VOTE = "budget_vote"
    """The initial budget (当初予算) is voted."""
    BUDGET_TO_HEAD = "budget_to_head"
    """The passed budget goes to the head within three days (219条)."""
    PERSONNEL_NOTICE = "personnel_notice"
    """人事異動の内示."""
    SESSION_NOTICE = "session_notice"
    """告示 of a council session (101条); numbered."""
    SESSION_OPENS = "session_opens"
    """A regular session (定例会) opens; numbered."""
    SESSION_VOTE = "session_vote"
    """The last voting day of a regular session; supplementary budgets pass; numbered."""
    SUPPLEMENTARY_REQUEST_DEADLINE = "supplementary_request_deadline"
    """The last day on which a request still enters that session's budget; numbered."""
    EXTRAORDINARY_SESSION = "extraordinary_session"
    """臨時会 that has been held or called; numbered by calendar year and number."""
    HEAD_ELECTION = "head_election"
    """The day of the election of the head."""
    HEAD_TERM_ENDS = "head_term_ends"
    POST_ELECTION_SUPPLEMENTARY = "post_election_supplementary"
    """肉付け予算: policy items return after a skeleton budget (骨格予算)."""


NUMBERED = frozenset(
    {
        MilestoneKind.SESSION_NOTICE,
        MilestoneKind.SESSION_OPENS,
        MilestoneKind.SESSION_VOTE,
        MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE,
        MilestoneKind.EXTRAORDINARY_SESSION,
    }
)
"""Kinds of which a year has several. Regular sessions: 1 (spring, Feb–Mar) to 4 (winter), as the
council numbers them within the *calendar* year; a fiscal year has 2, 3, 4 and the next year's 1.
Extraordinary sessions: calendar year and number, such as 202601, as a fiscal year may have two
first ones."""


SESSIONS_COUNTED = 100
"""An extraordinary session's number is its calendar year times this, plus its number in it."""

DEADLINES = (
    MilestoneKind.QUOTES_WANTED,
    MilestoneKind.REQUEST_DEADLINE,
    MilestoneKind.RESTORATION_DEADLINE,
    MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE,
)
"""Milestones that a seller must not miss; an overview shows the next of these by default."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One dated fact of the year."""

    kind: MilestoneKind
    estimate: Estimate
    number: int | None = None
    """Which session; ``None`` for kinds that occur once."""
    note: Text | None = None
    """A note for readers: a soft deadline, a conflict that moved the day."""

    @property
    def key(self) -> str:
        """The milestone's identifier within its year: ``request_deadline``, ``session_vote:2``."""
        return self.kind if self.number is None else f"{self.kind}:{self.number}"

    @property
    def likely(self) -> date:
        """The most likely day."""
        return self.estimate.window.likely


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """One phase of the year. It ends on the day before the next one begins."""

    phase: BudgetPhase
    begins: Estimate
    ends: Window


@dataclass(frozen=True, slots=True)
class SkeletonBudget:
    """The probability that next year's initial budget is a skeleton (骨格予算). Always below 1."""

    probability: float
    source: str
    election: Window


@dataclass(frozen=True, slots=True)
class BudgetCalendar:
    """The calendar of one municipality and fiscal year."""

    code: str
    fiscal_year: int
    template: str
    phases: tuple[PhaseSpan, ...]
    """In order; the first begins on 1 April, the last ends on 31 March."""
    milestones: tuple[Milestone, ...]
    """By likely day. What leads up to one of the year (request deadline and notice of the June
    session) may lie before 1 April."""
    skeleton: SkeletonBudget | None
    """``None`` when no election is near enough to matter, or the end of term is not known."""
    warnings: tuple[Text, ...] = ()
    """Warnings for readers: few observations, an end of term that nobody entered."""

    def phase_on(self, day: date) -> PhaseSpan:
        """The phase that ``day`` most likely falls into; ``day`` must lie in the fiscal year."""
        return next(span for span in reversed(self.phases) if span.begins.window.likely <= day)

    def milestone(self, key: str) -> Milestone | None:
        """The milestone of that key."""
        return next((m for m in self.milestones if m.key == key), None)
