"""One handoff, from its request to the deal's outcome: hours, or years if it is recycled."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from handoff.domain.handoff import HandoffState, commands, due, next_wakeup
    from handoff.domain.handoff.narrative import narrative, summary
    from handoff.domain.handoff.refusals import REFUSALS
    from handoff.domain.handoff.remarks import changeable_until
    from handoff.domain.handoff.terms import Status
    from handoff.domain.teams.members import Role
    from handoff.domain.teams.working_time import WorkingHours
    from handoff.handoffs.messages import (
        Beginning,
        Handoff,
        HandoffStatus,
        ReadServiceLevels,
        ReleaseAssignment,
        status_of,
    )
    from handoff.handoffs.names import search_attributes, static_summary
    from handoff.handoffs.updates import UPDATES
    from handoff.workflow import steps
    from handoff.workflow.journal import HandoffJournal, check_same
    from kakehashi_common.domain.checks import LONGEST_NOTE
    from kakehashi_common.domain.errors import DomainError
    from kakehashi_common.domain.texts import Text
    from kakehashi_common.temporal import messages, run_inputs
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.refusals import MessageRefusedError
    from kakehashi_common.temporal.search_attributes import upsert_changed
    from kakehashi_common.temporal.summaries import shortened

DECISIONS_PER_RUN: Final = 200
"""A handoff has about ten in its life; more mean one that is escalated or recycled for years."""

LEVELS_READ_EVERY: Final = timedelta(days=1)
"""The interval at which working hours and policy are read, in case a signal was lost."""

_SHOWN: Final = 8
"""Lines of the narrative, the newest, that an operator sees first."""


def _command(kind: type[commands.Message]) -> Any:
    """Declare the update and signal of a command, which is decided and then recorded."""
    update = UPDATES[kind]

    async def handle(self: "HandoffWorkflow", message: Any) -> HandoffStatus:
        return await self.apply(message)

    handle.__name__ = update.name
    handle.__annotations__ = {"message": kind, "return": HandoffStatus}
    return messages.command(description=update.description, name=update.name)(handle)


def _refusal(error: DomainError) -> MessageRefusedError:
    return MessageRefusedError.by_rule(error, REFUSALS)


@workflow.defn
class HandoffWorkflow(MessageHandlers):
    """Lives from the request of a handoff until its ratings are closed. Its id is ``handoff/<id>``.

    Messages and the clock are decided at once, by the journal. The run carries out what follows,
    one thing at a time, and records it with the state that it belongs to; an update answers then.
    """

    @run_inputs.init
    def __init__(self, request: Handoff) -> None:
        self._run = request
        self._journal = HandoffJournal.of(request)
        self._refused: MessageRefusedError | None = None
        self._carrying_out = False

    @run_inputs.run
    async def run(self, request: Handoff) -> str:  # noqa: ARG002 - the SDK passes it
        """Request the handoff, and follow it to its end; return how it ended.

        Whoever cancels the workflow itself withdraws the handoff: that is recorded and announced
        like any other end, so what has to be carried out is out of the cancellation's reach.
        """
        life = asyncio.create_task(self._live())
        try:
            return await asyncio.shield(life)
        except asyncio.CancelledError:
            reason = workflow.cancellation_reason()
            if reason is None:  # nobody asked for it: the worker forgets the workflow
                raise
            text = reason.strip()[:LONGEST_NOTE] or "cancelled"
            await self.apply_signal(commands.Withdraw(commands.TEMPORAL, text))
            await self._recorded(0)
            await self._let_messages_finish()
            return self._line()

    async def _live(self) -> str:
        """Carry out what is decided, and wait for what is due, until nothing can follow."""
        if self._journal.state is None:
            await self._begin()
        while True:
            await self._carry_out()
            if self._journal.opened_elsewhere or self._is_over():
                await self._let_messages_finish()
                return self._line()
            if self._time_for_a_new_run():
                await self._let_messages_finish()
                if not self._journal.unfinished:
                    workflow.continue_as_new(self._journal.next_run(self._run))
                continue
            if not await self._wait_until_something_is_due():
                await self._apply_what_is_due()

    # Messages: as updates, which answer, and as signals, which note a refusal.

    @messages.update(
        name="request",
        description="引き継ぎを依頼する（進行中なら統合） / Request it; joins the open handoff",
    )
    async def request_again(self, request: commands.Request) -> HandoffStatus:
        """Return where it stands, once it has been recorded; another qualification joins it."""
        await self._begun()
        identity, known = request.qualification_id, self._journal.requested.qualifications
        if identity is not None and identity not in known:
            join = commands.Join(identity, request.by, request.grade, origin=request.origin)
            self._decide_or_refuse(join)
        return await self._recorded(1, joined=identity is not None and known[:1] != (identity,))

    @request_again.validator
    def _check_request(self, request: commands.Request) -> None:
        try:
            check_same(self._run.request, request)
        except DomainError as error:
            raise _refusal(error) from error

    join = _command(commands.Join)
    answer_lead = _command(commands.AnswerLead)
    accept = _command(commands.Accept)
    reject = _command(commands.Reject)
    record_contact = _command(commands.RecordContact)
    record_meeting = _command(commands.RecordMeeting)
    resubmit = _command(commands.Resubmit)
    pause = _command(commands.PauseClocks)
    resume = _command(commands.Resume)
    reassign = _command(commands.Reassign)
    name_further_owner = _command(commands.NameFurtherOwner)
    rate = _command(commands.Rate)
    override_readiness = _command(commands.OverrideReadiness)
    close = _command(commands.Close)
    withdraw = _command(commands.Withdraw)
    wake = _command(commands.Wake)
    enter_phase = _command(commands.PhaseEntered)

    @messages.signal(
        description="勤務時間・期限設定の変更を反映する / Hours or limits have changed"
    )
    def settings_changed(self) -> None:
        """Read working hours and the policy again."""
        self._journal.levels_changed = True

    @workflow.query(description="これまでの経過 / What has happened so far")
    def story(self) -> list[str]:
        """Return one line for each thing that has happened, the oldest first."""
        return [] if self._journal.state is None else list(narrative(self._journal.state))

    @workflow.query(description="引き継ぎの全状態（開始前はnull） / Everything known about it")
    def state(self) -> HandoffState | None:
        """Return the state, ``None`` before the beginning."""
        return self._journal.state

    def check(self, message: commands.Command) -> None:
        """Refuse what makes no sense before it is part of the history."""
        try:
            self._journal.check(message, workflow.now())
        except DomainError as error:
            raise _refusal(error) from error

    async def apply(self, message: commands.Command) -> HandoffStatus:
        """Decide, and answer when all that follows has been recorded."""
        await self._begun()
        try:
            owner = await self._hours_of_new_owner(message)
        except DomainError as error:
            raise _refusal(error) from error
        self._decide_or_refuse(message, owner)
        return await self._recorded(self._journal.requested.version)

    async def apply_signal(self, message: Any) -> None:
        """Decide; a refusal is shown in the current details."""
        if self._refused is not None:
            return
        await self._begun()
        try:
            self._decide(message, await self._hours_of_new_owner(message))
        except DomainError as error:
            self.show_refusal(UPDATES[type(message)].name, _refusal(error))

    async def _hours_of_new_owner(self, message: commands.Command) -> WorkingHours | None:
        """Return when the member works whom a message makes the owner.

        Raises:
            DomainError: there is no such member, or they have left or another role.
        """
        if isinstance(message, commands.Reassign) and message.to is not None:
            role = self._run.request.kind.to_role
            return (await self._read_levels(message.to, named=True, must_have=role)).levels.owner
        if isinstance(message, commands.NameFurtherOwner) and message.member_id is not None:
            await self._read_levels(message.member_id, named=True)
        return None

    def _decide_or_refuse(
        self, command: commands.Command, owner: WorkingHours | None = None
    ) -> None:
        try:
            self._decide(command, owner)
        except DomainError as error:
            raise _refusal(error) from error

    def _decide(self, command: commands.Command, owner: WorkingHours | None = None) -> None:
        self._journal.apply(command, workflow.now(), owner)
        self._show()

    async def _begun(self) -> None:
        await workflow.wait_condition(
            lambda: self._journal.state is not None or self._refused is not None
        )
        if self._refused is not None:
            raise self._refused

    async def _recorded(self, version: int, *, joined: bool = False) -> HandoffStatus:
        """Wait until that version, and all that follows from it, has been recorded."""
        journal = self._journal
        await workflow.wait_condition(
            lambda: not (self._carrying_out or journal.recorded < version or journal.unfinished)
        )
        if journal.opened_elsewhere:
            raise MessageRefusedError(
                Text(
                    "このリードには、進行中の引き継ぎがすでにあります",
                    "another handoff of the lead is open: the qualification joins that one",
                ),
                code="lead_in_handoff",
                conflict=True,
            )
        return status_of(journal.requested, journal.sla, joined=joined)

    # What follows from decisions.

    async def _begin(self) -> None:
        """Read what the handoff needs to begin, and request it.

        A request that contradicts a rule fails the workflow: nothing has begun.
        """
        request, journal = self._run.request, self._journal
        try:
            begun = await self._read_levels(
                request.to, named=request.to is not None, must_have=request.kind.to_role
            )
            journal.begin(request, begun.levels, begun.stored, workflow.now())
        except DomainError as error:
            self._refused = _refusal(error)
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise self._refused from error
        self._show()

    async def _carry_out(self) -> None:
        """Do what follows from what was decided, until nothing is left."""
        journal = self._journal
        self._carrying_out = True
        while journal.unfinished:
            if journal.unrecorded:
                await self._record()
            elif journal.outdated is not None:
                await steps.release(
                    ReleaseAssignment(journal.requested.handoff_id, journal.outdated)
                )
                journal.outdated = None
            else:
                await self._refresh_levels()
                if journal.requested.status is Status.UNASSIGNED:
                    self._decide(commands.TryAssignment(teams_changed=True))
        self._carrying_out = False

    async def _record(self) -> None:
        """Store the decisions with all that follows from them, and ask the owner that was found."""
        journal = self._journal
        request = journal.to_record()
        done = await steps.record(request)
        journal.opened_elsewhere = done.opened_elsewhere
        for each in request.decisions:
            journal.recorded = each.state.version
        if (found := done.assigned) is None:
            return
        try:
            self._decide(found.command, found.owner)
        except DomainError:  # a person was quicker
            if isinstance(found.command, commands.Assign):
                journal.outdated = found.command.attempt

    async def _refresh_levels(self) -> None:
        """Read the policy and working hours in force, for the owner that it has afterwards."""
        journal = self._journal
        journal.levels_changed = False
        while True:
            owner = journal.requested.owner
            levels = (await self._read_levels(owner)).levels
            if journal.requested.owner == owner:
                break
        journal.take(levels)

    async def _read_levels(
        self, owner: str | None, *, named: bool = False, must_have: Role | None = None
    ) -> Beginning:
        """Return the policy and working hours in force, with those of ``owner``.

        Args:
            owner: whose hours.
            named: whether somebody named the owner, who then has to be a member.
            must_have: the role that this member has to have.

        Raises:
            DomainError: the owner must be a member and is none, or hasn't that role.
        """
        state, request = self._journal.state, self._run.request
        grade = request.grade if state is None else state.grade
        return await steps.read_levels(
            ReadServiceLevels(
                request, grade, owner, workflow.now(), named, must_have, begins=state is None
            )
        )

    # Waiting.

    async def _wait_until_something_is_due(self) -> bool:
        """Sleep until the clock brings something; return whether a message came before that."""
        journal, now = self._journal, workflow.now()
        state = journal.requested
        wakeup = changeable_until(state) or next_wakeup(state, now, journal.sla)
        if wakeup is not None and state.running and not state.pause:
            wakeup = min(wakeup, now + LEVELS_READ_EVERY)
        if wakeup is None:
            await workflow.wait_condition(lambda: journal.unfinished)
            return True
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: journal.unfinished,
                timeout=max(0.0, (wakeup - now).total_seconds()),
                timeout_summary=shortened(self._line()),
            )
            return True
        return False

    async def _apply_what_is_due(self) -> None:
        """Apply the first command that is due by the hours in force now; then come again."""
        journal = self._journal
        if journal.requested.ended:
            return
        await self._refresh_levels()
        found = due(journal.requested, workflow.now(), journal.sla)
        if found:
            self._decide(found[0])

    async def _let_messages_finish(self) -> None:
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() or self._journal.unfinished
        )

    def _is_over(self) -> bool:
        """Return whether it has ended and can't be rated any longer."""
        until = changeable_until(self._journal.requested)
        return until is not None and workflow.now() >= until

    def _time_for_a_new_run(self) -> bool:
        return (
            self._journal.decisions >= DECISIONS_PER_RUN
            or workflow.info().is_continue_as_new_suggested()
        )

    # What an operator sees.

    def _line(self) -> str:
        """Return where the handoff stands in one line."""
        if self._journal.opened_elsewhere:
            return "進行中の引き継ぎに統合しました"
        return summary(self._journal.requested, self._journal.sla)

    def _show(self) -> None:
        """Show an operator in the Temporal UI where the handoff stands."""
        state = self._journal.requested
        upsert_changed(*search_attributes(state))
        lines = "\n".join(f"- {line}" for line in narrative(state)[-_SHOWN:])
        self.show_details(f"{static_summary(self._run.request)}\n\n**{self._line()}**\n\n{lines}")
