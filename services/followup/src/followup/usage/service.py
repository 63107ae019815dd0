"""Take in how much customers use what they bought, and have somebody turn to whose use falls."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.usage import (
    FallingUse,
    Series,
    Usage,
    check_usage,
    reason_to_intervene,
)
from followup.triggers.reasons import Reasons
from followup.triggers.reporting import Report, ReportKind, admitted_reports, new_events
from followup.triggers.repository import StoredReason
from followup.usage import repository
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.cloudevents.codec import Received, content_hash, event_key
from kakehashi_common.contracts.followup_triggers import UsageReported
from kakehashi_common.db import Database, driver_connection

_REPORTS: Final = "//kakehashi/followup/usage-reports"
"""The source of what is reported by HTTP or in a file."""
_KIND: Final = ReportKind("period", "usage")
_FOUND: Final = "//kakehashi/followup/falling-use"
"""The source of the reasons that follow."""

_said: Final = TypeAdapter(tuple[Series, Usage])


@dataclass(frozen=True, slots=True)
class SaidUsage:
    """The usage stated for a period, and the time of the statement."""

    series: Series
    usage: Usage
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportedUsage:
    """The result for a period that a person or file reported."""

    report_id: str
    new: bool
    """Whether it was not reported before."""


class CustomerUsage:
    """Keeps customers' usage of what they bought.

    Args:
        database: where it is kept.
        reasons: takes in the reason that falling use is.
        clock: gives the present time.
        rule: what falling is.
    """

    def __init__(
        self, database: Database, reasons: Reasons, clock: Clock, rule: FallingUse
    ) -> None:
        self._database = database
        self._reasons = reasons
        self._clock = clock
        self.rule = rule

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Take in the usage of a batch of ``followup-triggers-v1``; again changes nothing.

        Raises:
            DomainError: a period can't be reported (:func:`~followup.domain.usage.check_usage`).
            TransientError: the database is unavailable.
        """
        today = japan_day(self._clock.now())
        said = [each for each in batch if isinstance(each.event.data, UsageReported)]
        for each in said:
            check_usage(_said_by(each).usage, today)
        if not said:
            return
        async with self._database.transaction() as connection:
            new = await new_events(await driver_connection(connection), said)
            await self._take(connection, list(map(_said_by, new)))

    async def report(
        self, reported: Sequence[tuple[str, Series, Usage]], actor: Actor, *, dry_run: bool
    ) -> list[ReportedUsage]:
        """Take in what a person or file reports, each under the reporter's id; it is audited.

        Raises:
            StateConflictError: an id was used for something else before (``report_id_reused``).
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        reports = [
            Report(
                report_id,
                event_key(_REPORTS, report_id),
                content_hash(series.metric, "", _said.dump_json((series, usage))),
            )
            for report_id, series, usage in reported
        ]
        async with (
            self._database.transaction() as connection,
            admitted_reports(connection, reports, _KIND, actor, dry_run=dry_run) as admitted,
        ):
            await self._take(
                connection,
                [
                    SaidUsage(series, usage, now)
                    for (_, series, usage), is_new in zip(reported, admitted, strict=True)
                    if is_new
                ],
            )
        return [
            ReportedUsage(each.report_id, is_new)
            for each, is_new in zip(reports, admitted, strict=True)
        ]

    async def of_municipality(self, municipality_code: str) -> Mapping[Series, Sequence[Usage]]:
        """Return all series of a municipality, each by the last day of its periods.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await repository.of_municipality(connection, municipality_code)

    async def _take(self, connection: AsyncConnection, new: Sequence[SaidUsage]) -> None:
        """Store what was said, and raise a reason for each fall, once."""
        raw = await driver_connection(connection)
        arisen = []
        by_series: dict[Series, list[SaidUsage]] = {}
        for each in new:
            by_series.setdefault(each.series, []).append(each)
        # In one order, so that two who store at once don't wait for each other.
        for series, said in sorted(by_series.items(), key=lambda each: astuple(each[0])):
            said_of = await repository.lock(raw, series)
            for each in said:
                await repository.save(raw, series, each.usage, each.at)
            await repository.trim(raw, series)
            periods = await repository.periods(raw, series)
            reason = reason_to_intervene(series, periods, self.rule, said_of)
            if reason is not None:
                ends = periods[-1].ends
                identity = "/".join((*astuple(series), str(ends)))
                arisen.append(StoredReason(event_key(_FOUND, identity), reason, said[-1].at))
                await repository.mark_fallen(raw, series, ends)
        await self._reasons.raise_found(connection, arisen)


def _said_by(received: Received[UsageReported]) -> SaidUsage:
    data = received.event.data
    return SaidUsage(
        Series(data.municipality_code, data.contract_id or "", data.metric),
        Usage(
            data.begins,
            data.ends,
            data.value,
            data.licensed_users,
            data.active_users,
            data.source or received.event.source,
            data.owner,
        ),
        received.event.occurred_at,
    )
