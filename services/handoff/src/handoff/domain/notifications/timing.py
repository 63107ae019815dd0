"""Time mail to a member: at once, in working hours, or gathered into a digest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from kakehashi_common.domain.business_time import JAPAN, BusinessTime

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """The settings of digests."""

    digest_after: int = 3
    """So many notices of one day come singly; further ones are gathered. Urgent ones don't count.
    """
    digest_at: time = time(8, 30)
    """When the digest goes, in Japan's time, on a day on which the member works."""


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A notice that hasn't been sent."""

    notification_id: UUID
    created_at: datetime
    urgent: bool = False
    for_digest: bool = False
    """Whether an earlier decision put it off to a digest."""
    until: datetime | None = None
    """The time until which an earlier decision put it off."""


@dataclass(frozen=True, slots=True)
class MailPlan:
    """The decisions about a member's waiting notices."""

    single: list[UUID] = field(default_factory=list)
    """Each is sent now, by itself."""
    digest: list[UUID] = field(default_factory=list)
    """They are sent now, as one, in the order in which they came."""
    later: dict[UUID, datetime] = field(default_factory=dict)
    """Each waits, and is sent by itself then."""
    next_digest: dict[UUID, datetime] = field(default_factory=dict)
    """Each waits for a digest."""


def plan_mail(
    waiting: Sequence[WaitingNotice],
    *,
    now: datetime,
    sent_today: int,
    working: BusinessTime,
    policy: DigestPolicy,
) -> MailPlan:
    """Decide about all notices that wait for one member.

    Urgent ones go at once. The others go in working hours, singly while there are few; once more
    than ``policy.digest_after`` fall on one day, the further ones go with the next digest. A digest
    takes everything that waits.

    Args:
        waiting: all of the member's, in any order.
        now: the current instant.
        sent_today: how many that were not urgent were sent singly on this day in Japan.
        working: when the member works.
        policy: the settings.

    Raises:
        NoWorkingHoursError: the member doesn't work within ten years.
    """
    ordered = sorted(waiting, key=lambda each: (each.created_at, each.notification_id))
    plan = MailPlan(single=[each.notification_id for each in ordered if each.urgent])
    others = [each for each in ordered if not each.urgent]
    if not others:
        return plan
    if _is_digest_due(others, now, working):
        plan.digest.extend(each.notification_id for each in others)
        return plan
    opens = working.next_open(now)
    digest = _next_digest(now, working, policy)
    singles = [each for each in others if not each.for_digest]
    sent = sent_today if _day(opens) == _day(now) else 0
    few = max(0, policy.digest_after - sent)
    gathers = len(singles) < len(others) or len(singles) > few
    if gathers and digest <= opens:
        few = 0  # the digest comes first, and takes them along
    for each in singles[:few]:
        if opens <= now:
            plan.single.append(each.notification_id)
        else:
            plan.later[each.notification_id] = opens
    kept = {each.notification_id for each in singles[:few]}
    plan.next_digest.update(
        {each.notification_id: digest for each in others if each.notification_id not in kept}
    )
    return plan


def _is_digest_due(others: Sequence[WaitingNotice], now: datetime, working: BusinessTime) -> bool:
    """Whether a digest was planned for now or earlier, and the member works on this day."""
    planned = any(each.for_digest and each.until and each.until <= now for each in others)
    return planned and _works_on(_day(now), working)


def _next_digest(now: datetime, working: BusinessTime, policy: DigestPolicy) -> datetime:
    day = _day(now)
    if datetime.combine(day, policy.digest_at, JAPAN) <= now:
        day += _ONE_DAY
    day = _day(working.next_open(_midnight(day)))
    return datetime.combine(day, policy.digest_at, JAPAN)


def _works_on(day: date, working: BusinessTime) -> bool:
    return _day(working.next_open(_midnight(day))) == day


def _day(at: datetime) -> date:
    return at.astimezone(JAPAN).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
