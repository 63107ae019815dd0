"""Pursuits and routes as the API shows them, and what people send."""

from contextlib import nullcontext
from dataclasses import asdict
from datetime import date
from typing import Annotated

from pydantic import Field

from budget_calendar.calendars.schemas import AssumptionIn
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.pursuit.narrative import narrative, summary
from budget_calendar.domain.pursuit.state import (
    Confirmation,
    Ending,
    ReminderPolicy,
    ReplanReason,
    Status,
)
from budget_calendar.domain.routes.route import Reason, Route, RouteKind, Step
from budget_calendar.domain.stages import STAGE_NAMES, Outcome, Stage
from budget_calendar.events.mapping import date_window, label
from budget_calendar.fields import FIRST_FISCAL_YEAR, LAST_FISCAL_YEAR
from budget_calendar.pursuits.messages import PursuitStatus, next_action_on, stage_of
from budget_calendar.pursuits.repository import ListedPursuit, StoredPursuit
from budget_calendar.registry.schemas import BriefMunicipality
from kakehashi_common.contracts.budget_phases import DateWindow
from kakehashi_common.contracts.events import Label, MunicipalityCode
from kakehashi_common.contracts.instants import Day
from kakehashi_common.domain.errors import errors_within
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody, Whole

Note = Annotated[
    str, Field(max_length=500, description="For colleagues; no personal data", examples=[""])
]
NextAction = Annotated[
    date | None,
    Field(
        description="The next day on which something is to be begun, or is due; while nothing is "
        "open, when it is looked at again"
    ),
]
StageShown = Annotated[
    str,
    Field(
        description="The stage it is in; `no_route` while none is open, `ended` after the end",
        examples=["request"],
    ),
]
Owner = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="Team or staff number, never a name",
        examples=["fs-east"],
    ),
]


class GoalIn(RequestBody):
    """The goal of a pursuit."""

    policy_area: str = Field(max_length=64, examples=["digital"])
    amount: Whole = Field(
        le=10**15, description="Yen in total, tax included", examples=[12_000_000]
    )
    wanted_start: Day = Field(description="The day on which the work should begin")
    category: ContractCategory
    years: Whole | None = Field(
        default=None, description="Term of a multi-year contract, 1–10; absent for a one-off"
    )
    description: str = Field(default="", max_length=500, description="No personal data")
    continues_contract: Flag = Field(
        default=False, description="Whether a running contract is to be renewed"
    )

    def goal(self, place: str = "goal") -> PursuitGoal:
        """Return it as the domain knows it.

        Raises:
            DomainError: a value breaks its rule.
        """
        with errors_within(place) if place else nullcontext():
            return PursuitGoal(**self.model_dump())


class ReminderPolicyIn(RequestBody):
    """Business days after a step's date until a reminder or an escalation."""

    reminder: Whole = Field(default=3, le=250)
    escalation: Whole = Field(default=10, le=250)
    review: Whole = Field(default=20, le=250, description="Between an escalation and the next look")

    def policy(self) -> ReminderPolicy:
        """Return it as the domain knows it.

        Raises:
            DomainError: the days are out of order.
        """
        with errors_within("patience"):
            return ReminderPolicy(self.reminder, self.escalation, self.review)


class PursuitIn(RequestBody):
    """A pursuit to be opened."""

    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=60,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Made up when absent; no personal data. Successors of a contract are "
        "`<id>-2`, `<id>-3`",
        examples=["deal-4711"],
    )
    municipality_code: MunicipalityCode
    owner: Owner
    goal: GoalIn
    patience: ReminderPolicyIn = ReminderPolicyIn()


class ConfirmationIn(RequestBody):
    """The outcome of a stage."""

    stage: Stage
    outcome: Outcome
    on: Day = Field(description="The day in Japan on which it happened")
    note: Note = ""


class RouteIn(RequestBody):
    """Another of the planned routes."""

    route_id: str = Field(max_length=64, examples=["supplementary_budget:2027:2"])


class PauseIn(RequestBody):
    """The time until which nobody is asked for anything."""

    until: Day
    note: Note = ""


class CancelIn(RequestBody):
    """The reason for giving up a pursuit."""

    note: Note = ""


class RouteAssumptionIn(AssumptionIn):
    """A date of some fiscal year to be assumed."""

    fiscal_year: Whole = Field(ge=FIRST_FISCAL_YEAR, le=LAST_FISCAL_YEAR)


class PlanIn(RequestBody):
    """For what to plan, as of when, and by which dates."""

    municipality_code: MunicipalityCode
    goal: GoalIn
    as_of: Day | None = Field(default=None, description="Today when absent")
    assumptions: list[RouteAssumptionIn] = Field(default=[], max_length=50)


class StepOut(ResponseBody):
    """One stage of a route."""

    stage: Stage
    label: Label
    begin_by: date
    act_by: date
    window: DateWindow
    optional: bool
    note: Label | None

    @classmethod
    def of(cls, step: Step) -> "StepOut":
        """Show it."""
        return cls(
            stage=step.stage,
            label=label(STAGE_NAMES[step.stage]),
            begin_by=step.begin_by,
            act_by=step.act_by,
            window=date_window(step.estimate),
            optional=step.optional,
            note=None if step.note is None else label(step.note),
        )


