"""One municipality's budget years, for as long as it is followed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from budget_calendar.cycles.activities import BudgetCycleActivities
    from budget_calendar.cycles.messages import Announce, Correct, CorrectCalendar
    from budget_calendar.cycles.plan import CyclePlan, PlanCycle
    from budget_calendar.events.mapping import labels, line
    from budget_calendar.notifications.workflow_names import BUDGET_CYCLE
    from kakehashi_common.clock import japan_day
    from kakehashi_common.temporal import messages, run_inputs
    from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.refusals import MessageRefusedError, domain_error
    from kakehashi_common.temporal.retries import UNTIL_IT_WORKS
    from kakehashi_common.temporal.search_attributes import (
        BUDGET_PHASE,
        FISCAL_YEAR,
        MUNICIPALITY_CODE,
    )

UNTIL_THE_DATABASE_IS_BACK: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)
)
"""Each attempt of a local activity is in the history, which may not grow without end."""

QUICK: Final = timedelta(seconds=30)
"""For what is one transaction."""

RETRIED_IN_PLACE: Final = timedelta(seconds=10)
"""While the database stays away longer, Temporal waits by a timer: a local activity that waits in
place occupies the worker and adds to the history every few seconds."""


@dataclass(frozen=True)
class BudgetCycle:
    """The state that a run goes on from; the first run has only the code."""

    code: str
    fiscal_year: int | None = None
    """The year in which the last run ended."""
    announced_through: datetime | None = None
    """Events up to here have been announced, or were past when the municipality was followed."""
    phase: str | None = None
    """The phase last announced, as ``2026/summer_review``."""
    paused: bool = False


@dataclass(frozen=True)
class CycleStatus:
    """The status of a municipality's budget year, in both languages."""

    code: str
    fiscal_year: int | None
    phase: str | None
    paused: bool
    ja: str
    en: str


