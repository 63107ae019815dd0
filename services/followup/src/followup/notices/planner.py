"""Plan notices: each seller's list as the offices open, reminders, answers; each once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.approvals import repository as approvals
from followup.daily_lists.queries import list_of, of_approval, of_tasks
from followup.domain.absences import stand_in
from followup.domain.daily_lists import Item, is_time_to_remind
from followup.inbox import answers
from followup.notices import repository
from followup.notices.repository import Channel, Notice, NoticeState
from followup.sellers import repository as sellers
from followup.sellers.successors import working
from followup.tasks import repository as tasks
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.business_time import BusinessTime

_LOOKED_AHEAD: Final = timedelta(days=14)
"""A working day may begin so long before it ends: over the turn of the year."""

_LOOKED_BACK: Final = timedelta(days=14)
"""Of an answer that came longer ago nobody is notified: the offices were closed for less."""

_NOTIFIED_EVERY: Final = timedelta(hours=1)
"""Of a sequence's answers its seller is notified this often at most."""

_LOOKED_AT_ONCE: Final = 500
"""Approvals, tasks and answers of one look: those that are due first."""


class NoticePlanner:
    """Queues notices.

    Args:
        database: where they are queued.
        hours: working hours; no notice is sent outside of them.
        clock: gives the present time.
        default_owner: who is reminded of what nobody has.
        sends_mail: whether a mail server is set up.
        webhook: the endpoint that reminders are posted to as well, if any.
    """

    def __init__(
        self,
        database: Database,
        hours: BusinessTime,
        clock: Clock,
        *,
        default_owner: str | None,
        sends_mail: bool,
        webhook: str | None,
    ) -> None:
        self._database = database
        self._hours = hours
        self._clock = clock
        self._default_owner = default_owner
        self._sends_mail = sends_mail
        self._webhook = webhook

    async def plan(self) -> None:
        """Queue what is due; what was queued before stays as it is.

        Raises:
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        if not self._hours.is_open(now):
            return
        async with self._database.transaction() as connection:
            await self._remind(connection, now)
            if self._sends_mail:
                await self._pass_on_answers(connection, now)
                await self._list(connection, now)

    async def _remind(self, connection: AsyncConnection, now: datetime) -> None:
        """Queue reminders of what nobody has taken and is due soon."""
        until = now + _LOOKED_AHEAD
        pending = await approvals.untaken(connection, now, until, _LOOKED_AT_ONCE)
        opened = await tasks.untaken(connection, now, until, _LOOKED_AT_ONCE)
        untaken: list[tuple[Item, Callable[..., Awaitable[object]]]] = [
            *((of_approval(each), approvals.change) for each in pending),
            *((each, tasks.change) for each in await of_tasks(connection, opened, now)),
        ]
        for item, change in untaken:
            if is_time_to_remind(item, now, self._hours):
                await change(connection, item.item_id, reminded_at=now)
                await self._add_reminder(connection, item.item_id, item.holder, now)

    async def _add_reminder(
        self, connection: AsyncConnection, work_id: str, holder: str | None, now: datetime
    ) -> None:
        seller_id = holder or self._default_owner
        if self._sends_mail and seller_id is not None:
            await repository.add(connection, Notice.reminder(work_id, Channel.MAIL, seller_id), now)
        if self._webhook is not None:
            await repository.add(
                connection, Notice.reminder(work_id, Channel.WEBHOOK, seller_id), now
            )

    async def _pass_on_answers(self, connection: AsyncConnection, now: datetime) -> None:
        """Notify the owners of sequences of what was answered, or who does their work.

        Of each sequence once an hour, by the newest answer: two programs that answer each other,
        or whoever forges answers, must not fill a seller's mailbox.
        """
        raw = await driver_connection(connection)
        away = await sellers.away(connection, now)
        found = await answers.not_notified(
            raw, now - _LOOKED_BACK, now - _NOTIFIED_EVERY, _LOOKED_AT_ONCE
        )
        newest = {answer.sequence_id: answer for answer in found}
        for answer in newest.values():
            seller = await working(raw, answer.owner, self._default_owner)
            if seller is not None:
                absence = away.get(seller.seller_id)
                deputy = None if absence is None else stand_in(absence, away)
                notice = Notice.answer(answer.digest, deputy or seller.seller_id)
                await repository.add(connection, notice, now)
        await answers.mark_notified(raw, [each.digest for each in found], now)

    async def _list(self, connection: AsyncConnection, now: datetime) -> None:
        """Decide once a day about each seller's list; who is away gets it when they are back."""
        day = japan_day(now)
        away = await sellers.away(connection, now)
        for seller in await repository.sellers_without_daily_list(connection, day):
            if seller.seller_id in away:
                continue
            found = await list_of(connection, seller, now)
            state = NoticeState.NOT_NEEDED if found.is_empty else NoticeState.DUE
            await repository.add(connection, Notice.daily_list(seller.seller_id, day), now, state)
