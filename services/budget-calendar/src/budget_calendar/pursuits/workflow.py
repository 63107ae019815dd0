"""One deal's way to money, for as many years as it takes."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from budget_calendar.cycles.plan import labels, line
    from budget_calendar.cycles.workflow import QUICK, UNTIL_IT_WORKS
    from budget_calendar.domain.budget_year.scheduled_events import ANNOUNCED_AT
    from budget_calendar.domain.business_days import BusinessDays
    from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
    from budget_calendar.domain.goals import PursuitGoal
    from budget_calendar.domain.pursuit import PursuitState, due, next_wakeup, open_pursuit
    from budget_calendar.domain.pursuit.commands import LONGEST_NOTE, RoutesPlanned
    from budget_calendar.domain.pursuit.narrative import summary
    from budget_calendar.notifications.workflow_names import named, pursuit_summary
    from budget_calendar.pursuits.activities import PursuitActivities
    from budget_calendar.pursuits.audit import ACTS
    from budget_calendar.pursuits.handlers import Pursuit, PursuitHandlers
    from budget_calendar.pursuits.messages import (
        TEMPORAL,
        CancelPursuit,
        Planned,
        PlanRoutes,
        RecordPursuit,
    )
    from kakehashi_common.temporal import run_inputs
    from kakehashi_common.temporal.heartbeats import TAKEN_OVER_AFTER
    from kakehashi_common.temporal.search_attributes import MUNICIPALITY_CODE, OWNER

DECISIONS_PER_RUN: Final = 300
"""A year has about forty; more mean a calendar that is revised all the time and a long history."""

_BY_LEAD_TIME: Final = "stages-begin-by-lead-time"
"""The patch since which a stage is begun before the one that it waits for is confirmed, and a
successor on a business day."""


@workflow.defn
class PursuitWorkflow(PursuitHandlers):
    """Lives from the opening of a pursuit to its end. Its id is ``pursuit/<id>``.

    The run carries out what messages and the clock have decided, one thing at a time, and records
    it with the state that it belongs to.
    """

    @run_inputs.init
    def __init__(self, request: Pursuit) -> None:
        super().__init__(request)
        self._fiscal_year = fiscal_year_of(self._clock_day())

    @run_inputs.run
    async def run(self, request: Pursuit) -> str:
        """Open the pursuit, and follow it to its end; return how it ended.

        Whoever cancels the workflow itself gives the pursuit up: that is recorded and told like
        any other end, so what has to be carried out is out of the cancellation's reach.
        """
        workflow.upsert_search_attributes(
            [
                MUNICIPALITY_CODE.value_set(request.opening.code),
                OWNER.value_set(request.opening.owner),
            ]
        )
        life = asyncio.create_task(self._live())
        try:
            return await asyncio.shield(life)
        except asyncio.CancelledError:
            reason = workflow.cancellation_reason()
            if reason is None:  # nobody asked for it: the worker forgets the workflow
                raise
            await self._hear(CancelPursuit(by=TEMPORAL, note=reason[:LONGEST_NOTE]))
            return await (self._live() if life.done() else life)

    async def _live(self) -> str:
        """Carry out what is decided, and wait for what is due, until the pursuit has ended."""
        while True:
            await self._carry_out()
            if self._journal.ended:
                await self._let_messages_finish()
                return summary(self._journal.opened).en
            if self._time_for_a_new_run():
                await self._let_messages_finish()
                if not self._journal.unfinished:
                    workflow.continue_as_new(self._next_run())
                continue
            await self._wait_until_something_is_due()
            self._let_the_clock_decide()

    def _let_the_clock_decide(self) -> None:
        """Decide the first thing that is due; the others come round once its effects are out."""
        commands = due(
            self._journal.opened,
            self._clock_day(),
            self._business_days,
            by_lead_time=workflow.patched(_BY_LEAD_TIME),
        )
        if commands:
            self._take(self._decided(commands[0]), commands[0])

    # Carrying out.

    async def _carry_out(self) -> None:
        """Do what follows from what was decided, until nothing is left."""
        journal = self._journal
        self._carrying_out = True
        while journal.unfinished:
            if journal.unrecorded is not None:
                await self._record(journal.unrecorded)
            elif journal.successor is not None:
                await self._begin_successor(journal.successor)
            else:
                await self._plan()
        self._carrying_out = False

    async def _plan(self) -> None:
        """Plan the routes by the calendars as they are now, and go on with them."""
        self._journal.plan_wanted = False
        opening, state = self._request.opening, self._journal.state
        planned: Planned = await workflow.execute_activity_method(
            PursuitActivities.plan_routes,
            PlanRoutes(opening.code, opening.goal if state is None else state.goal, workflow.now()),
            start_to_close_timeout=QUICK,
            heartbeat_timeout=TAKEN_OVER_AFTER,
            retry_policy=UNTIL_IT_WORKS,
            summary="予算ルートを計画",
        )
        self._request = replace(self._request, holidays=planned.holidays)
        self._business_days = BusinessDays(frozenset(planned.holidays).__contains__)
        self._calendars = planned.calendars
        if self._journal.state is None:
            self._open(planned)
        elif not self._journal.ended:
            changed = RoutesPlanned(planned.routes)
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
            policy=opening.patience,
        )
        self._take(decision, opening, by=self._request.opened_by, origin=self._request.origin)

    async def _record(self, state: PursuitState) -> None:
        """Store the state with what is to be published, in one transaction."""
        acts, events = self._journal.to_record()
        await workflow.execute_activity_method(
            PursuitActivities.record_pursuit,
            RecordPursuit(state, self._calendars, workflow.now(), acts, events),
            start_to_close_timeout=QUICK,
            heartbeat_timeout=TAKEN_OVER_AFTER,
            retry_policy=UNTIL_IT_WORKS,
            summary=line([*(ACTS.get(act.what, act.what) for act in acts), *labels(events)])
            or f"第{state.version}版を記録",
        )
        self._journal.recorded = state.version

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
                Pursuit(successor, origin=own_id),
                id=own_id.removesuffix(opening.pursuit_id) + successor.pursuit_id,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=pursuit_summary(successor.code, goal.policy_area, successor.owner),
                search_attributes=named(successor.code),
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.warning("the successor %s is there already", successor.pursuit_id)
        self._journal.successor = None

    # Waiting.

    async def _wait_until_something_is_due(self) -> None:
        """Sleep until the clock brings something, the fiscal year ends, or a message comes."""
        new_year = first_day(self._fiscal_year + 1)
        wakeup = next_wakeup(
            self._journal.opened,
            self._clock_day(),
            self._business_days,
            by_lead_time=workflow.patched(_BY_LEAD_TIME),
        )
        day = min(wakeup or new_year, new_year)
        opens = datetime.combine(day, ANNOUNCED_AT)
        seconds = max(0.0, (opens - workflow.now()).total_seconds())
        try:
            await workflow.wait_condition(
                lambda: self._journal.unfinished,
                timeout=seconds,
                timeout_summary=f"{day}まで待機",
            )
        except TimeoutError:
            return

    async def _let_messages_finish(self) -> None:
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() or self._journal.unfinished
        )

    def _time_for_a_new_run(self) -> bool:
        """Whether a fiscal year has begun since this run did, or the history has grown long."""
        return (
            fiscal_year_of(self._clock_day()) != self._fiscal_year
            or self._journal.decisions >= DECISIONS_PER_RUN
            or workflow.info().is_continue_as_new_suggested()
        )

    def _next_run(self) -> Pursuit:
        return replace(self._request, state=self._journal.state)
