"""One deal's way to money, for as many years as it takes."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from budget_calendar.cycles.workflow import QUICK
    from budget_calendar.domain.budget_year.scheduled_events import ANNOUNCED_AT, day_announced
    from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
    from budget_calendar.domain.goals import PursuitGoal
    from budget_calendar.domain.pursuit import PursuitState, commands, due, next_wakeup
    from budget_calendar.domain.pursuit.narrative import narrative, summary
    from budget_calendar.domain.routes.route import Route
    from budget_calendar.events.mapping import labels, line
    from budget_calendar.notifications.workflow_names import pursuit_summary
    from budget_calendar.pursuits.activities import PursuitActivities
    from budget_calendar.pursuits.journal import ACTS, VERBS, PursuitJournal
    from budget_calendar.pursuits.messages import (
        SYSTEM,
        OpenPursuit,
        Planned,
        PlanRoutes,
        Pursuit,
        PursuitNarrative,
        PursuitStatus,
        check_message,
        stage_of,
        stated_by,
        status_of,
    )
    from kakehashi_common.audit import Actor
    from kakehashi_common.clock import japan_day
    from kakehashi_common.domain.errors import DomainError
    from kakehashi_common.domain.texts import Text
    from kakehashi_common.temporal import messages, run_inputs
    from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.refusals import MessageRefusedError
    from kakehashi_common.temporal.retries import UNTIL_IT_WORKS
    from kakehashi_common.temporal.search_attributes import (
        FISCAL_YEAR,
        MUNICIPALITY_CODE,
        OWNER,
        POLICY_AREA,
        PURSUIT_STAGE,
        named,
        upsert_changed,
    )

DECISIONS_PER_RUN: Final = 300
"""A year has about forty; more mean a calendar that is revised all the time and a long history."""

_BY_LEAD_TIME: Final = "stages-begin-by-lead-time"
"""The patch since which a stage is begun before the one that it waits for is confirmed, and a
successor on a business day."""

_REFUSALS_NOTED: Final = "refusals-are-told"
"""The patch since which the history of a pursuit has every refused signal."""

_SHOWN: Final = 8
"""Sentences of the narrative, the newest, that an operator sees first."""


@workflow.defn
class PursuitWorkflow(MessageHandlers):
    """Lives from the opening of a pursuit to its end. Its id is ``pursuit/<id>``.

    Messages and the clock are decided at once, by the journal. The run carries out what follows,
    one thing at a time, and records it with the state that it belongs to; an update answers then.
    """

    @run_inputs.init
    def __init__(self, request: Pursuit) -> None:
        self._request = request
        self._journal = PursuitJournal.of(request)
        self._fiscal_year = fiscal_year_of(day_announced(workflow.now()))
        self._carrying_out = False

    @run_inputs.run
    async def run(self, request: Pursuit) -> str:
        """Open the pursuit, and follow it to its end; return how it ended.

        Whoever cancels the workflow itself gives the pursuit up: that is recorded and announced
        like any other end, so what has to be carried out is out of the cancellation's reach.
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
            await self.apply_signal(
                commands.Cancel(commands.TEMPORAL, reason[: commands.LONGEST_NOTE])
            )
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
                    workflow.continue_as_new(self._journal.next_run(self._request))
                continue
            await self._wait_until_something_is_due()
            self._apply_what_is_due()

    # Messages of people: as updates, which answer, and as signals, which note a refusal.

    @messages.update(
        name="open", description="案件を開始する / Open the pursuit; the same again changes nothing"
    )
    async def open_again(self, opening: OpenPursuit) -> PursuitStatus:  # noqa: ARG002 - the validator compares it
        """Return where it stands, once it has been opened and recorded."""
        return await self._recorded(1)

    @open_again.validator
    def _check_opening(self, opening: OpenPursuit) -> None:
        if opening != self._request.opening:
            raise MessageRefusedError(
                Text(
                    f"案件 {opening.pursuit_id} は、別の自治体・担当・目標ですでに存在します。"
                    "別のIDを指定してください",
                    f"pursuit {opening.pursuit_id} is there already, for another municipality, "
                    "owner or goal: take another id",
                ),
                field="id",
                code="pursuit_exists",
                conflict=True,
            )

    @messages.command(
        description="段階の結果を記録する / What happened: stage, outcome, on, by, note"
    )
    async def confirm(self, message: commands.Confirm) -> PursuitStatus:
        """Record what happened in a stage."""
        return await self._apply(message)

    @messages.command(description="別のルートを選ぶ / Choose another planned route: route_id, by")
    async def choose_route(self, message: commands.ChooseRoute) -> PursuitStatus:
        """Take another route."""
        return await self._apply(message)

    @messages.command(description="目標を変更して計画し直す / Revise the goal: goal, by")
    async def revise_goal(self, message: commands.ReviseGoal) -> PursuitStatus:
        """Change the goal, and plan for it."""
        return await self._apply(message)

    @messages.command(description="ある日まで連絡を止める / Pause until a day: until, by, note")
    async def pause(self, message: commands.Pause) -> PursuitStatus:
        """Ask nobody for anything until a day."""
        return await self._apply(message)

    @messages.command(description="停止期間の途中で再開する / Resume before the pause is over: by")
    async def resume(self, message: commands.Resume) -> PursuitStatus:
        """End the pause."""
        return await self._apply(message)

    @messages.command(description="案件を取りやめる / Cancel the pursuit: by, note")
    async def cancel(self, message: commands.Cancel) -> PursuitStatus:
        """Give the pursuit up."""
        return await self._apply(message)

    @messages.signal(description="カレンダーの改定後に計画し直す / The calendar has changed")
    def calendar_changed(self) -> None:
        """Plan again. A hundred of these at once cause one or two plans."""
        self._journal.plan_wanted = True

    @workflow.query(description="経過と次の予定 / What happened and what comes next")
    def story(self) -> PursuitNarrative:
        """Return what happened and what comes next."""
        sentences = () if self._journal.state is None else narrative(self._journal.state)
        return PursuitNarrative(tuple(t.ja for t in sentences), tuple(t.en for t in sentences))

    @workflow.query(description="案件の全状態（開始前はnull） / Everything known about the pursuit")
    def state(self) -> PursuitState | None:
        """Return the state, ``None`` before the opening."""
        return self._journal.state

    @workflow.query(description="計画済みのルート（良い順） / The routes, the best first")
    def plan(self) -> Sequence[Route]:
        """Return every route, feasible or not."""
        return () if self._journal.state is None else self._journal.state.routes

    def check(self, message: commands.Message) -> None:
        """Refuse what makes no sense before it is part of the history."""
        try:
            self._journal.check(message, workflow.now())
        except DomainError as error:
            raise MessageRefusedError.by_rule(error) from error

    async def _apply(self, message: commands.Message) -> PursuitStatus:
        """Decide, and answer when all that follows has been recorded."""
        await self._opened()
        try:
            self._decide(message, Actor(message.by, message.origin))
        except DomainError as error:
            raise MessageRefusedError.by_rule(error) from error
        return await self._recorded(self._journal.opened.version)

    async def apply_signal(self, message: commands.Message) -> None:
        """Decide; a refusal becomes an entry of the history."""
        await self._opened()
        try:
            self._check_signal(message)
            self._decide(message, Actor(message.by, message.origin))
        except DomainError as error:
            ja = f"{ACTS[VERBS[type(message)]]}、理由コード：{error.code}、{error.message}"
            self._note_refusal(error, ja, by=stated_by(message))

    def _check_signal(self, message: commands.Message) -> None:
        """Refuse what an update would be refused for, but what a history has let through."""
        try:
            check_message(message, japan_day(workflow.now()))
        except DomainError:
            if workflow.patched(_REFUSALS_NOTED):
                raise

    async def refuse(self, name: str, error: MessageRefusedError) -> None:
        """Note that a signal could not be read; before the patch it was dropped."""
        if not workflow.patched(_REFUSALS_NOTED):
            return
        await self._opened()
        refused = DomainError(f"{name}: {error.text.en}", code=error.type or "refused")
        self._note_refusal(refused, f"{name}：{error.text.ja}", by=commands.TEMPORAL)

    def _note_refusal(self, error: DomainError, ja: str, *, by: str) -> None:
        """Note a refusal in the history, unless the pursuit has ended."""
        if not self._journal.ended:
            actor = Actor(by, workflow.info().workflow_id)
            self._journal.note_refusal(error, ja, workflow.now(), actor)
            self._show()

    def _decide(self, command: commands.Command, actor: Actor | None = None) -> None:
        """Apply a command to the state; without an actor the clock or a calendar gave it."""
        actor = actor or Actor(SYSTEM, workflow.info().workflow_id)
        self._journal.apply(command, workflow.now(), actor)
        self._show()

    async def _opened(self) -> None:
        await workflow.wait_condition(lambda: self._journal.state is not None)

    async def _recorded(self, version: int) -> PursuitStatus:
        """Wait until that version, and all that follows from it, has been recorded."""
        journal = self._journal
        await workflow.wait_condition(
            lambda: not (self._carrying_out or journal.recorded < version or journal.unfinished)
        )
        return status_of(journal.opened)

    # What follows from decisions.

    async def _carry_out(self) -> None:
        """Do what follows from what was decided, until nothing is left."""
        journal = self._journal
        self._carrying_out = True
        while journal.unfinished:
            if journal.unrecorded:
                await self._record()
            elif journal.successor is not None:
                await self._begin_successor(journal.successor)
            else:
                await self._plan()
        self._carrying_out = False

    async def _plan(self) -> None:
        """Plan the routes by the calendars as they are now, and go on with them."""
        opening, journal = self._request.opening, self._journal
        goal = opening.goal if journal.state is None else journal.state.goal
        journal.plan_wanted = False
        planned: Planned = await workflow.execute_activity_method(
            PursuitActivities.plan_routes,
            PlanRoutes(opening.code, goal, workflow.now()),
            start_to_close_timeout=QUICK,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=UNTIL_IT_WORKS,
            summary="予算ルートを計画",
        )
        journal.holidays, journal.calendars = planned.holidays, planned.calendars
        if journal.state is None:
            actor = Actor(self._request.opened_by, self._request.origin)
            journal.open(opening, planned.routes, workflow.now(), actor)
            self._show()
        elif not journal.ended:
            self._decide(commands.RoutesPlanned(planned.routes))

    async def _record(self) -> None:
        """Store the state with what is to be published, in one transaction."""
        request = self._journal.to_record(workflow.now())
        acts = [ACTS.get(act.what, act.what) for act in request.acts]
        await workflow.execute_activity_method(
            PursuitActivities.record_pursuit,
            request,
            start_to_close_timeout=QUICK,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=UNTIL_IT_WORKS,
            summary=line([*acts, *labels(request.events)]) or f"第{request.state.version}版を記録",
        )
        self._journal.recorded = request.state.version

    async def _begin_successor(self, goal: PursuitGoal) -> None:
        """Open the pursuit of the contract that follows; it goes its own way from there."""
        opening = self._request.opening
        successor = opening.successor(goal)
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
            day_announced(workflow.now()),
            self._journal.business_days,
            by_lead_time=workflow.patched(_BY_LEAD_TIME),
        )
        day = min(wakeup or new_year, new_year)
        left = datetime.combine(day, ANNOUNCED_AT) - workflow.now()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._journal.unfinished,
                timeout=max(0.0, left.total_seconds()),
                timeout_summary=f"{day}まで待機",
            )

    def _apply_what_is_due(self) -> None:
        """Apply the first command that is due; the others follow once its effects are out."""
        found = due(
            self._journal.opened,
            day_announced(workflow.now()),
            self._journal.business_days,
            by_lead_time=workflow.patched(_BY_LEAD_TIME),
        )
        if found:
            self._decide(found[0])

    async def _let_messages_finish(self) -> None:
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() or self._journal.unfinished
        )

    def _time_for_a_new_run(self) -> bool:
        """Return whether a fiscal year has begun in this run, or its history has grown long."""
        return (
            fiscal_year_of(day_announced(workflow.now())) != self._fiscal_year
            or self._journal.decisions >= DECISIONS_PER_RUN
            or workflow.info().is_continue_as_new_suggested()
        )

    # What an operator sees.

    def _show(self) -> None:
        """Show an operator in the Temporal UI where the pursuit stands."""
        state = self._journal.opened
        year = state.route.fiscal_year if state.route else state.goal.first_fiscal_year
        upsert_changed(
            FISCAL_YEAR.value_set(year),
            POLICY_AREA.value_set(state.goal.policy_area),
            PURSUIT_STAGE.value_set(stage_of(state)),
        )
        now, sentences = summary(state), narrative(state)[-_SHOWN:]
        self.show_details(
            f"{pursuit_summary(state.municipality_code, state.goal.policy_area, state.owner)}\n\n"
            f"**{now.ja}**\n\n" + "\n".join(f"- {text.ja}" for text in sentences) + "\n\n"
            f"**{now.en}**\n\n" + "\n".join(f"- {text.en}" for text in sentences)
        )
