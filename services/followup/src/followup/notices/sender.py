"""Send notices: each mail is handed over at most once, each webhook until it is taken."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.approvals import repository as approvals
from followup.approvals.repository import ApprovalStatus
from followup.daily_lists.queries import list_of, of_answer, of_approval, of_task
from followup.delivery.sending import Mailer
from followup.domain.daily_lists import Item
from followup.domain.delivery.outcome import Fate, Outcome
from followup.inbox import answers
from followup.notices import letters, repository
from followup.notices.letters import Letter
from followup.notices.planner import NoticePlanner
from followup.notices.repository import Channel, Notice, NoticeKind, NoticeState
from followup.sellers import repository as sellers
from followup.sellers.repository import Seller
from followup.settings import WebhookEndpoint
from followup.tasks import repository as tasks
from followup.tasks.repository import TaskStatus
from kakehashi_common.clock import TOKYO, Clock, japan_day
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.backoff import Backoff
from kakehashi_common.errors import PermanentError, TransientError
from kakehashi_common.mail.letters import letter
from kakehashi_common.polling import poll
from kakehashi_common.webhooks.posting import WebhookClient

EVERY: Final = timedelta(seconds=30)
AT_ONCE: Final = 20
"""Notices that one look takes."""

_MOST_ATTEMPTS: Final = 10
_BACKOFF: Final = Backoff(timedelta(minutes=1), longest=timedelta(hours=1))


class Notices:
    """Plans and sends notices. Run it as a component of a process.

    Args:
        database: where they are queued.
        planner: queues them.
        mailer: hands mails over.
        client: posts webhooks.
        clock: gives the present time.
        sender: the address that mails come from.
        endpoint: that reminders are posted to as well, if any.
    """

    def __init__(
        self,
        database: Database,
        planner: NoticePlanner,
        mailer: Mailer,
        client: WebhookClient,
        clock: Clock,
        *,
        sender: str,
        endpoint: WebhookEndpoint | None,
    ) -> None:
        self._database = database
        self._planner = planner
        self._mailer = mailer
        self._client = client
        self._clock = clock
        self._sender = sender
        self._endpoint = endpoint

    async def run(self, stop: asyncio.Event) -> None:
        """Plan and send until ``stop`` is set."""
        await poll(stop, self.look, "notices to sellers wait", every=EVERY)

    async def look(self) -> int:
        """Queue what is due, send it, and return how many notices were taken.

        Raises:
            TransientError: the database is unavailable.
        """
        await self._planner.plan()
        async with self._database.transaction() as connection:
            taken = await repository.take(connection, self._clock.now(), AT_ONCE)
        for notice in taken:
            await self._send(notice)
        return len(taken)

    async def _send(self, notice: Notice) -> None:
        if notice.channel is Channel.WEBHOOK:
            await self._post(notice)
            return
        async with self._database.transaction() as connection:
            seller = await sellers.find(await driver_connection(connection), notice.seller_id or "")
            written = (
                None
                if seller is None or not seller.active
                else await self._written(connection, notice, seller)
            )
        if seller is None or written is None:
            await self._settle(notice, NoticeState.NOT_NEEDED)
            return
        await self._mail(notice, seller.email, written)

    async def _written(
        self, connection: AsyncConnection, notice: Notice, seller: Seller
    ) -> Letter | None:
        """Return the mail of a notice as things stand now; ``None``: nothing is left to say."""
        names = await sellers.names(connection)
        if notice.kind is NoticeKind.REMINDER:
            item = await _waiting(connection, notice.work_id or "")
            return None if item is None else letters.of_reminder(item, seller.name, names)
        if notice.kind is NoticeKind.ANSWER:
            raw, digest = await driver_connection(connection), notice.work_id or ""
            if (answer := await answers.find(raw, digest)) is None:
                return None
            more = await answers.notified_together(raw, digest) - 1
            return letters.of_answer(of_answer(answer), seller.name, more)
        now = self._clock.now()
        if notice.day != japan_day(now):  # the mail server was unavailable until the day was over
            return None
        found = await list_of(connection, seller, now)
        return None if found.is_empty else letters.of_daily_list(found, names)

    async def _mail(self, notice: Notice, to: str, written: Letter) -> None:
        message = letter(
            sender=self._sender,
            to=to,
            subject=written.subject,
            text=written.text,
            identity=notice.notice_id,
            at=self._clock.now(),
        )

        async def claim() -> Outcome | None:
            async with self._database.transaction() as connection:
                claimed = await repository.claim(connection, notice.notice_id)
            return None if claimed else Outcome(Fate.WITHHELD, "another process sends it")

        outcome = await self._mailer.send(to, message.as_bytes(), claim)
        match outcome.fate:
            case Fate.ACCEPTED:
                await self._settle(notice, NoticeState.SENT)
            case Fate.REJECTED:
                await self._settle(notice, NoticeState.FAILED, outcome.reason)
            case Fate.DEFERRED:
                await self._again(notice, outcome.reason)
            case Fate.UNKNOWN:
                await self._settle(notice, NoticeState.SENDING, outcome.reason)
            case Fate.WITHHELD:
                pass

    async def _post(self, notice: Notice) -> None:
        async with self._database.transaction() as connection:
            item = await _waiting(connection, notice.work_id or "")
        if item is None or self._endpoint is None:
            await self._settle(notice, NoticeState.NOT_NEEDED)
            return
        now = self._clock.now()
        secrets = [each.get_secret_value() for each in self._endpoint.secrets]
        body = json.dumps(_said(item, now), ensure_ascii=False).encode()
        try:
            await self._client.post(self._endpoint.url, secrets, notice.notice_id, body, now)
        except PermanentError as error:
            await self._settle(notice, NoticeState.FAILED, error.message)
        except TransientError as error:
            await self._again(notice, error.message, error.retry_after)
        else:
            await self._settle(notice, NoticeState.SENT)

    async def _again(self, notice: Notice, reason: str, asked_for: timedelta | None = None) -> None:
        if notice.attempts >= _MOST_ATTEMPTS:
            await self._settle(notice, NoticeState.FAILED, reason)
            return
        again_at = self._clock.now() + _BACKOFF.pause(notice.attempts, asked_for)
        await self._settle(notice, NoticeState.DUE, reason, again_at)

    async def _settle(
        self,
        notice: Notice,
        state: NoticeState,
        reason: str = "",
        again_at: datetime | None = None,
    ) -> None:
        async with self._database.transaction() as connection:
            await repository.settle(
                connection,
                notice.notice_id,
                state,
                self._clock.now(),
                reason=reason,
                again_at=again_at,
            )


async def _waiting(connection: AsyncConnection, work_id: str) -> Item | None:
    """Return the approval or task of a reminder, unless it is done."""
    approval = await approvals.find(await driver_connection(connection), work_id)
    if approval is not None:
        return of_approval(approval) if approval.status is ApprovalStatus.PENDING else None
    task = await tasks.find(connection, work_id)
    return None if task is None or task.status is not TaskStatus.OPEN else of_task(task)


def _said(item: Item, now: datetime) -> Mapping[str, Any]:
    return {
        "type": "followup.reminder",
        "timestamp": now.astimezone(TOKYO).isoformat(),
        "data": {
            "kind": item.kind,
            "item_id": item.item_id,
            "lead_id": item.lead_id,
            "municipality_code": item.municipality_code,
            "holder": item.holder,
            "due_at": item.due_at.astimezone(TOKYO).isoformat(),
        },
    }
