"""One deal's way to money, for as many years as it takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from budget_calendar.activities import PursuitActivities
    from budget_calendar.domain.business_days import BusinessDays
    from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
    from budget_calendar.domain.goals import PursuitGoal
    from budget_calendar.domain.moments import ANNOUNCED_AT, JAPAN
    from budget_calendar.domain.pursuit import (
        Decision,
        PursuitState,
        decide,
        due,
        next_wakeup,
        note_refusal,
        open_pursuit,
    )
    from budget_calendar.domain.pursuit.commands import CalendarChanged, Command
    from budget_calendar.domain.pursuit.effects import BeginSuccessor, Replan
    from budget_calendar.domain.pursuit.state import Status
    from budget_calendar.domain.refusals import RefusedError
    from budget_calendar.domain.route import Route
    from budget_calendar.domain.story import story, summary
    from budget_calendar.looking_ahead import Due, line
    from budget_calendar.pursuit_events import events_of
    from budget_calendar.pursuit_messages import (
        TEMPORAL,
        Act,
        CancelPursuit,
        ConfirmStage,
        Message,
        OpenPursuit,
        PausePursuit,
        Planned,
        PlanRoutes,
        RecordPursuit,
        ResumePursuit,
        Standing,
        StoryTold,
        TakeRoute,
        WantOtherwise,
        next_action_on,
        stage_of,
    )
    from budget_calendar.workflows.budget_cycle import QUICK, UNTIL_IT_WORKS
    from kakehashi_common.temporal.search_attributes import (
        FISCAL_YEAR,
        MUNICIPALITY_CODE,
        OWNER,
        POLICY_AREA,
        PURSUIT_STAGE,
    )

SYSTEM: Final = "system:budget-calendar"
"""Who did what the clock or a calendar brought about."""

ID_PREFIX: Final = "pursuit/"

DECISIONS_PER_RUN: Final = 300
"""A year has about forty; more mean a calendar that is revised all the time and a long history."""

_SHOWN: Final = 8
"""Lines of the story, the newest, that an operator sees at a glance."""

_OPENS: Final = timedelta(hours=ANNOUNCED_AT.hour)
"""Nobody is told anything before the offices open."""


@dataclass(frozen=True)
class Pursuit:
    """What a run goes on from; a first run gives the opening alone."""

    opening: OpenPursuit
    opened_by: str = SYSTEM
    origin: str = TEMPORAL
    state: PursuitState | None = None
    holidays: tuple[date, ...] = ()
    """As last planned with: a decree may move one, and a replay must not see that."""
    ahead_of_time: timedelta = timedelta(0)
    """Added to the clock: a simulation may begin on another day than today."""


@workflow.defn
class PursuitWorkflow:
    """Lives from the opening of a pursuit to its end. Its id is ``pursuit/<id>``.

    Every decision is the domain's: a command and the day in, a new state and effects out. Messages
    and the clock decide at once; what follows is carried out by the run, one thing at a time, and
    recorded with the state that it belongs to.
    """

    @workflow.init
    def __init__(self, request: Pursuit) -> None:
        self._request = request
        self._state = request.state
        self._business_days = BusinessDays(frozenset(request.holidays).__contains__)
        self._recorded = 0 if request.state is None else request.state.version
        self._fiscal_year = fiscal_year_of(self._clock_day())
        self._decisions = 0
        self._plan_wanted = True
        """At the opening, and again in each fiscal year: its calendars have been opened since."""
        self._successor: PursuitGoal | None = None
        self._acts: list[Act] = []
        self._events: list[Due] = []
        self._calendars = 0
        self._carrying_out = False

    @workflow.run
    async def run(self, request: Pursuit) -> str:
        """Open the pursuit, and follow it to its end; return how it ended."""
        workflow.upsert_search_attributes(
            [
                MUNICIPALITY_CODE.value_set(request.opening.code),
                OWNER.value_set(request.opening.owner),
            ]
        )
        while True:
            await self._carry_out()
            state = self._opened()
            if state.status is Status.ENDED:
                await self._let_messages_finish()
                return summary(self._opened()).en
            if self._time_for_a_new_run():
                await self._let_messages_finish()
                if not self._unfinished():
                    workflow.continue_as_new(self._next_run())
                continue
            await self._wait_until_something_is_due(state)
            self._let_the_clock_decide()

    # What a person asks: as updates, which answer, and as signals, which note a refusal.

    @workflow.update(
        name="open", description="Open the pursuit; the same again changes nothing and answers"
    )
    async def open_again(self, opening: OpenPursuit) -> Standing:  # noqa: ARG002 - the validator compares it
        """Where it stands, once it has been opened and recorded."""
        await self._settled(1)
        return self._standing()

    @open_again.validator
    def _check_opening(self, opening: OpenPursuit) -> None:
        if opening != self._request.opening:
            raise _refused(
                RefusedError(
                    f"pursuit {opening.pursuit_id} is there already, for another municipality, "
                    "owner or goal: take another id",
                    field="id",
                    code="pursuit_exists",
                )
            )

    @workflow.update(description="What happened in a stage: stage, outcome, on, by, note")
    async def confirm(self, message: ConfirmStage) -> Standing:
        """Record what happened and draw the consequences."""
        return await self._obey(message)

    @confirm.validator
    def _check_confirm(self, message: ConfirmStage) -> None:
        self._check(message)

    @workflow.update(description="Take another of the planned routes: route_id, by")
    async def choose_route(self, message: TakeRoute) -> Standing:
        """Go another way."""
        return await self._obey(message)

    @choose_route.validator
    def _check_choose_route(self, message: TakeRoute) -> None:
        self._check(message)

    @workflow.update(description="Change what is wanted, and plan anew: goal, by")
    async def revise_goal(self, message: WantOtherwise) -> Standing:
        """Want something else."""
        return await self._obey(message)

    @revise_goal.validator
    def _check_revise_goal(self, message: WantOtherwise) -> None:
        self._check(message)

    @workflow.update(description="Ask nobody for anything until a day: until, by, note")
    async def pause(self, message: PausePursuit) -> Standing:
        """Be silent until a day."""
        return await self._obey(message)

    @pause.validator
    def _check_pause(self, message: PausePursuit) -> None:
        self._check(message)

    @workflow.update(description="Go on before the pause is over: by")
    async def resume(self, message: ResumePursuit) -> Standing:
        """Go on."""
        return await self._obey(message)

    @resume.validator
    def _check_resume(self, message: ResumePursuit) -> None:
        self._check(message)

    @workflow.update(description="Give the pursuit up: by, note")
    async def cancel(self, message: CancelPursuit) -> Standing:
        """Give it up."""
        return await self._obey(message)

    @cancel.validator
    def _check_cancel(self, message: CancelPursuit) -> None:
        self._check(message)

    @workflow.signal(name="confirm", description="What happened: stage, outcome, on, by, note")
    async def on_confirm(self, message: ConfirmStage) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @workflow.signal(name="choose_route", description="Take another route: route_id, by")
    async def on_choose_route(self, message: TakeRoute) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @workflow.signal(name="revise_goal", description="Change what is wanted: goal, by")
    async def on_revise_goal(self, message: WantOtherwise) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @workflow.signal(name="pause", description="Be silent until a day: until, by, note")
    async def on_pause(self, message: PausePursuit) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @workflow.signal(name="resume", description="Go on before the pause is over: by")
    async def on_resume(self, message: ResumePursuit) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @workflow.signal(name="cancel", description="Give the pursuit up: by, note")
    async def on_cancel(self, message: CancelPursuit) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @workflow.signal(description="The municipality's calendar has changed: plan anew")
    def calendar_changed(self) -> None:
        """Plan anew. A hundred of these at once cause one or two plans."""
        self._plan_wanted = True

    @workflow.query(description="What happened and what comes next (ja, en)")
    def story(self) -> StoryTold:
        """The story so far."""
        told = () if self._state is None else story(self._state)
        return StoryTold(tuple(t.ja for t in told), tuple(t.en for t in told))

    @workflow.query(description="Everything known about the pursuit; null until it is opened")
    def state(self) -> PursuitState | None:
        """All of it."""
        return self._state

    @workflow.query(description="The routes as last planned, the best first")
    def plan(self) -> Sequence[Route]:
        """Every route, feasible or not."""
        return () if self._state is None else self._state.routes

    # Deciding.

    def _check(self, message: Message) -> None:
        """Refuse what makes no sense before it is part of the history."""
        if self._state is None:
            return
        try:
            self._decided(message)
        except RefusedError as error:
            raise _refused(error) from error

    async def _obey(self, message: Message) -> Standing:
        """Decide, and answer when all that follows has been recorded."""
        await workflow.wait_condition(lambda: self._state is not None)
        try:
            decision = self._decided(message)
        except RefusedError as error:
            raise _refused(error) from error
        self._take(decision, message, by=message.by, origin=message.origin)
        await self._settled(decision.state.version)
        return self._standing()

    async def _hear(self, message: Message) -> None:
        """Decide; what is refused becomes a line of the story."""
        await workflow.wait_condition(lambda: self._state is not None)
        try:
            decision = self._decided(message)
        except RefusedError as error:
            if self._opened().status is Status.ENDED:
                return
            decision = note_refusal(self._opened(), error, message.by, self._today())
        self._take(decision, message, by=message.by, origin=message.origin)

    def _let_the_clock_decide(self) -> None:
        """Decide the first thing that is due; the others come round once its effects are out."""
        commands = due(self._opened(), self._clock_day(), self._business_days)
        if commands:
            self._take(self._decided(commands[0]), commands[0])

    def _decided(self, command: Command) -> Decision:
        return decide(self._opened(), command, self._today(), self._business_days)

    def _take(
        self, decision: Decision, command: object, *, by: str = SYSTEM, origin: str | None = None
    ) -> None:
        """Make the decision's state the state, and remember what has to be done about it."""
        before, self._state = self._state, decision.state
        self._decisions += 1
        for effect in decision.effects:
            if isinstance(effect, Replan):
                self._plan_wanted = True
            elif isinstance(effect, BeginSuccessor):
                self._successor = effect.goal
        self._events += events_of(decision.state, decision.effects, self._now())
        if origin is not None or before is None or before.history != decision.state.history:
            act = Act(
                by,
                _verb(command),
                origin or workflow.info().workflow_id,
                None if before is None else _outline(before),
                _outline(decision.state) | _said(command),
            )
            self._acts.append(act)
        self._tell(decision.state)

    # Carrying out.

    async def _carry_out(self) -> None:
        """Do what follows from what was decided, until nothing is left."""
        self._carrying_out = True
        while self._unfinished():
            if self._state is not None and self._recorded < self._state.version:
                await self._record(self._state)
            elif self._successor is not None:
                await self._begin_successor(self._successor)
            else:
                await self._plan()
        self._carrying_out = False

    async def _plan(self) -> None:
        """Plan the routes by the calendars as they are now, and go on with them."""
        self._plan_wanted = False
        opening = self._request.opening
        planned: Planned = await workflow.execute_activity_method(
            PursuitActivities.plan_routes,
            PlanRoutes(
                opening.code,
                opening.goal if self._state is None else self._state.goal,
                self._now(),
            ),
            start_to_close_timeout=QUICK,
            retry_policy=UNTIL_IT_WORKS,
            summary="Plan the routes",
        )
        self._request = replace(self._request, holidays=planned.holidays)
        self._business_days = BusinessDays(frozenset(planned.holidays).__contains__)
        self._calendars = planned.calendars
        if self._state is None:
            self._open(planned)
        elif self._state.status is not Status.ENDED:
            changed = CalendarChanged(planned.routes)
            self._take(self._decided(changed), changed)

    def _open(self, planned: Planned) -> None:
        opening = self._request.opening
        decision = open_pursuit(
            opening.pursuit_id,
            opening.code,
            opening.owner,
            opening.goal,
            planned.routes,
            self._today(),
            business_days=self._business_days,
            patience=opening.patience,
        )
        self._take(decision, opening, by=self._request.opened_by, origin=self._request.origin)

    async def _record(self, state: PursuitState) -> None:
        """Store the state with what is to be published, in one transaction."""
        acts, self._acts = tuple(self._acts), []
        events, self._events = tuple(self._events), []
        await workflow.execute_activity_method(
            PursuitActivities.record_pursuit,
            RecordPursuit(state, self._calendars, self._now(), acts, events),
            start_to_close_timeout=QUICK,
            retry_policy=UNTIL_IT_WORKS,
            summary=line([*(act.what for act in acts), *(event.key for event in events)])
            or f"Version {state.version}",
        )
        self._recorded = state.version

    async def _begin_successor(self, goal: PursuitGoal) -> None:
        """Open the pursuit of the contract that follows; it goes its own way from there."""
        opening = self._request.opening
        successor = replace(
            opening,
            pursuit_id=opening.successor_id,
            goal=goal,
            generation=opening.generation + 1,
        )
        own_id = workflow.info().workflow_id
        try:
            await workflow.start_child_workflow(
                PursuitWorkflow.run,
                Pursuit(successor, origin=own_id, ahead_of_time=self._request.ahead_of_time),
                id=own_id.removesuffix(opening.pursuit_id) + successor.pursuit_id,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=summary_of(successor),
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.warning("the successor %s is there already", successor.pursuit_id)
        self._successor = None

    # Waiting.

    async def _wait_until_something_is_due(self, state: PursuitState) -> None:
        """Sleep until the clock brings something, the fiscal year ends, or a message comes."""
        new_year = first_day(self._fiscal_year + 1)
        wakeup = next_wakeup(state, self._clock_day(), self._business_days)
        day = min(wakeup or new_year, new_year)
        opens = datetime.combine(day, ANNOUNCED_AT)
        seconds = max(0.0, (opens - self._now()).total_seconds())
        try:
            await workflow.wait_condition(
                self._unfinished, timeout=seconds, timeout_summary=f"until {day}"
            )
        except TimeoutError:
            return

    async def _settled(self, version: int) -> None:
        """Wait until that version, and all that follows from it, has been recorded."""
        await workflow.wait_condition(
            lambda: not (self._carrying_out or self._recorded < version or self._unfinished())
        )

    async def _let_messages_finish(self) -> None:
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() or self._unfinished()
        )

    def _unfinished(self) -> bool:
        state = self._state
        if state is not None and self._recorded < state.version:
            return True
        return self._successor is not None or (
            self._plan_wanted and (state is None or state.status is not Status.ENDED)
        )

    def _time_for_a_new_run(self) -> bool:
        """Whether a fiscal year has begun since this run did, or the history has grown long."""
        return (
            fiscal_year_of(self._clock_day()) != self._fiscal_year
            or self._decisions >= DECISIONS_PER_RUN
            or workflow.info().is_continue_as_new_suggested()
        )

    def _next_run(self) -> Pursuit:
        return replace(self._request, state=self._state)

    # The day, and what an operator sees.

    def _now(self) -> datetime:
        return workflow.now() + self._request.ahead_of_time

    def _today(self) -> date:
        """The day in Japan."""
        return self._now().astimezone(JAPAN).date()

    def _clock_day(self) -> date:
        """The last day that has come as far as the clock is concerned."""
        return (self._now().astimezone(JAPAN) - _OPENS).date()

    def _opened(self) -> PursuitState:
        if self._state is None:
            raise ValueError("the pursuit has not been opened yet")
        return self._state

    def _standing(self) -> Standing:
        state = self._opened()
        text = summary(state)
        return Standing(
            state.pursuit_id,
            state.version,
            state.status.value,
            stage_of(state),
            next_action_on(state),
            text.ja,
            text.en,
        )

    def _tell(self, state: PursuitState) -> None:
        """Show an operator in the Temporal UI where the pursuit stands."""
        year = state.route.fiscal_year if state.route else state.goal.first_fiscal_year
        there = workflow.info().typed_search_attributes
        wanted = [
            (FISCAL_YEAR, year),
            (POLICY_AREA, state.goal.policy_area),
            (PURSUIT_STAGE, stage_of(state)),
        ]
        new: list[Any] = [
            key.value_set(value)  # type: ignore[attr-defined]  # keys of two types in one list
            for key, value in wanted
            if there.get(key) != value  # type: ignore[call-overload]
        ]
        if new:
            workflow.upsert_search_attributes(new)
        now, told = summary(state), story(state)[-_SHOWN:]
        workflow.set_current_details(
            "\n\n".join(
                (
                    f"**{now.ja}**\n\n" + "\n".join(f"- {line.ja}" for line in told),
                    f"**{now.en}**\n\n" + "\n".join(f"- {line.en}" for line in told),
                )
            )
        )


