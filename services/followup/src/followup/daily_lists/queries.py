"""Queries for daily lists."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.approvals import repository as approvals
from followup.approvals.repository import Approval, ApprovalFilter, ApprovalStatus
from followup.consents.repository import pauses_of_places
from followup.domain.daily_lists import DailyList, Item, ItemKind, daily_list
from followup.domain.inbox.classified import MailKind
from followup.domain.send_policy.pauses import Pause
from followup.inbox import answers
from followup.inbox.answers import Answer
from followup.questions import repository as questions
from followup.questions.repository import Question
from followup.sellers import repository as sellers
from followup.sellers.repository import Seller
from followup.sequences import repository as sequences
from followup.tasks import repository as tasks
from followup.tasks.repository import Task, TaskFilter, TaskStatus
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.errors import NotFoundError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_A_DAY: Final = timedelta(days=1)
"""A pause without an end is looked at again the next day."""

MOST_ITEMS: Final = 200
"""Approvals, and tasks, of one list: those that are due first."""

_ANSWERED: Final = {
    MailKind.ANSWER: "返信がありました",
    MailKind.NEGATIVE: "お断りの返信がありました",
    MailKind.OPT_OUT: "配信停止のお申し出がありました",
}


class DailyLists:
    """Daily lists, computed when they are requested."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, seller_id: str) -> DailyList:
        """Return what a seller has to do now.

        Raises:
            NotFoundError: there is no such seller.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            seller = await sellers.find(await driver_connection(connection), seller_id)
            if seller is None:
                raise NotFoundError(f"there is no seller {seller_id}", field="seller_id")
            return await list_of(connection, seller, self._clock.now())


async def list_of(connection: AsyncConnection, seller: Seller, now: datetime) -> DailyList:
    """Return a seller's list: their own items, and approvals open to all who may approve.

    Answers in their sequences are listed on the day on which they came and on the next business
    day.
    """
    pending = await approvals.list_approvals(
        connection,
        ApprovalFilter(ApprovalStatus.PENDING, seller.seller_id, or_anybodys=True),
        after=None,
        limit=MOST_ITEMS,
    )
    open_tasks = await tasks.list_tasks(
        connection, TaskFilter(TaskStatus.OPEN, seller.seller_id), after=None, limit=MOST_ITEMS
    )
    since = BUSINESS_DAYS.shift(japan_day(now), -1)
    answered = await answers.answers_since(
        await driver_connection(connection),
        seller.seller_id,
        datetime.combine(since, time(), JAPAN),
        MOST_ITEMS,
    )
    raw = await driver_connection(connection)
    asked = await questions.open_questions(raw, seller.seller_id, after=None, limit=MOST_ITEMS)
    items = [
        *map(of_answer, answered),
        *map(of_question, asked),
        *map(of_approval, pending),
        *await of_tasks(connection, open_tasks, now),
    ]
    return daily_list(seller.seller_id, seller.name, items, now)


async def of_tasks(connection: AsyncConnection, found: Sequence[Task], now: datetime) -> list[Item]:
    """Return open tasks as items; those of a paused municipality return after the pause."""
    raw = await driver_connection(connection)
    holding = await pauses_of_places(raw, now)
    if not holding:
        return [of_task(each) for each in found]
    reasons = await sequences.reasons_of(raw, {each.sequence_id for each in found})
    return [
        replace(of_task(task), returns_at=_returns_at(task, reasons, holding, now))
        for task in found
    ]


def _returns_at(
    task: Task, reasons: Mapping[str, str], holding: Sequence[Pause], now: datetime
) -> datetime | None:
    ends = [
        pause.ends or now + _A_DAY
        for pause in holding
        if pause.holds_work(task.municipality_code, reasons.get(task.sequence_id, ""), now)
    ]
    return max([*ends, *([task.snoozed_until] if task.snoozed_until else [])], default=None)


def of_answer(answer: Answer) -> Item:
    """Return an answer as an item of a list, without a word of it."""
    return Item(
        ItemKind.ANSWER,
        answer.digest,
        _ANSWERED[answer.kind],
        answer.lead_id,
        answer.municipality_code,
        answer.received_at,
        answer.received_at,
        holder=answer.owner,
    )


def of_question(question: Question) -> Item:
    """Return a question as an item of a list, without a word of it."""
    return Item(
        ItemKind.QUESTION,
        str(question.question_id),
        "ご質問への回答",
        question.lead_id or "",
        question.municipality_code,
        question.asked_at,
        question.due_at,
        holder=question.owner,
    )


def of_approval(approval: Approval) -> Item:
    """Return an approval as an item of a list."""
    return Item(
        ItemKind.APPROVAL,
        approval.approval_id,
        approval.shown_subject,
        approval.lead_id,
        approval.municipality_code,
        approval.requested_at,
        approval.expires_at,
        holder=approval.approver,
        moved_from=approval.moved_from,
        to_write=tuple(each.label for each in approval.unfilled),
    )


def of_task(task: Task) -> Item:
    """Return a task as an item of a list."""
    hours = task.call_hours
    return Item(
        ItemKind.TASK,
        task.task_id,
        task.title,
        task.lead_id,
        task.municipality_code,
        task.opened_at,
        task.due_at,
        step_kind=task.kind,
        holder=task.owner,
        moved_from=task.moved_from,
        returns_at=task.snoozed_until,
        best_hours=hours.text.ja if hours is not None and hours.slots else "",
    )
