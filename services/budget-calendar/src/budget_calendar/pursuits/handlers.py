"""What people and calendars tell a pursuit, and what an operator sees of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from budget_calendar.domain.budget_year.scheduled_events import ANNOUNCED_AT, JAPAN
    from budget_calendar.domain.business_days import BusinessDays
    from budget_calendar.domain.errors import DomainError
    from budget_calendar.domain.pursuit import Decision, PursuitState, decide, note_refusal
    from budget_calendar.domain.pursuit.commands import Command
    from budget_calendar.domain.pursuit.narrative import narrative, summary
    from budget_calendar.domain.routes.route import Route
    from budget_calendar.notifications.workflow_names import pursuit_summary
    from budget_calendar.pursuits.journal import PursuitJournal
    from budget_calendar.pursuits.messages import (
        TEMPORAL,
        CancelPursuit,
        ChoosePursuitRoute,
        ConfirmStage,
        Message,
        OpenPursuit,
        PausePursuit,
        PursuitNarrative,
        PursuitStatus,
        ResumePursuit,
        RevisePursuitGoal,
        check_message,
        next_action_on,
        stage_of,
        stated_by,
    )
    from kakehashi_common.temporal import messages
    from kakehashi_common.temporal.messages import MessageHandlers, MessageRefusedError
    from kakehashi_common.temporal.search_attributes import (
        FISCAL_YEAR,
        POLICY_AREA,
        PURSUIT_STAGE,
    )

SYSTEM: Final = "system:budget-calendar"
"""Who did what the clock or a calendar brought about."""

_REFUSALS_TOLD: Final = "refusals-are-told"
"""The patch since which the story tells of every refused signal."""

_SHOWN: Final = 8
"""Lines of the story, the newest, that an operator sees first."""

_OPENS: Final = timedelta(hours=ANNOUNCED_AT.hour)
"""Nobody is told anything before the offices open."""

# What the Temporal UI says of the messages that are both updates and signals.
_CONFIRM: Final = "段階の結果を記録する / What happened: stage, outcome, on, by, note"
_CHOOSE_ROUTE: Final = "別のルートを選ぶ / Choose another planned route: route_id, by"
_REVISE_GOAL: Final = "目標を変更して計画し直す / Revise the goal: goal, by"
_PAUSE: Final = "ある日まで連絡を止める / Pause until a day: until, by, note"
_RESUME: Final = "停止期間の途中で再開する / Resume before the pause is over: by"
_CANCEL: Final = "案件を取りやめる / Cancel the pursuit: by, note"


@dataclass(frozen=True)
class Pursuit:
    """What a run goes on from; a first run gives the opening alone."""

    opening: OpenPursuit
    opened_by: str = SYSTEM
    origin: str = TEMPORAL
    state: PursuitState | None = None
    holidays: tuple[date, ...] = ()
    """As last planned with: a decree may move one, and a replay must not see that."""


class PursuitHandlers(MessageHandlers):
    """The messages of a pursuit's workflow: updates, signals and queries.

    Every decision is the domain's: a command and the day in, a new state and effects out. Messages
    decide at once; what follows is carried out by the run, and an update answers when it is.
    """

    def __init__(self, request: Pursuit) -> None:
        self._request = request
        state = request.state
        self._journal = PursuitJournal(state, recorded=0 if state is None else state.version)
        self._business_days = BusinessDays(frozenset(request.holidays).__contains__)
        self._calendars = 0
        """The revision of the calendars that were planned by."""
        self._carrying_out = False

    # What a person asks: as updates, which answer, and as signals, which note a refusal.

    @messages.update(
        name="open", description="案件を開始する / Open the pursuit; the same again changes nothing"
    )
    async def open_again(self, opening: OpenPursuit) -> PursuitStatus:  # noqa: ARG002 - the validator compares it
        """Where it stands, once it has been opened and recorded."""
        await self._settled(1)
        return self._standing()

    @open_again.validator
    def _check_opening(self, opening: OpenPursuit) -> None:
        if opening != self._request.opening:
            raise _refused(
                DomainError(
                    f"pursuit {opening.pursuit_id} is there already, for another municipality, "
                    "owner or goal: take another id",
                    field="id",
                    code="pursuit_exists",
                )
            )

    @messages.update(description=_CONFIRM)
    async def confirm(self, message: ConfirmStage) -> PursuitStatus:
        """Record what happened and draw the consequences."""
        return await self._obey(message)

    @confirm.validator
    def _check_confirm(self, message: ConfirmStage) -> None:
        self._check(message)

    @messages.update(description=_CHOOSE_ROUTE)
    async def choose_route(self, message: ChoosePursuitRoute) -> PursuitStatus:
        """Go another way."""
        return await self._obey(message)

    @choose_route.validator
    def _check_choose_route(self, message: ChoosePursuitRoute) -> None:
        self._check(message)

    @messages.update(description=_REVISE_GOAL)
    async def revise_goal(self, message: RevisePursuitGoal) -> PursuitStatus:
        """Want something else."""
        return await self._obey(message)

    @revise_goal.validator
    def _check_revise_goal(self, message: RevisePursuitGoal) -> None:
        self._check(message)

    @messages.update(description=_PAUSE)
    async def pause(self, message: PausePursuit) -> PursuitStatus:
        """Be silent until a day."""
        return await self._obey(message)

    @pause.validator
    def _check_pause(self, message: PausePursuit) -> None:
        self._check(message)

    @messages.update(description=_RESUME)
    async def resume(self, message: ResumePursuit) -> PursuitStatus:
        """Go on."""
        return await self._obey(message)

    @resume.validator
    def _check_resume(self, message: ResumePursuit) -> None:
        self._check(message)

    @messages.update(description=_CANCEL)
    async def cancel(self, message: CancelPursuit) -> PursuitStatus:
        """Give it up."""
        return await self._obey(message)

    @cancel.validator
    def _check_cancel(self, message: CancelPursuit) -> None:
        self._check(message)

    @messages.signal(
        name="confirm",
        description=_CONFIRM,
    )
    async def on_confirm(self, message: ConfirmStage) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @messages.signal(
        name="choose_route",
        description=_CHOOSE_ROUTE,
    )
    async def on_choose_route(self, message: ChoosePursuitRoute) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @messages.signal(name="revise_goal", description=_REVISE_GOAL)
    async def on_revise_goal(self, message: RevisePursuitGoal) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @messages.signal(name="pause", description=_PAUSE)
    async def on_pause(self, message: PausePursuit) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @messages.signal(name="resume", description=_RESUME)
    async def on_resume(self, message: ResumePursuit) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @messages.signal(name="cancel", description=_CANCEL)
    async def on_cancel(self, message: CancelPursuit) -> None:
        """As the update, without an answer."""
        await self._hear(message)

    @messages.signal(description="カレンダーの改定後に計画し直す / The calendar has changed")
    def calendar_changed(self) -> None:
        """Plan anew. A hundred of these at once cause one or two plans."""
        self._journal.plan_wanted = True

    @workflow.query(description="経過と次の予定 / What happened and what comes next")
    def story(self) -> PursuitNarrative:
        """The story so far."""
        told = () if self._journal.state is None else narrative(self._journal.state)
        return PursuitNarrative(tuple(t.ja for t in told), tuple(t.en for t in told))

    @workflow.query(description="案件の全状態（開始前はnull） / Everything known about the pursuit")
    def state(self) -> PursuitState | None:
        """All of it."""
        return self._journal.state

    @workflow.query(description="計画済みのルート（良い順） / The routes, the best first")
    def plan(self) -> Sequence[Route]:
        """Every route, feasible or not."""
        return () if self._journal.state is None else self._journal.state.routes

    # Deciding.

    def _check(self, message: Message) -> None:
        """Refuse what makes no sense before it is part of the history."""
        try:
            check_message(message, self._today())
            if self._journal.state is not None:
                self._decided(message)
        except DomainError as error:
            raise _refused(error) from error

    async def _obey(self, message: Message) -> PursuitStatus:
        """Decide, and answer when all that follows has been recorded."""
        await workflow.wait_condition(lambda: self._journal.state is not None)
        try:
            decision = self._decided(message)
        except DomainError as error:
            raise _refused(error) from error
        self._take(decision, message, by=message.by, origin=message.origin)
        await self._settled(decision.state.version)
        return self._standing()

    async def _hear(self, message: Message) -> None:
        """Decide; what is refused becomes a line of the story."""
        await workflow.wait_condition(lambda: self._journal.state is not None)
        try:
            self._check_signal(message)
            decision = self._decided(message)
        except DomainError as error:
            self._note(error, by=stated_by(message))
            return
        self._take(decision, message, by=message.by, origin=message.origin)

    def _check_signal(self, message: Message) -> None:
        """Refuse what an update would be refused for, but what a history has let through."""
        try:
            check_message(message, self._today())
        except DomainError:
            if workflow.patched(_REFUSALS_TOLD):
                raise

    async def refuse(self, name: str, error: MessageRefusedError) -> None:
        """Tell in the story that a signal could not be read; before, it was dropped."""
        if not workflow.patched(_REFUSALS_TOLD):
            return
        await workflow.wait_condition(lambda: self._journal.state is not None)
        self._note(DomainError(f"{name}: {error.message}", code=error.type or "refused"))

    def _note(self, error: DomainError, *, by: str = TEMPORAL) -> None:
        """Note in the story what was refused; nothing is told of a pursuit that has ended."""
        if self._journal.ended:
            return
        decision = note_refusal(self._journal.opened, error, by, self._today())
        self._take(decision, error, by=by)

    def _decided(self, command: Command) -> Decision:
        return decide(self._journal.opened, command, self._today(), self._business_days)

    def _take(
        self, decision: Decision, command: object, *, by: str = SYSTEM, origin: str | None = None
    ) -> None:
        """Make the decision's state the state, and show it."""
        origin = origin or workflow.info().workflow_id
        self._journal.take(decision, command, workflow.now(), by=by, origin=origin)
        self._show(decision.state)

    async def _settled(self, version: int) -> None:
        """Wait until that version, and all that follows from it, has been recorded."""
        journal = self._journal
        await workflow.wait_condition(
            lambda: not (self._carrying_out or journal.recorded < version or journal.unfinished)
        )

    # The day, and what an operator sees.

    def _today(self) -> date:
        """The day in Japan."""
        return workflow.now().astimezone(JAPAN).date()

    def _clock_day(self) -> date:
        """The last day that has come as far as the clock is concerned."""
        return (workflow.now().astimezone(JAPAN) - _OPENS).date()

    def _standing(self) -> PursuitStatus:
        state = self._journal.opened
        text = summary(state)
        return PursuitStatus(
            state.pursuit_id,
            state.version,
            state.status.value,
            stage_of(state),
            next_action_on(state),
            text.ja,
            text.en,
        )

    def _show(self, state: PursuitState) -> None:
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
        self.show_details(_details_of(state))


def _refused(error: DomainError) -> ApplicationError:
    """The domain's refusal as a caller gets it: the code is the type, the field the detail."""
    return MessageRefusedError(error.message, field=error.field, code=error.code)


def _details_of(state: PursuitState) -> str:
    """Markdown: the summary and the newest of the story, in both languages."""
    now, told = summary(state), narrative(state)[-_SHOWN:]
    return "\n\n".join(
        (
            pursuit_summary(state.municipality_code, state.goal.policy_area, state.owner),
            f"**{now.ja}**\n\n" + "\n".join(f"- {line.ja}" for line in told),
            f"**{now.en}**\n\n" + "\n".join(f"- {line.en}" for line in told),
        )
    )