def summary_of(opening: OpenPursuit) -> str:
    """The static summary of a pursuit's workflow."""
    return f"{opening.goal.policy_area} in {opening.code} for {opening.owner}"


def _refused(error: RefusedError) -> ApplicationError:
    """The domain's refusal as a caller gets it: the code is the type, the field the detail."""
    return ApplicationError(error.message, error.field, type=error.code, non_retryable=True)


_VERBS: Final = {
    OpenPursuit: "open_pursuit",
    ConfirmStage: "confirm_stage",
    TakeRoute: "choose_route",
    WantOtherwise: "revise_goal",
    PausePursuit: "pause_pursuit",
    ResumePursuit: "resume_pursuit",
    CancelPursuit: "cancel_pursuit",
    CalendarChanged: "plan_anew",
}


def _verb(command: object) -> str:
    return _VERBS.get(type(command), type(command).__name__.lower())


def _outline(state: PursuitState) -> dict[str, object]:
    return {
        "version": state.version,
        "status": state.status.value,
        "stage": stage_of(state),
        "route": state.route.id if state.route else None,
    }


def _said(command: object) -> dict[str, object]:
    """What a person said; free text stays in the pursuit."""
    match command:
        case ConfirmStage():
            return {"confirmed": command.stage, "outcome": command.outcome, "on": str(command.on)}
        case WantOtherwise() | OpenPursuit():
            return {"goal": {k: v for k, v in asdict(command.goal).items() if k != "description"}}
        case PausePursuit():
            return {"until": str(command.until)}
        case _:
            return {}