class RouteOut(ResponseBody):
    """One way to money, feasible or not, and why."""

    id: str
    kind: RouteKind
    rank: int = Field(description="1 is proposed first")
    label: Label
    feasible: bool
    reason: Reason
    explanation: Label
    fiscal_year: int = Field(description="The year whose budget holds the money")
    latest_action: date | None = Field(description="The last day on which it can be entered")
    starts: date | None = Field(description="When the work would likely begin")
    grant: int = Field(description="Yen that a subsidy pays")
    own_share: int = Field(description="Yen that the municipality must budget itself")
    subsidy_id: str | None
    contract: Label | None = Field(description="How the contract would be awarded")
    steps: list[StepOut]

    @classmethod
    def of(cls, route: Route) -> "RouteOut":
        """Show it."""
        return cls(
            id=route.id,
            kind=route.kind,
            rank=route.rank,
            label=label(route.title),
            feasible=route.feasible,
            reason=route.reason,
            explanation=label(route.explanation),
            fiscal_year=route.fiscal_year,
            latest_action=route.latest_action,
            starts=route.starts,
            grant=route.grant,
            own_share=route.own_share,
            subsidy_id=route.subsidy_id,
            contract=None if route.contract is None else label(route.contract.text),
            steps=[StepOut.of(step) for step in route.steps],
        )


class PlanOut(ResponseBody):
    """Every route as of a day, the best first."""

    municipality: BriefMunicipality
    as_of: date
    routes: list[RouteOut]

    @classmethod
    def of(cls, municipality: Municipality, as_of: date, routes: tuple[Route, ...]) -> "PlanOut":
        """Show it."""
        return cls(
            municipality=BriefMunicipality.of(municipality),
            as_of=as_of,
            routes=[RouteOut.of(route) for route in routes],
        )


class GoalOut(ResponseBody):
    """The goal of a pursuit."""

    policy_area: str
    amount: int
    wanted_start: date
    category: ContractCategory
    years: int | None
    description: str
    continues_contract: bool

    @classmethod
    def of(cls, goal: PursuitGoal) -> "GoalOut":
        """Show it."""
        return cls(**asdict(goal))


class PursuitStatusOut(ResponseBody):
    """The state of a pursuit after a request."""

    id: str
    version: int = Field(description="Grows with everything that happens")
    status: Status
    stage: StageShown
    next_action_on: NextAction
    summary: Label

    @classmethod
    def of(cls, status: PursuitStatus) -> "PursuitStatusOut":
        """Show it."""
        return cls(
            id=status.pursuit_id,
            version=status.version,
            status=Status(status.status),
            stage=status.stage,
            next_action_on=status.next_action_on,
            summary=Label(ja=status.ja, en=status.en),
        )


class ListedPursuitOut(ResponseBody):
    """One pursuit in a list."""

    id: str
    municipality_code: str
    owner: str
    status: Status
    stage: StageShown
    next_action_on: NextAction
    policy_area: str
    amount: int
    wanted_start: date
    description: str
    route_id: str | None
    updated_at: JapanTime

    @classmethod
    def of(cls, listed: ListedPursuit) -> "ListedPursuitOut":
        """Show it."""
        return cls.model_validate(listed, from_attributes=True)


class ConfirmationOut(ResponseBody):
    """A person's confirmation of a stage on the present route."""

    stage: Stage
    outcome: Outcome
    on: date
    by: str
    note: str

    @classmethod
    def of(cls, confirmation: Confirmation) -> "ConfirmationOut":
        """Show it."""
        return cls.model_validate(confirmation, from_attributes=True)


class PursuitOut(ResponseBody):
    """One pursuit: where it stands, its way, what came before, and the other ways."""

    id: str
    municipality: BriefMunicipality
    owner: str
    version: int
    status: Status
    stage: StageShown
    summary: Label
    goal: GoalOut
    next_action_on: NextAction
    next_step: StepOut | None = Field(description="What should happen next")
    open_stages: list[Stage] = Field(description="What can be confirmed now")
    route: RouteOut | None = Field(description="The route under way")
    awaited: ReplanReason | None = Field(description="Why new routes are being planned")
    confirmed: list[ConfirmationOut]
    paused_until: date | None
    contract_from: date | None
    contract_until: date | None
    ending: Ending | None
    story: list[Label] = Field(description="What happened, the oldest first, then what comes next")
    routes: list[RouteOut] = Field(description="Every route as last planned, the best first")
    opened_on: date
    created_at: JapanTime
    updated_at: JapanTime

    @classmethod
    def of(cls, municipality: Municipality, stored: StoredPursuit) -> "PursuitOut":
        """Show it."""
        state = stored.state
        step = state.next_step
        return cls(
            id=state.pursuit_id,
            municipality=BriefMunicipality.of(municipality),
            owner=state.owner,
            version=state.version,
            status=state.status,
            stage=stage_of(state),
            summary=label(summary(state)),
            goal=GoalOut.of(state.goal),
            next_action_on=next_action_on(state),
            next_step=StepOut.of(step) if step else None,
            open_stages=[each.stage for each in state.open_steps],
            route=RouteOut.of(state.route) if state.route else None,
            awaited=state.awaited,
            confirmed=[ConfirmationOut.of(each) for each in state.confirmed],
            paused_until=state.paused_until,
            contract_from=state.contract_from,
            contract_until=state.contract_until,
            ending=state.ending,
            story=[label(text) for text in narrative(state)],
            routes=[RouteOut.of(route) for route in state.routes],
            opened_on=state.opened_on,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )
