"""Prepare a step for a person: open the approval of a mail, or the task."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import stops
from followup.approvals import repository as approvals
from followup.approvals.repository import Approval, ApprovalStatus
from followup.consents.repository import pauses
from followup.consents.service import as_recipient, suppression_of_recipient
from followup.contacts import repository as contacts
from followup.domain.consents.suppression import Suppression, suppression_keys
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import Approval as PlaybookApproval
from followup.domain.playbooks.steps import (
    MailStep,
    PocCheckStep,
    Recipient,
    Step,
    TaskKind,
    TaskStep,
    WebhookStep,
    task_kind,
)
from followup.domain.playbooks.walk import Office
from followup.domain.send_policy import texts
from followup.domain.send_policy.decision import RefusalReason
from followup.domain.sequences.commands import OpenTask, RefuseStep, RequestApproval, Result
from followup.occurrences.suppressing import UNTIL_NOTIFIED, end_sequences_of
from followup.sellers import repository as sellers
from followup.send_decisions.repository import Stage
from followup.sequences.messages import StepWork
from followup.settings import SenderSettings
from followup.steps.call_advice import CallAdvice
from followup.steps.holding import held_back
from followup.steps.leaving_out import left_out
from followup.steps.policy import check_not_over
from followup.steps.recipients import approval_and_recipient
from followup.steps.requirements import held_up
from followup.tasks import repository as tasks
from followup.tasks.repository import Task, TaskStatus
from followup.texts.recipients import recipient_of, turns_to
from followup.texts.service import StepText, step_text
from kakehashi_common.clock import TOKYO, Clock, japan_day
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.errors import DomainError

_APPROVAL_BUSINESS_DAYS: Final = 5
"""The time for approving a mail, in business days; afterwards it is left out."""


class StepPreparer:
    """Opens approvals and tasks.

    Args:
        database: where they are kept.
        sender: the details of the company that every text shows.
        office: business days and hours.
        advise: notes with a task when to call.
        clock: gives the present time.
    """

    def __init__(
        self,
        database: Database,
        sender: SenderSettings,
        office: Office,
        advise: CallAdvice,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sender = sender
        self._office = office
        self._advise = advise
        self._clock = clock

    async def __call__(self, work: StepWork, playbook: Playbook) -> Result:
        """Open the approval or task of a step; if it was opened before, return the same answer.

        Raises:
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            suppression = await _suppression(await driver_connection(connection), work)
            if suppression is None:
                result = await self._prepare(connection, work, playbook, now)
        if suppression is None:
            if isinstance(result, OpenTask) and _is_call(playbook.step(work.step_id)):
                await self._advise(result.task_id)
            return result
        async with self._database.raw_transaction() as raw:
            await end_sequences_of(raw, work.lead_id, suppression, work.since, now)
        return _refused(work, suppression, now + UNTIL_NOTIFIED)

    async def _prepare(
        self, connection: AsyncConnection, work: StepWork, playbook: Playbook, now: datetime
    ) -> Result:
        raw = await driver_connection(connection)
        step = playbook.step(work.step_id)
        held = await self._held(raw, work, now)
        held = held or await held_up(raw, work, step, self._office, now)
        if held is not None:
            return held
        try:
            check_not_over(work, playbook, japan_day(now))
            given, decided = await approval_and_recipient(raw, work, step)
            text = await step_text(raw, work, playbook, self._sender, now, decided)
            other = None
            if turns_to(step) is not Recipient.CONTACT:
                other = await recipient_of(raw, work.lead_id, step, decided)
        except DomainError as error:
            return await left_out(raw, work, playbook, Stage.PLANNING, error, now)
        if other is not None:
            recipient = as_recipient(other, work.municipality_code)
            if (suppression := await suppression_of_recipient(raw, recipient)) is not None:
                return _refused(work, suppression)
        recipient_id = work.lead_id if other is None else other.lead_id
        if isinstance(step, MailStep | WebhookStep):
            to = recipient_id if isinstance(step, MailStep) else None
            return await self._approval(connection, work, text, to, now)
        assert isinstance(step, TaskStep | PocCheckStep)  # noqa: S101 - the others do nothing
        if step.approval is PlaybookApproval.REQUIRED and given is None:
            title = _title(step, work)
            return await self._approval(connection, work, text, recipient_id, now, title)
        return await self._task(connection, work, step, text, recipient_id, given, now)

    async def _held(
        self, connection: RawConnection, work: StepWork, now: datetime
    ) -> RefuseStep | None:
        """Return until when nobody is asked anything: for a higher playbook, after a disaster."""
        if (held := await held_back(work, now).fetch(connection)) is not None:
            return held
        for each in await pauses(work.municipality_code, now).fetch(connection):
            if each.holds_work(work.municipality_code, work.reason, now):
                tomorrow = now.astimezone(TOKYO).date() + timedelta(days=1)
                opens = datetime.combine(tomorrow, datetime.min.time(), TOKYO)
                until = each.ends or self._office.hours.next_open(opens)
                why = texts.of_pause(each)
                return RefuseStep(work.attempt, RefusalReason.PAUSED.value, until, why.ja)
        return None

    async def _approval(
        self,
        connection: AsyncConnection,
        work: StepWork,
        text: StepText | None,
        recipient_id: str | None,
        now: datetime,
        title: str | None = None,
    ) -> Result:
        """Ask somebody to approve; with a task's title: to approve what is asked of a person."""
        rendered = None if text is None else text.rendered
        raw = await driver_connection(connection)
        seller = None if work.owner is None else await sellers.find(raw, work.owner)
        subject = "" if rendered is None else rendered.subject
        approval = await approvals.add(
            connection,
            Approval(
                approval_id=work.name,
                sequence_id=work.sequence_id,
                step_id=work.step_id,
                lead_id=work.lead_id,
                recipient_lead_id=recipient_id,
                municipality_code=work.municipality_code,
                approver=work.owner if seller is None else seller.approver or work.owner,
                moved_from=None,
                status=ApprovalStatus.PENDING,
                subject=subject if title is None else title,
                text="" if rendered is None else rendered.text,
                fill_ins=() if rendered is None else rendered.unfilled,
                passages={},
                edited_subject=None,
                edited_text=None,
                changed_share=None,
                requested_at=now,
                expires_at=self._after(now, _APPROVAL_BUSINESS_DAYS),
                decided_at=None,
                decided_by=None,
                reason=None,
            ),
        )
        return RequestApproval(work.attempt, approval.approval_id, approval.expires_at)

    async def _task(
        self,
        connection: AsyncConnection,
        work: StepWork,
        step: TaskStep | PocCheckStep,
        text: StepText | None,
        recipient_id: str,
        given: Approval | None,
        now: datetime,
    ) -> Result:
        said = "" if text is None else text.rendered.text
        task = await tasks.add(
            connection,
            Task(
                task_id=work.name,
                sequence_id=work.sequence_id,
                step_id=work.step_id,
                kind=task_kind(step),
                lead_id=work.lead_id,
                recipient_lead_id=recipient_id,
                municipality_code=work.municipality_code,
                owner=work.owner,
                moved_from=None,
                title=_title(step, work) if given is None else given.shown_subject,
                text=said if given is None else given.shown_text,
                fields=step.metrics if isinstance(step, PocCheckStep) else step.fields,
                status=TaskStatus.OPEN,
                opened_at=now,
                due_at=self._due(now, step),
                snoozed_until=None,
                outcome=None,
                note=None,
                record=None,
                closed_at=None,
                closed_by=None,
            ),
        )
        variant = None if text is None or text.variant is None else text.variant.value
        return OpenTask(work.attempt, task.task_id, task.owner, task.due_at, variant)

    def _due(self, now: datetime, step: TaskStep | PocCheckStep) -> datetime:
        if isinstance(step, TaskStep) and step.due_business_hours is not None:
            return self._office.hours.add(now, timedelta(hours=step.due_business_hours))
        return self._after(now, step.due_business_days)

    def _after(self, now: datetime, business_days: int) -> datetime:
        """Return the end of the n-th business day after ``now``."""
        day = self._office.days.shift(now.astimezone(TOKYO).date(), business_days)
        opens = self._office.hours.next_open(datetime.combine(day, datetime.min.time(), TOKYO))
        return self._office.hours.add(opens, _A_WORKING_DAY)


async def _suppression(connection: RawConnection, work: StepWork) -> Suppression | None:
    """Return why nothing more must be done about a sequence's contact.

    One that was stored while the sequence began has not ended it, nor one of an address that the
    contact has got since.
    """
    contact = await contacts.find(connection, work.lead_id)
    if contact is None:
        return None
    recipient = as_recipient(contact, work.municipality_code)
    await stops.share(connection, suppression_keys(recipient))
    return await suppression_of_recipient(connection, recipient)


def _is_call(step: Step) -> bool:
    return isinstance(step, TaskStep) and step.kind is TaskKind.CALL


def _refused(work: StepWork, suppression: Suppression, until: datetime | None = None) -> RefuseStep:
    why = texts.of_suppression(suppression)
    return RefuseStep(work.attempt, RefusalReason.SUPPRESSED.value, until, why.ja)


def _title(step: TaskStep | PocCheckStep, work: StepWork) -> str:
    is_check = isinstance(step, PocCheckStep)
    return f"{step.title}（第{work.week}週）" if is_check else step.title


_A_WORKING_DAY: Final = timedelta(hours=7, minutes=45)
"""Of a municipality's office; the step is due when it ends."""
