"""The activities of sequences. Each can be repeated at any point."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity

from followup import tables
from followup.approvals import repository as approvals
from followup.approvals.deciders import may_decide
from followup.approvals.repository import ApprovalStatus
from followup.contacts import repository as contacts
from followup.contacts.audience import as_audience
from followup.domain.office_hours import OFFICE_HOURS
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import WebhookStep
from followup.domain.sequences import facts
from followup.domain.sequences.commands import RequestApproval, Result
from followup.domain.sequences.facts import Fact
from followup.domain.triggers.reasons import APPROVAL_REQUIRED
from followup.occurrences import repository as occurrences
from followup.occurrences.merging import end_if_merged
from followup.occurrences.reporting import save_reported
from followup.sellers.successors import working
from followup.sequences import repository as sequences
from followup.sequences.events import publish
from followup.sequences.messages import (
    Beginning,
    ReadScript,
    RecordedDecision,
    RecordSequence,
    SequenceScript,
    StepResult,
    StepWork,
)
from followup.tasks import repository as tasks
from followup.tasks.repository import TaskStatus
from kakehashi_common.audit import Actor
from kakehashi_common.clock import japan_day
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_HOLIDAY_YEARS: Final = 3
"""Calendar years whose holidays are read: this one and the next two."""


class FindPlaybook(Protocol):
    """Finds one version of a playbook."""

    async def __call__(
        self, connection: AsyncConnection, playbook_id: str, version: int
    ) -> Playbook:
        """Return it.

        Raises:
            DomainError: there is no such playbook or version (``unknown_playbook``).
        """
        ...


class StepProgram(Protocol):
    """Does what a sequence's state asks for."""

    async def __call__(self, work: StepWork, playbook: Playbook) -> Result:
        """Do it, and return what came of it."""
        ...


