"""One sequence, from its entry to its last step: days, or years if its playbook says so."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from followup.domain.sequences import commands
    from followup.domain.sequences.checks import check_ahead
    from followup.domain.sequences.deciding import next_wakeup
    from followup.domain.sequences.narrative import narrative, summary
    from followup.domain.sequences.refusals import REFUSALS
    from followup.domain.sequences.state import SequenceState
    from followup.domain.sequences.terms import WORKING
    from followup.sequences.messages import ReadScript, Sequence, SequenceStatus, StepWork
    from followup.sequences.names import static_summary
    from followup.sequences.updates import UPDATES
    from followup.workflow import steps
    from followup.workflow.journal import SequenceJournal, check_same
    from kakehashi_common.domain.errors import DomainError
    from kakehashi_common.domain.texts import Text
    from kakehashi_common.temporal import messages, run_inputs
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.refusals import MessageRefusedError
    from kakehashi_common.temporal.search_attributes import (
        LEAD_ID,
        MUNICIPALITY_CODE,
        OWNER,
        PLAYBOOK,
        SEQUENCE_STATUS,
        upsert_changed,
    )
    from kakehashi_common.temporal.summaries import shortened

DECISIONS_PER_RUN: Final = 200
"""A sequence has about five a step; more mean one that goes on for years."""

SCRIPT_READ_EVERY: Final = timedelta(days=7)
"""The interval at which the calendar is read, in case the government has moved a holiday."""

_PAUSES_END_LATER: Final = "pauses-end-later"
"""The change since which a signal's pause whose end is over is refused."""

_SHOWN: Final = 8
"""Lines of the narrative, the newest, that an operator sees first."""


def _command(kind: type[commands.Message]) -> Any:
    """Declare the update and signal of a command, which is decided and then recorded."""
    update = UPDATES[kind]

    async def handle(self: "SequenceWorkflow", message: Any) -> SequenceStatus:
        return await self.apply(message)

    handle.__name__ = update.name
    handle.__annotations__ = {"message": kind, "return": SequenceStatus}
    return messages.command(description=update.description, name=update.name)(handle)


def _refusal(error: DomainError) -> MessageRefusedError:
    return MessageRefusedError.by_rule(error, REFUSALS)