@workflow.defn(name=BUDGET_CYCLE)
class MunicipalBudgetCycleWorkflow(MessageHandlers):
    """Announces phases and milestones as they come. Its id is ``budget-cycle/<code>``.

    It keeps no dates of its own: whenever it wakes or is notified of a change it plans by the
    calendars as they are now, announces what is due, and sleeps until the next scheduled event.
    """

    @run_inputs.init
    def __init__(self, request: BudgetCycle) -> None:
        self._state = request
        self._changed = False
        self._status = CycleStatus(
            request.code, request.fiscal_year, request.phase, request.paused, "開始中", "Starting"
        )

    @run_inputs.run
    async def run(self, request: BudgetCycle) -> None:
        """Announce what is due, and wait for the next event or a change, until unfollowed."""
        workflow.upsert_search_attributes([MUNICIPALITY_CODE.value_set(request.code)])
        while True:
            self._changed = False
            plan = await self._plan()
            if plan is None:
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self._changed:  # else it may be followed again
                    self._show_end()
                    return
                continue
            await self._announce(plan)
            self._show(plan)
            if self._time_for_a_new_run(plan):
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._state)
            await self._wait_until(plan.next_at)

    @messages.signal(description="予算カレンダーを読み直す / Look at the calendar again")
    def look_again(self) -> None:
        """Read the calendars again; a hundred of these at once cause one plan."""
        self._changed = True

    @messages.signal(description="再開するまで通知を止める / Announce nothing until resumed")
    def pause(self) -> None:
        """Announce nothing until resumed; what falls due until then stays unannounced."""
        self._state = replace(self._state, paused=True)
        self._changed = True

    @messages.signal(description="通知を再開する（停止中の分は通知しない） / Announce again")
    def resume(self) -> None:
        """Announce again."""
        self._state = replace(self._state, paused=False)
        self._changed = True

    @messages.update(
        description="日程を訂正する / Correct a milestone: fiscal_year, milestone (such as "
        "request_deadline), "
        "earliest, likely, latest (YYYY-MM-DD), source, reason, by"
    )
    async def correct(self, correction: Correct) -> list[str]:
        """Correct a date as ``PUT /v1/calendars/…/corrections/…`` does; return what has moved.

        Fails with the code and the reason of the refusal; then nothing has changed.
        """
        try:
            moved: list[str] = await workflow.execute_activity_method(
                BudgetCycleActivities.correct_calendar,
                CorrectCalendar(self._state.code, correction, str(workflow.uuid4())),
                start_to_close_timeout=QUICK,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                retry_policy=UNTIL_IT_WORKS,
                summary=f"日程を訂正：{correction.milestone}",
            )
        except ActivityError as error:
            if not isinstance(error.cause, ApplicationError):
                raise
            raise MessageRefusedError.by_rule(domain_error(error.cause)) from None
        self._changed = True
        return moved

    @workflow.query(description="現在の段階と次の予定 / Where it stands and what comes next")
    def standing(self) -> CycleStatus:
        """Return the status of the municipality's budget year."""
        return self._status

    def _now(self) -> datetime:
        return workflow.now().astimezone(UTC)

    async def _plan(self) -> CyclePlan | None:
        state = self._state
        return await workflow.execute_local_activity_method(
            BudgetCycleActivities.plan_cycle,
            PlanCycle(state.code, self._now(), state.announced_through, state.phase),
            start_to_close_timeout=QUICK,
            retry_policy=UNTIL_THE_DATABASE_IS_BACK,
            local_retry_threshold=RETRIED_IN_PLACE,
            summary="予算年度の現状と次の予定を確認",
        )

    async def _announce(self, plan: CyclePlan) -> None:
        """Publish what is due; nothing while paused."""
        paused = self._state.paused
        if plan.due and not paused:
            await workflow.execute_activity_method(
                BudgetCycleActivities.announce,
                Announce(self._state.code, plan.due),
                start_to_close_timeout=QUICK,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                retry_policy=UNTIL_IT_WORKS,
                summary="通知：" + line(labels(plan.due)),
            )
        self._state = replace(
            self._state,
            announced_through=plan.through,
            phase=self._state.phase if paused else plan.phase,
        )

    def _show(self, plan: CyclePlan) -> None:
        """Show the status to operators in the Temporal UI."""
        year = workflow.info().typed_search_attributes.get(FISCAL_YEAR)
        phase = workflow.info().typed_search_attributes.get(BUDGET_PHASE)
        if (year, phase) != (plan.fiscal_year, plan.phase_name):
            workflow.upsert_search_attributes(
                [
                    FISCAL_YEAR.value_set(plan.fiscal_year),
                    BUDGET_PHASE.value_set(plan.phase_name),
                ]
            )
        paused = self._state.paused
        self._status = CycleStatus(
            self._state.code,
            plan.fiscal_year,
            plan.phase_name,
            paused,
            ("［一時停止中］" if paused else "") + plan.standing.ja,
            ("[paused] " if paused else "") + plan.standing.en,
        )
        parts = [f"**{self._status.ja}**", self._status.en]
        if plan.corrections:
            lines = "\n".join(f"- {each}" for each in plan.corrections)
            parts.insert(1, f"訂正された日程 / Corrected dates:\n\n{lines}")
        self.show_details("\n\n".join(parts))

    def _show_end(self) -> None:
        self._status = replace(self._status, ja="フォロー終了", en="Followed no longer")
        self.show_details(f"{self._status.ja}\n\n{self._status.en}")

    def _time_for_a_new_run(self, plan: CyclePlan) -> bool:
        """Return whether a fiscal year has begun since this run did, or the history is long."""
        before = self._state.fiscal_year
        self._state = replace(self._state, fiscal_year=plan.fiscal_year)
        return (
            before is not None and before != plan.fiscal_year
        ) or workflow.info().is_continue_as_new_suggested()

    async def _wait_until(self, instant: datetime) -> None:
        """Wait for the instant or a change, whichever comes first."""
        seconds = max(0.0, (instant - self._now()).total_seconds())
        try:
            await workflow.wait_condition(
                lambda: self._changed,
                timeout=seconds,
                timeout_summary=f"{japan_day(instant)}まで待機",
            )
        except TimeoutError:
            return
        # Nothing was due until now. What a revision puts before now is past, and the revision
        # itself has said so.
        if self._now() < instant:
            self._state = replace(self._state, announced_through=self._now())
