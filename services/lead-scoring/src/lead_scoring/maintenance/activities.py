"""The workflows' activities. Each can be repeated at any point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio import activity

from kakehashi_common.db import Database
from lead_scoring.maintenance.retention import Retention, Retired
from lead_scoring.rule_publishing.service import StartRescore
from lead_scoring.rules import repository as rules
from lead_scoring.scoring.repository import leads
from lead_scoring.scoring.service import Scoring, SupersededError


@dataclass(frozen=True, slots=True)
class RescoreSlice:
    """Score the next leads by one version of the rules."""

    version: int
    leads: int
    """About how many; a slice is what one activity does."""
    page: int
    """Leads in one transaction."""


@dataclass(frozen=True, slots=True)
class SliceRescored:
    """The progress of the whole re-score."""

    leads: int
    changed_grades: int
    finished: bool
    superseded_by: int | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """The result of a sweep."""

    leads: int
    """Leads whose grade was due to change."""
    changed_grades: int


class LeadScoringActivities:
    """Activities that work on the database of lead-scoring."""

    def __init__(
        self,
        database: Database,
        scoring: Scoring,
        retention: Retention,
        start_rescore: StartRescore,
    ) -> None:
        self._database = database
        self._scoring = scoring
        self._retention = retention
        self._start_rescore = start_rescore

    def all(self) -> Sequence[Callable[..., Any]]:
        """Every activity, for a worker."""
        return (
            self.count_leads,
            self.rescore_leads,
            self.sweep_due_leads,
            self.start_missing_rescore,
            self.maintain_event_log,
        )

    @activity.defn
    async def count_leads(self) -> int:
        """Return how many leads there are, to report a re-score's progress."""
        async with self._database.raw_transaction() as connection:
            return await leads.count(connection)

    @activity.defn
    async def rescore_leads(self, wanted: RescoreSlice) -> SliceRescored:
        """Score the next leads by a version, from where its re-score has come to."""
        done = 0
        while True:
            try:
                progress = await self._scoring.rescore_page(wanted.version, wanted.page)
            except SupersededError as error:
                async with self._database.raw_transaction() as connection:
                    held = await rules.rescore_progress(connection, wanted.version)
                return SliceRescored(
                    leads=0 if held is None else held.leads,
                    changed_grades=0 if held is None else held.changed_grades,
                    finished=False,
                    superseded_by=error.newer,
                )
            activity.heartbeat(progress.leads)
            done += wanted.page
            if progress.finished or done >= wanted.leads:
                return SliceRescored(progress.leads, progress.changed_grades, progress.finished)

    @activity.defn
    async def sweep_due_leads(self) -> Swept:
        """Score every lead whose grade was due to change by now."""
        leads = changed = 0
        while True:
            swept = await self._scoring.sweep_due()
            if not swept.leads:
                return Swept(leads, changed)
            leads += swept.leads
            changed += swept.changed_grades
            activity.heartbeat(leads)

    @activity.defn
    async def start_missing_rescore(self) -> int | None:
        """Start the re-score by the rules in force if it is not done; return their version then.

        It is missing when Temporal was unavailable while they were published.
        """
        async with self._database.raw_transaction() as connection:
            newest = await rules.newest(connection)
        if newest is None or newest.rescored_at is not None:
            return None
        await self._start_rescore(newest.version)
        return newest.version

    @activity.defn
    async def maintain_event_log(self) -> Retired:
        """Create the coming months' partitions and purge what is too old."""
        return await self._retention.apply()