@workflow.defn
class SequenceWorkflow(MessageHandlers):
    """Lives from a contact's entry into a playbook to its end. Its id is ``followup/<id>``.

    Messages and the clock are decided at once, by the journal. The run carries out what follows,
    one thing at a time, and records it with the state that it belongs to; an update answers then.
    """

    @run_inputs.init
    def __init__(self, request: Sequence) -> None:
        self._run = request
        self._journal = SequenceJournal.of(request)
        self._script_read_at: datetime | None = None
        self._refused: MessageRefusedError | None = None
        self._carrying_out = False

    @run_inputs.run
    async def run(self, request: Sequence) -> str:
        """Enter the playbook, and follow it to the end; return how it ended.

        Whoever cancels the workflow itself stops the sequence: that is recorded and announced like
        any other end, so what has to be carried out is out of the cancellation's reach.
        """
        enter = request.enter
        owner = enter.owner if request.state is None else request.state.owner
        upsert_changed(
            LEAD_ID.value_set(enter.lead_id),
            PLAYBOOK.value_set(enter.playbook_id),
            *([OWNER.value_set(owner)] if owner else ()),
            *(
                [MUNICIPALITY_CODE.value_set(enter.municipality_code)]
                if enter.municipality_code
                else ()
            ),
        )
        life = asyncio.create_task(self._live())
        try:
            return await asyncio.shield(life)
        except asyncio.CancelledError:
            if workflow.cancellation_reason() is None:  # the worker forgets the workflow
                raise
            await self.apply_signal(commands.Stop(commands.TEMPORAL))
            await self._recorded(0)
            await self._let_messages_finish()
            return self._line()

    async def _live(self) -> str:
        """Carry out what is decided, and wait for what is due, until nothing can follow."""
        if self._journal.state is None:
            await self._begin()
        while True:
            await self._carry_out()
            if self._journal.opened_elsewhere or self._journal.entered.ended:
                await self._let_messages_finish()
                return self._line()
            if self._time_for_a_new_run():
                await self._let_messages_finish()
                if not self._journal.unfinished:
                    workflow.continue_as_new(self._journal.next_run(self._run))
                continue
            if not await self._wait_until_something_is_due():
                await self._refresh_script()
                self._decide(commands.TimeCame())

    # Messages: as updates, which answer, and as signals, which note a refusal.

    @messages.update(
        name="enter",
        description="プレイブックを開始する（進行中なら同じ回答） / Enter; again: joins",
    )
    async def enter_again(self, enter: commands.Enter) -> SequenceStatus:  # noqa: ARG002 - checked
        """Return where it stands, once it has been recorded."""
        await self._begun()
        return await self._recorded(1)

    @enter_again.validator
    def _check_enter(self, enter: commands.Enter) -> None:
        try:
            check_same(self._run.enter, enter)
        except DomainError as error:
            raise _refusal(error) from error

    react = _command(commands.React)
    pause = _command(commands.Pause)
    resume = _command(commands.Resume)
    skip = _command(commands.Skip)
    stop = _command(commands.Stop)
    approve = _command(commands.Approve)
    reject = _command(commands.Reject)
    complete_task = _command(commands.CompleteTask)
    change_owner = _command(commands.ChangeOwner)

    @workflow.query(description="これまでの経過 / What has happened so far")
    def story(self) -> list[str]:
        """Return one line for each thing that has happened, the oldest first."""
        return (
            []
            if self._journal.state is None
            else list(narrative(self._journal.state, self._journal.playbook))
        )

    @workflow.query(description="シーケンスの全状態（開始前はnull） / Everything known about it")
    def state(self) -> SequenceState | None:
        """Return the state, ``None`` before the beginning."""
        return self._journal.state

    def check(self, message: commands.FromOutside) -> None:
        """Refuse what makes no sense before it is part of the history."""
        try:
            self._journal.check(message, workflow.now())
        except DomainError as error:
            raise _refusal(error) from error

    async def apply(self, message: commands.FromOutside) -> SequenceStatus:
        """Decide, and answer when all that follows has been recorded."""
        await self._begun()
        try:
            self._decide(message)
        except DomainError as error:
            raise _refusal(error) from error
        return await self._recorded(self._journal.entered.version)

    async def apply_signal(self, message: commands.FromOutside) -> None:
        """Decide; a refusal is shown in the current details."""
        if self._refused is not None:
            return
        await self._begun()
        try:
            check_ahead(message, workflow.now())
        except DomainError as error:
            if workflow.patched(_PAUSES_END_LATER):
                self.show_refusal(UPDATES[type(message)].name, _refusal(error))
                return
        try:
            self._decide(message)
        except DomainError as error:
            self.show_refusal(UPDATES[type(message)].name, _refusal(error))

    def _decide(self, command: commands.Command) -> None:
        self._journal.apply(command, workflow.now())
        self._show()

    async def _begun(self) -> None:
        await workflow.wait_condition(
            lambda: self._journal.state is not None or self._refused is not None
        )
        if self._refused is not None:
            raise self._refused

    async def _recorded(self, version: int) -> SequenceStatus:
        """Wait until that version, and all that follows from it, has been recorded."""
        journal = self._journal
        await workflow.wait_condition(
            lambda: not (self._carrying_out or journal.recorded < version or journal.unfinished)
        )
        if journal.opened_elsewhere:
            raise MessageRefusedError(
                Text(
                    "この相手先には、同じプレイブックのシーケンスが進行中です",
                    "the contact is in this playbook already",
                ),
                code="contact_in_playbook",
                conflict=True,
            )
        return SequenceStatus.of(journal.entered, journal.playbook)

    # What follows from decisions.

    async def _begin(self) -> None:
        """Read the playbook, and enter it.

        An entry that contradicts a rule fails the workflow: nothing has begun.
        """
        try:
            self._script_read_at = workflow.now()
            found = await steps.read_script(
                ReadScript(self._run.enter, workflow.now(), begins=True)
            )
            self._journal.begin(self._run.enter, found, workflow.now())
        except DomainError as error:
            self._refused = _refusal(error)
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise self._refused from error
        self._show()

    async def _refresh_script(self) -> None:
        """Read the calendar again if that was long ago."""
        read_at, now = self._script_read_at, workflow.now()
        if read_at is not None and now - read_at < SCRIPT_READ_EVERY:
            return
        self._script_read_at = now
        found = await steps.read_script(ReadScript(self._run.enter, now, begins=False))
        self._journal.take(found.script)

    async def _carry_out(self) -> None:
        """Do what follows from what was decided, until nothing is left."""
        journal = self._journal
        self._carrying_out = True
        while journal.unfinished:
            if journal.unrecorded:
                await self._record()
            else:
                await self._work()
        self._carrying_out = False

    async def _record(self) -> None:
        """Store the decisions with what is to be published, at once."""
        request = self._journal.to_record()
        self._journal.opened_elsewhere = not await steps.record(request, self._journal.playbook)
        for each in request.decisions:
            self._journal.recorded = each.state.version

    async def _work(self) -> None:
        """Have done what the state asks for; a result that comes too late changes nothing."""
        state = self._journal.entered
        if state.status in WORKING:
            self._decide(await steps.work(state.status, StepWork.of(state), self._journal.playbook))

    # Waiting.

    async def _wait_until_something_is_due(self) -> bool:
        """Sleep until the clock brings something; return whether a message came before that."""
        journal = self._journal
        wakeup = next_wakeup(journal.entered)
        version = journal.entered.version

        def changed() -> bool:
            return journal.unfinished or journal.entered.version != version

        if wakeup is None:
            await workflow.wait_condition(changed)
            return True
        with suppress(TimeoutError):
            await workflow.wait_condition(
                changed,
                timeout=max(0.0, (wakeup - workflow.now()).total_seconds()),
                timeout_summary=shortened(self._line()),
            )
            return True
        return False

    async def _let_messages_finish(self) -> None:
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() or self._journal.unfinished
        )

    def _time_for_a_new_run(self) -> bool:
        return (
            self._journal.decisions >= DECISIONS_PER_RUN
            or workflow.info().is_continue_as_new_suggested()
        )

    # What an operator sees.

    def _line(self) -> str:
        """Return where the sequence stands in one line."""
        if self._journal.opened_elsewhere:
            return "同じプレイブックのシーケンスが進行中のため、開始しませんでした"
        return summary(self._journal.entered, self._journal.playbook)

    def _show(self) -> None:
        """Show an operator in the Temporal UI where the sequence stands."""
        state, playbook = self._journal.entered, self._journal.playbook
        upsert_changed(
            SEQUENCE_STATUS.value_set(state.status.value),
            *([OWNER.value_set(state.owner)] if state.owner else ()),
        )
        lines = "\n".join(f"- {line}" for line in narrative(state, playbook)[-_SHOWN:])
        self.show_details(
            f"{static_summary(self._run.enter, playbook)}\n\n**{self._line()}**\n\n{lines}"
        )