class SequenceActivities:
    """The activities of sequences.

    Args:
        database: where everything is stored.
        find_playbook: finds playbooks.
        choose: chooses the channel of a step.
        prepare: opens the approval or task of a step.
        plan: finds the time at which a step may be done.
        send: sends the mail of a step.
        call: posts the webhook of a step.
        default_owner: who does the work of sellers who have left, if nobody else does.
        topic_prefix: before the name of the topic on which facts are published.
    """

    def __init__(  # noqa: PLR0913 - each is one part of the work
        self,
        database: Database,
        find_playbook: FindPlaybook,
        *,
        choose: StepProgram,
        prepare: StepProgram,
        plan: StepProgram,
        send: StepProgram,
        call: StepProgram,
        default_owner: str | None = None,
        topic_prefix: str = "",
    ) -> None:
        self._database = database
        self._find_playbook = find_playbook
        self._choose = choose
        self._prepare = prepare
        self._plan = plan
        self._send = send
        self._call = call
        self._default_owner = default_owner
        self._topic_prefix = topic_prefix

    def all(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (
            self.read_script,
            self.record_sequence,
            self.choose_channel,
            self.prepare_step,
            self.plan_step,
            self.send_step,
        )

    @activity.defn
    async def read_script(self, request: ReadScript) -> Beginning:
        """Return the playbook and the calendar; to one that begins, its stored state too.

        Raises:
            DomainError: there is no such playbook or version (``unknown_playbook``).
        """
        enter = request.enter
        async with self._database.transaction() as connection:
            playbook = await self._find_playbook(
                connection, enter.playbook_id, enter.playbook_version
            )
            stored = await sequences.find(connection, enter.sequence_id) if request.begins else None
            if stored is not None:  # it was terminated, and has missed what has come since
                await occurrences.notify_again(
                    await driver_connection(connection), stored.state, request.now
                )
        playbook = playbook.for_size(as_audience(None, enter.municipality_code).size_band)
        if enter.reason in APPROVAL_REQUIRED:
            playbook = playbook.with_approval()
        holidays = BUSINESS_DAYS.holidays(japan_day(request.now).year, _HOLIDAY_YEARS)
        script = SequenceScript(
            without_texts(playbook),
            OFFICE_HOURS,
            holidays,
            pauses_stop_clocks=True,
            left_out_is_no_contact=True,
        )
        return Beginning(script, None if stored is None else stored.state)

    @activity.defn
    async def record_sequence(self, request: RecordSequence) -> bool:
        """Store decisions that are newer than what is stored, with all that follows from them.

        One transaction; a repeated or late call changes nothing. Returns ``False``, and stores
        nothing, if the contact is in the same playbook already.
        """
        async with self._database.transaction() as connection:
            first = request.decisions[0].state
            if first.version == 1:  # a mail of a lower playbook goes before it, or waits
                await end_if_merged(await driver_connection(connection), first)
            playbook = await self._find_playbook(
                connection, first.playbook_id, first.playbook_version
            )
            await save_reported(connection, request.decisions)
            for decision in request.decisions:
                stored = await sequences.put(connection, decision, playbook)
                if stored is None:
                    return False
                if stored:
                    await self._record(connection, decision)
        ended = {each.state.lead_id for each in request.decisions if each.state.ended}
        if ended:  # on its own: an erasure holds the lead, and waits for rows of the sequence
            async with self._database.raw_transaction() as raw:
                await contacts.decide_again(raw, ended)
        return True

    async def _record(self, connection: AsyncConnection, decision: RecordedDecision) -> None:
        """Store and publish what a decision that was stored has brought about."""
        state = decision.state
        if state.version == 1:
            await occurrences.notify_again(await driver_connection(connection), state, decision.at)
        await sequences.add_facts(connection, decision)
        await publish(connection, decision, topic_prefix=self._topic_prefix)
        for fact in decision.facts:
            await _close_work(connection, fact)
        approval_id, task_id = (None, None) if state.ended else (state.approval_id, state.task_id)
        await approvals.withdraw_others(connection, state.sequence_id, decision.at, but=approval_id)
        await tasks.withdraw_others(connection, state.sequence_id, decision.at, but=task_id)
        if (act := decision.audit) is not None:
            await Actor(act.who, act.origin).record(
                connection, tables.audit_table, act.what, f"sequence/{state.sequence_id}"
            )

    @activity.defn
    async def choose_channel(self, work: StepWork) -> StepResult:
        """Choose by which of its channels the present step is carried out."""
        return StepResult(await self._choose(*await self._given(work)))

    @activity.defn
    async def prepare_step(self, work: StepWork) -> StepResult:
        """Open the approval or task of the present step."""
        if (asked := await self._still_asked(work)) is not None:
            return StepResult(asked)
        return StepResult(await self._prepare(*await self._given(work)))

    @activity.defn
    async def plan_step(self, work: StepWork) -> StepResult:
        """Find the time at which the present step may be done."""
        if (asked := await self._still_asked(work)) is not None:
            return StepResult(asked)
        return StepResult(await self._plan(*await self._given(work)))

    @activity.defn
    async def send_step(self, work: StepWork) -> StepResult:
        """Send the present step."""
        work, playbook = await self._given(work)
        is_webhook = isinstance(playbook.step(work.step_id), WebhookStep)
        do = self._call if is_webhook else self._send
        return StepResult(await do(work, playbook))

    async def _still_asked(self, work: StepWork) -> RequestApproval | None:
        """Ask again for an approval that was not given by who may, or not for this text."""
        if work.approval_id is None:
            return None
        async with self._database.raw_transaction() as connection:
            approval = await approvals.find(connection, work.approval_id)
        if approval is None or approval.status is not ApprovalStatus.PENDING:
            return None
        return RequestApproval(work.attempt, approval.approval_id, approval.expires_at)

    async def _given(self, work: StepWork) -> tuple[StepWork, Playbook]:
        """Return the work as whoever does it for a seller who has left, and the playbook."""
        async with self._database.transaction() as connection:
            playbook = await self._find_playbook(
                connection, work.playbook_id, work.playbook_version
            )
            seller = await working(
                await driver_connection(connection), work.owner, self._default_owner
            )
        return work if seller is None else replace(work, owner=seller.seller_id), playbook


async def _close_work(connection: AsyncConnection, fact: Fact) -> None:
    """Keep with an approval or task what became of it."""
    match fact:
        case facts.Approved(approval_id=approval_id, at=at, by=by):
            if await _is_approved(connection, approval_id, by, at):
                await approvals.decide(connection, approval_id, ApprovalStatus.APPROVED, at, by=by)
        case facts.Rejected(approval_id=approval_id, at=at, by=by):
            await approvals.decide(connection, approval_id, ApprovalStatus.REJECTED, at, by=by)
        case facts.ApprovalExpired(approval_id=approval_id, at=at):
            await approvals.decide(connection, approval_id, ApprovalStatus.EXPIRED, at)
        case facts.TaskCompleted(task_id=task_id, at=at, by=by, outcome=outcome):
            await tasks.change(
                connection,
                task_id,
                status=TaskStatus.DONE.value,
                outcome=outcome.value,
                closed_at=at,
                closed_by=by,
            )


async def _is_approved(
    connection: AsyncConnection, approval_id: str, by: str, at: datetime
) -> bool:
    """Whether who says that something goes may say so, and has seen what goes.

    The workflow doesn't know: what is not approved stays pending, and is asked for again.
    """
    approval = await approvals.locked(connection, approval_id)
    if approval is None or not await may_decide(connection, approval, by, at):
        return False
    return approval.seen_digest in {None, approval.text_digest}


def without_texts(playbook: Playbook) -> Playbook:
    """Return what a workflow needs of a playbook: how it goes, not what it says."""
    return replace(playbook, templates=(), facts=(), behaviours=(), description="")
