"""Take in the reasons that others report, each once and no more than can be acted on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.consents.repository import put_pause
from followup.contacts import repository as contacts
from followup.domain.triggers.reasons import (
    Reason,
    ReasonLimit,
    SetAside,
    Standing,
    contradicts,
    pause_for,
    set_aside,
    why_set_aside,
)
from followup.triggers import repository
from followup.triggers.reporting import Report, ReportKind, admitted_reports, new_events
from followup.triggers.repository import DayOfReasons, ReportedReason, StoredReason
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.cloudevents.codec import Received, content_hash, event_key
from kakehashi_common.consumer import inbox
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.lead_merges import repository as merges

_REPORTS: Final = "//kakehashi/followup/reports"
"""The source of what is reported by HTTP or in a file."""
_KIND: Final = ReportKind("reason", "reasons")


class OtherMunicipalityError(DomainError):
    """Reports name a lead together with a municipality that is not the lead's.

    Args:
        why: of each, by its report's id.
    """

    def __init__(self, why: Mapping[str, str]) -> None:
        message = " ".join(why.values())
        super().__init__(message, field="municipality_code", code="other_municipality")
        self.why = why


@dataclass(frozen=True, slots=True)
class SetAsideToday:
    """Reasons that came today and are not acted on."""

    reasons: list[tuple[StoredReason, SetAside, Text]]
    """The newest ones, with the cause and the same in words; without those that were too many."""
    throttled: list[DayOfReasons]
    """The places that had too many."""
    limit: ReasonLimit


class Reasons:
    """Keeps the reasons to contact somebody until they are stale."""

    def __init__(self, database: Database, clock: Clock, limit: ReasonLimit) -> None:
        self._database = database
        self._clock = clock
        self._limit = limit

    async def save_reasons(self, batch: Sequence[Received[Any]]) -> None:
        """Take in a batch of ``followup-triggers-v1``; what came before changes nothing.

        Raises:
            TransientError: the database is unavailable.
        """
        said = [each for each in batch if isinstance(each.event.data, ReasonArisen)]
        if not said:
            return
        async with self._database.transaction() as connection:
            new = await new_events(await driver_connection(connection), said)
            await self._take(
                connection,
                [
                    StoredReason(each.key, reason_of(each.event.data), each.event.occurred_at)
                    for each in new
                ],
            )

    async def raise_found(self, connection: AsyncConnection, found: Sequence[StoredReason]) -> None:
        """Take in reasons that the service itself has found, in the caller's transaction.

        One that was found before changes nothing. Of a lead that has moved since, it is about the
        municipality where the lead is now.
        """
        raw = await driver_connection(connection)
        admission = await inbox.admit(
            raw,
            tables.inbox_table,
            [each.reason_id for each in found],
            [_content_hash(each.reason) for each in found],
        )
        new = [each for each, is_new in zip(found, admission.new, strict=True) if is_new]
        homes = await _municipalities(raw, [each.reason for each in new])
        await self._take(connection, [_where_the_lead_is(each, homes) for each in new])

    async def report(
        self, reported: Sequence[tuple[str, Reason]], actor: Actor, *, dry_run: bool
    ) -> list[ReportedReason]:
        """Take in what a person or file reports, each under the reporter's id; it is audited.

        Raises:
            StateConflictError: an id was used for another reason before (``report_id_reused``).
            OtherMunicipalityError: one names a lead and a municipality that is not the lead's; then
                none is taken in.
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        stored = [
            StoredReason(event_key(_REPORTS, report_id), reason, now)
            for report_id, reason in reported
        ]
        reports = [
            Report(report_id, each.reason_id, _content_hash(reason))
            for (report_id, reason), each in zip(reported, stored, strict=True)
        ]
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            await merges.hold_up(raw)
            gone = await merges.surviving(raw, [r.lead_id for _, r in reported if r.lead_id])
            async with admitted_reports(
                connection, reports, _KIND, actor, dry_run=dry_run
            ) as admitted:
                new = [
                    _under_surviving_id(each, gone)
                    for each, is_new in zip(stored, admitted, strict=True)
                    if is_new
                ]
                aside, waiting = await self._take(connection, new)
                _refuse_other_municipalities(reported, stored, aside)
        return [
            ReportedReason(report_id, is_new, aside.get(each.reason_id), each.reason_id in waiting)
            for (report_id, _), each, is_new in zip(reported, stored, admitted, strict=True)
        ]

    async def good_today(
        self, *, municipality_code: str | None = None, lead_id: str | None = None
    ) -> list[StoredReason]:
        """Return the reasons to act on today, the most important first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await repository.good_on(
                connection,
                japan_day(self._clock.now()),
                municipality_code=municipality_code,
                lead_id=lead_id,
            )

    async def set_aside_today(
        self, *, municipality_code: str | None = None, lead_id: str | None = None
    ) -> SetAsideToday:
        """Return the reasons that came today and are not acted on, with the cause.

        Raises:
            TransientError: the database is unavailable.
        """
        today = japan_day(self._clock.now())
        async with self._database.raw_transaction() as connection:
            kept = await repository.set_aside(
                connection,
                datetime.combine(today, time(), JAPAN),
                municipality_code=municipality_code,
                lead_id=lead_id,
            )
            places = [each for each in (municipality_code, lead_id) if each is not None]
            throttled = await repository.throttled(connection, today, places)
        return SetAsideToday(
            [
                (each, each.set_aside, why_set_aside(each.set_aside, each.reason, self._limit))
                for each in kept
                if each.set_aside is not None
            ],
            throttled,
            self._limit,
        )

    async def _take(
        self, connection: AsyncConnection, reported: Sequence[StoredReason]
    ) -> tuple[dict[UUID, tuple[SetAside, Text]], set[UUID]]:
        """Store what is reported for the first time, with the pauses that it calls for.

        Returns why some are not acted on, and which wait for their lead.
        """
        if not reported:
            return {}, set()
        raw = await driver_connection(connection)
        now = self._clock.now()
        today = japan_day(now)
        places = {each.reason.place for each in reported}
        before = Counter(await repository.lock_days(raw, places, today))
        leads = {each.reason.lead_id for each in reported if each.reason.lead_id is not None}
        standings = await repository.standings(raw, leads)
        homes = await _municipalities(raw, [each.reason for each in reported])
        taken: Counter[str] = Counter()
        too_many: Counter[str] = Counter()
        aside: dict[UUID, tuple[SetAside, Text]] = {}
        waiting: set[UUID] = set()
        kept = []
        for each in reported:
            reason, place = each.reason, each.reason.place
            lead = standings[reason.lead_id] if reason.lead_id is not None else None
            if contradicts(reason, homes.get(reason.lead_id or "")):
                lead = Standing.ELSEWHERE
            cause = set_aside(
                reason,
                today=today,
                lead=lead,
                before_today=before[place] + taken[place],
                limit=self._limit,
            )
            if cause is not None:
                why = why_set_aside(cause, reason, self._limit)
                aside[each.reason_id] = cause, why
            if cause is SetAside.TOO_MANY:
                too_many[place] += 1
                continue
            taken[place] += cause is None
            if cause is None and lead is Standing.UNKNOWN:
                waiting.add(each.reason_id)
            if lead is Standing.ERASED:  # the label is free text
                reason = replace(reason, label=Text("", ""))
            kept.append(replace(each, reason=reason, set_aside=cause))
        await repository.save(raw, kept, now)
        await repository.count(raw, today, taken, too_many)
        for each in kept:
            if each.set_aside is None and (pause := pause_for(each.reason)):
                await put_pause(connection, f"reason-{each.reason_id}", pause)
        return aside, waiting


async def _municipalities(raw: RawConnection, reasons: Iterable[Reason]) -> Mapping[str, str]:
    """Return the municipality of each lead of whom one is known."""
    leads = {each.lead_id for each in reasons if each.lead_id is not None}
    return {
        each.lead_id: each.municipality_code
        for each in await contacts.find_all(raw, sorted(leads))
        if each.municipality_code is not None
    }


def _refuse_other_municipalities(
    reported: Sequence[tuple[str, Reason]],
    stored: Sequence[StoredReason],
    aside: Mapping[UUID, tuple[SetAside, Text]],
) -> None:
    why = {
        report_id: aside[each.reason_id][1].en
        for (report_id, _), each in zip(reported, stored, strict=True)
        if each.reason_id in aside and aside[each.reason_id][0] is SetAside.OTHER_MUNICIPALITY
    }
    if why:
        raise OtherMunicipalityError(why)


def _where_the_lead_is(stored: StoredReason, homes: Mapping[str, str]) -> StoredReason:
    reason = stored.reason
    home = homes.get(reason.lead_id or "")
    if reason.municipality_code is None or home is None:
        return stored
    return replace(stored, reason=replace(reason, municipality_code=home))


def _under_surviving_id(stored: StoredReason, gone: Mapping[str, str]) -> StoredReason:
    survivor = gone.get(stored.reason.lead_id or "")
    if survivor is None:
        return stored
    return replace(stored, reason=replace(stored.reason, lead_id=survivor))


def _content_hash(reason: Reason) -> int:
    return content_hash(reason.kind, "", repository.written(reason).encode())


def reason_of(data: ReasonArisen) -> Reason:
    """Return the reason that an event reports."""
    return Reason(
        kind=data.reason,
        label=Text(data.label.ja, data.label.en),
        good_from=data.good_from,
        good_until=data.good_until,
        municipality_code=data.municipality_code,
        lead_id=data.lead_id,
        pursuit_id=data.pursuit_id,
        owner=data.owner,
        urgent=data.urgent,
        audience=frozenset(data.audience),
        importance=data.importance,
        policy_area=data.policy_area,
        source=data.source,
    )
