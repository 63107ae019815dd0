"""When mail goes: rows that wait are sent, gathered into a digest, or left to wait longer.

One notifier plans at a time, so that no digest is made twice; what it lets go, each can send.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.effects import Recipient
from handoff.domain.notifications.deliveries import DeliveryState
from handoff.domain.notifications.recipients import Addressee
from handoff.domain.notifications.timing import DigestPolicy, MailPlan, WaitingNotice, plan_mail
from handoff.domain.teams.members import Member, Role
from handoff.domain.teams.working_time import working_time
from handoff.notifications.recipients import find_members
from handoff.settings import NotificationSettings
from handoff.teams import repository as teams
from handoff.teams.places import place_of
from kakehashi_common.clock import Clock, japan_day, japan_midnight
from kakehashi_common.db import Database
from kakehashi_common.domain.business_time import NoWorkingHoursError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_ONE_AT_A_TIME: Final = text("select pg_try_advisory_xact_lock(hashtext('handoff/mail-plan'))")
_MEMBERS_AT_ONCE: Final = 100

_delivery = tables.delivery.c
_notification = tables.notification.c


class MailPlanner:
    """Decides which mails go now.

    Args:
        database: where they wait.
        settings: of digests, and who is notified where nobody else is found.
        clock: what the time is.
        sends_mail: whether a mail server is set up.
    """

    def __init__(
        self, database: Database, settings: NotificationSettings, clock: Clock, *, sends_mail: bool
    ) -> None:
        self._database = database
        self._fallback = settings.fallback_member
        self._policy = DigestPolicy(settings.digest_after, settings.digest_at)
        self._clock = clock
        self._sends_mail = sends_mail

    async def plan(self) -> None:
        """Plan what is due. Another notifier may be at it: then it is done there."""
        async with self._database.transaction() as connection:
            if not await connection.scalar(_ONE_AT_A_TIME):
                return
            now = self._clock.now()
            if not self._sends_mail:
                await _close(connection, now)
                return
            await self._find_missing(connection, now)
            for member_id in await _members_due(connection, now):
                member = await teams.member(connection, member_id)
                if member is not None:
                    await self._plan_for(connection, member, now)

    async def _find_missing(self, connection: AsyncConnection, now: datetime) -> None:
        """Find somebody for what is for nobody, or for somebody who doesn't work here any longer.

        Nobody at all: it can't be delivered, and says so.
        """
        missing = list(await connection.execute(_without_reader(now)))
        if not missing:
            return
        found = await find_members(
            connection,
            [
                Addressee(
                    Recipient(row.recipient),
                    row.about_member_id,
                    None if row.of_role is None else Role(row.of_role),
                    place_of(row.municipality_code, row.policy_area),
                )
                for row in missing
            ],
        )
        fallback = (
            None if self._fallback is None else await teams.member(connection, self._fallback)
        )
        for row, member_id in zip(missing, found, strict=True):
            instead = fallback.member_id if fallback is not None and fallback.active else None
            if (reader := member_id or instead) is None:
                await _give_up(connection, [row.notification_id], _NOBODY)
            else:
                its = _notification.notification_id == row.notification_id
                statement = update(tables.notification).where(its).values(member_id=reader)
                await connection.execute(statement)

    async def _plan_for(self, connection: AsyncConnection, member: Member, now: datetime) -> None:
        waiting = await _waiting(connection, member.member_id)
        ids = [each.notification_id for each in waiting]
        if member.email is None:
            await _give_up(connection, ids, f"{member.member_id} has no email: enter it, and retry")
            return
        team = await teams.team(connection, member.team_id)
        if team is None:
            raise LookupError(member.team_id)
        try:
            plan = plan_mail(
                waiting,
                now=now,
                sent_today=await _sent_singly(connection, member.member_id, now),
                working=working_time(member, team, BUSINESS_DAYS.__contains__),
                policy=self._policy,
            )
        except NoWorkingHoursError:  # there is nothing to wait for
            plan = MailPlan(single=ids)
        await _carry_out(connection, plan, now)


_NOBODY: Final = (
    "nobody was found: name a lead of the team, or HANDOFF_NOTIFICATIONS__FALLBACK_MEMBER, "
    "and retry"
)


def _waits() -> ColumnElement[bool]:
    return (_delivery.state == DeliveryState.WAITING) & _delivery.webhook_id.is_(None)


def _without_reader(now: datetime) -> Select[Any]:
    works = tables.member.c.active.is_(True)
    return (
        select(
            tables.notification, tables.handoff.c.municipality_code, tables.handoff.c.policy_area
        )
        .select_from(tables.delivery)
        .join(tables.notification)
        .join(tables.handoff)
        .outerjoin(tables.member, _notification.member_id == tables.member.c.member_id)
        .where(_waits(), _delivery.due_at <= now, works.is_not(True))
        .limit(_MEMBERS_AT_ONCE)
    )


async def _members_due(connection: AsyncConnection, now: datetime) -> list[str]:
    query = (
        select(_notification.member_id)
        .distinct()
        .select_from(tables.delivery.join(tables.notification))
        .where(_waits(), _delivery.due_at <= now, _notification.member_id.is_not(None))
        .limit(_MEMBERS_AT_ONCE)
    )
    return list(await connection.scalars(query))


async def _waiting(connection: AsyncConnection, member_id: str) -> list[WaitingNotice]:
    query = (
        select(
            _notification.notification_id,
            _notification.created_at,
            _notification.urgent,
            _delivery.for_digest,
            _delivery.due_at,
        )
        .select_from(tables.delivery.join(tables.notification))
        .where(_waits(), _notification.member_id == member_id)
    )
    return [WaitingNotice(*row) for row in await connection.execute(query)]


async def _sent_singly(connection: AsyncConnection, member_id: str, now: datetime) -> int:
    """Return how many that were not urgent were let go by themselves on this day in Japan."""
    query = (
        select(func.count())
        .select_from(tables.delivery.join(tables.notification))
        .where(
            _delivery.webhook_id.is_(None),
            _delivery.released_at >= japan_midnight(japan_day(now)),
            _delivery.digest_id.is_(None),
            _notification.member_id == member_id,
            ~_notification.urgent,
        )
    )
    return await connection.scalar(query) or 0


async def _carry_out(connection: AsyncConnection, plan: MailPlan, now: datetime) -> None:
    released = {"state": DeliveryState.PENDING, "due_at": now, "released_at": now}
    if len(plan.digest) == 1:
        plan.single.extend(plan.digest)
    elif plan.digest:
        first, *others = plan.digest
        digest_id = uuid4()
        await _set(connection, [first], **released, digest_id=digest_id)
        await _set(connection, others, state=DeliveryState.GATHERED, digest_id=digest_id)
    await _set(connection, plan.single, **released, for_digest=False)
    for until, ids in _by_instant(plan.later).items():
        await _set(connection, ids, due_at=until, for_digest=False)
    for until, ids in _by_instant(plan.next_digest).items():
        await _set(connection, ids, due_at=until, for_digest=True)


def _by_instant(waiting: Mapping[UUID, datetime]) -> dict[datetime, list[UUID]]:
    found: dict[datetime, list[UUID]] = {}
    for each, until in waiting.items():
        found.setdefault(until, []).append(each)
    return found


async def _give_up(connection: AsyncConnection, ids: Sequence[UUID], error: str) -> None:
    await _set(connection, ids, state=DeliveryState.UNDELIVERABLE, error=error)


async def _set(connection: AsyncConnection, ids: Sequence[UUID], **values: Any) -> None:
    """Change mails that wait."""
    if ids:
        await connection.execute(
            update(tables.delivery)
            .where(_waits(), _delivery.notification_id.in_(ids))
            .values(values)
        )


async def _close(connection: AsyncConnection, now: datetime) -> None:
    """Without a mail server webhooks are enough; what has none can't be delivered."""
    other = tables.delivery.alias()
    posted = exists().where(
        other.c.notification_id == _delivery.notification_id, other.c.webhook_id.is_not(None)
    )
    await connection.execute(delete(tables.delivery).where(_waits(), posted))
    await connection.execute(
        update(tables.delivery)
        .where(_waits(), _delivery.due_at <= now)
        .values(state=DeliveryState.UNDELIVERABLE, error=_NO_SERVER)
    )


_NO_SERVER: Final = "no mail server is set up: give HANDOFF_MAIL__HOST, and retry"
