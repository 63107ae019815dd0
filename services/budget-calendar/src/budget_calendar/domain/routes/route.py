"""One way through the budget year to money and a contract."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from budget_calendar.domain.routes.procurement import ContractPlan
from budget_calendar.domain.stages import Stage
from budget_calendar.domain.windows import Estimate, Window
from kakehashi_common.domain.texts import Text


class RouteKind(StrEnum):
    """The kind of a route to a budget."""

    INITIAL_BUDGET = "initial_budget"
    """当初予算."""
    SUPPLEMENTARY_BUDGET = "supplementary_budget"
    """補正予算 (地方自治法218条)."""
    REALLOCATION = "reallocation"
    """流用 between items of one budget section (220条2項)."""
    RESERVE = "reserve"
    """予備費 (217条)."""
    SUBSIDY = "subsidy"
    """補助金・交付金, with a budget for the own share."""
    DEBT_BURDEN = "debt_burden"
    """債務負担行為 (214条)."""
    ZERO_DEBT = "zero_debt"
    """ゼロ債務: contract this year, start and spending from 1 April of the next (214条)."""
    LONG_TERM_CONTRACT = "long_term_contract"
    """長期継続契約 (234条の3)."""
    PROOF_OF_CONCEPT = "proof_of_concept"
    """実証実験 from April to June, its results for the September supplementary budget."""


class Reason(StrEnum):
    """The reason why a route is feasible or not; stable, for programs."""

    FITS = "fits"
    DEADLINE_MAY_BE_PAST = "deadline_may_be_past"
    """Feasible: the likely day is past, the latest is not."""
    SKELETON_BUDGET = "skeleton_budget"
    """Feasible: a skeleton budget (骨格予算) is likely, new policy returns after the election."""
    CARRIED_OVER = "carried_over"
    """Feasible: too little of the year is left, the money must be carried over (213条)."""
    EXTRAORDINARY_SESSION = "extraordinary_session"
    """Feasible if the 臨時会 is called for it (102条3項・4項)."""
    DEADLINE_PAST = "deadline_past"
    TOO_EARLY = "too_early"
    """The money must be spent before the wanted start (会計年度独立, 208条2項)."""
    DATE_UNKNOWN = "date_unknown"
    ABOVE_CEILING = "above_ceiling"
    ONE_OFF = "one_off"
    """Only for contracts of several years."""
    SEVERAL_YEARS = "several_years"
    """Only for contracts within one year."""
    CATEGORY_EXCLUDED = "category_excluded"
    TERM_TOO_LONG = "term_too_long"
    NO_TIME_TO_AWARD = "no_time_to_award"
    NOT_COMPLETED_IN_TIME = "not_completed_in_time"
    """The subsidy wants the work done before it could be."""
    NO_BUDGET_FOR_OWN_SHARE = "no_budget_for_own_share"
    NO_SUBSIDY_FITS = "no_subsidy_fits"


FEASIBLE_WITH: Final = frozenset(
    {
        Reason.FITS,
        Reason.DEADLINE_MAY_BE_PAST,
        Reason.SKELETON_BUDGET,
        Reason.CARRIED_OVER,
        Reason.EXTRAORDINARY_SESSION,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a route with its dates."""

    stage: Stage
    begin_by: date
    """When to start working on it."""
    act_by: date
    """By when it should have happened: of earliest, likely and latest the first that is not past
    for what the seller or the department does, the likely day for what others decide."""
    estimate: Estimate
    """When it takes place, how that is known and where from."""
    optional: bool = False
    note: Text | None = None

    @property
    def confirmed_by(self) -> date:
        """The day from which a missing confirmation is overdue.

        It is wise to have a request in by the earliest day of its deadline, but the department
        owes no answer before the likely one.
        """
        if self.stage is Stage.REQUEST:
            return max(self.act_by, self.estimate.window.likely)
        return self.act_by


@dataclass(frozen=True, slots=True)
class Route:
    """One way to money: whether it can be taken, its steps, and what follows."""

    id: str
    """Stable over plans: ``supplementary_budget:2026:3``, ``initial_budget:2027``."""
    kind: RouteKind
    title: Text
    reason: Reason
    explanation: Text
    """Why it is feasible or not, in whole sentences."""
    fiscal_year: int
    """The year whose budget holds the money."""
    steps: tuple[Step, ...]
    """In the order in which they are taken; empty where dates are not known."""
    latest_action: date | None
    """The last day on which it can still be entered: the latest day of its request deadline."""
    money_from: Window | None
    """When the money can first be bound by a contract."""
    starts: date | None
    """When the work would likely begin."""
    contract: ContractPlan | None
    restoration: Estimate | None = None
    """The deadline for 復活要求, where the route has one."""
    subsidy_id: str | None = None
    grant: int = 0
    """Yen that a subsidy pays."""
    own_share: int = 0
    """Yen that the municipality must budget itself."""
    rank: int = 0
    """1 is proposed first."""

    @property
    def feasible(self) -> bool:
        """Whether it can still be taken."""
        return self.reason in FEASIBLE_WITH

    def step(self, stage: Stage) -> Step | None:
        """The step of that stage."""
        return next((s for s in self.steps if s.stage is stage), None)
