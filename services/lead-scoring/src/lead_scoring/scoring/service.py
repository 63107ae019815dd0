"""Use cases that score: load, decide, save, announce; one transaction each.

Every way into a score goes through :meth:`Scoring._save`, so a lead, its history and its
announcements are written together or not at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer import inbox
from kakehashi_common.contracts.lead_events import LeadMerged
from kakehashi_common.db import Database, RawConnection
from kakehashi_common.errors import NotFoundError, TransientError
from kakehashi_common.lead_merges import repository as lead_merges
from kakehashi_common.lead_merges.batches import renamed
from kakehashi_common.lead_merges.repository import Merge
from kakehashi_common.outbox import store as outbox
from kakehashi_common.telemetry import traceparent
from lead_scoring import metrics, tables
from lead_scoring.domain.decision import Decision, decide, record
from lead_scoring.domain.lead import ActivityRecorded, Fact, Lead, ProfileChanged
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.rules import repository as rules
from lead_scoring.rules.repository import RescoreProgress
from lead_scoring.rules.rule_cache import RuleCache
from lead_scoring.scoring import conflict_detection
from lead_scoring.scoring.announcements import Announcer, qualification_id
from lead_scoring.scoring.batch_metrics import BatchMetrics
from lead_scoring.scoring.erasure import erase_and_announce
from lead_scoring.scoring.event_mapping import fact_of
from lead_scoring.scoring.overlap import chunks, overlap
from lead_scoring.scoring.repository import events, history, leads, qualifications
from lead_scoring.scoring.repository.leads import LeadCache, StaleLeadsError, StoredLead
from lead_scoring.suppression.suppression_list import SuppressionList

_ATTEMPTS_WHEN_STALE = 5
"""Each attempt reads what another writer changed; five fail only under constant contention."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """The result of scoring leads again."""

    leads: int
    changed_grades: int


class SupersededError(Exception):
    """A newer rule set is in force: scores by the older one are no longer needed."""

    def __init__(self, newer: int) -> None:
        super().__init__(f"superseded by version {newer}")
        self.newer = newer


class Scoring:
    """Scores leads as events come, as time passes, and as rules change."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rule_cache: RuleCache,
        *,
        cached_leads: int = 0,
        as_of_events: bool = False,
        topic_prefix: str = "",
        suppression: SuppressionList | None = None,
    ) -> None:
        self.database = database
        self.cache = LeadCache(cached_leads)
        self._clock = clock
        self._rule_cache = rule_cache
        self._as_of_events = as_of_events
        self._topic_prefix = topic_prefix
        self._suppression = suppression

    async def score_batch(self, batch: Sequence[Received[Any]]) -> None:
        """Take in events that may repeat, in any order; every event counts once.

        Raises:
            TransientError: the database is unavailable, or another writer kept changing the same
                leads.
        """
        for attempt in range(_ATTEMPTS_WHEN_STALE):
            counted = BatchMetrics("events")
            try:
                async with self.database.raw_transaction() as connection:
                    await lead_merges.hold_up(connection)
                    named = {received.event.data.lead_id for received in batch}
                    if gone := await lead_merges.surviving(connection, named):
                        batch = [renamed(each, gone) for each in batch]
                    # Another writer that was faster once would be so again, page after page of a
                    # re-score: the second attempt has the leads to itself before it reads them.
                    written = await self._take_in(connection, batch, counted, lock=attempt > 0)
            except StaleLeadsError:
                metrics.STALE_BATCHES.add(1)
                self.cache.drop(received.event.data.lead_id for received in batch)
                continue
            except BaseException:
                # Cached leads have taken facts that the database has not.
                self.cache.drop(received.event.data.lead_id for received in batch)
                raise
            self.cache.keep(written)
            metrics.CACHED_LEADS.set(len(self.cache))
            counted.record()
            return
        raise TransientError("other writers keep changing the leads of this batch")

    async def merge_leads(self, merges: Sequence[Received[LeadMerged]]) -> None:
        """Count what was said of ids that go to the ids that stay; again changes nothing.

        Nothing is announced of an id that goes any more.

        Raises:
            ContradictoryMergeError: a merge contradicts an earlier one.
            TransientError: the database is unavailable.
        """
        counted = BatchMetrics("events")
        async with self.database.raw_transaction() as connection:
            new = await lead_merges.admit(connection, [each.event for each in merges])
            await inbox.admit(  # an import asks whether they were taken in
                connection,
                tables.inbox_table,
                [received.key for received in merges],
                [received.content_hash for received in merges],
            )
            for merge in new:
                await self._merge(connection, merge, counted)
        self.cache.drop(lead_id for each in new for lead_id in (each.lead_id, each.survivor))
        counted.record()

    async def _merge(self, connection: RawConnection, merge: Merge, counted: BatchMetrics) -> None:
        ids = sorted((merge.lead_id, merge.survivor))
        if self._suppression is not None and await self._suppression.keeps_out(connection, ids):
            await self._suppression.add(connection, emails=(), lead_ids=ids)
            for lead_id in ids:
                await erase_and_announce(connection, lead_id, self._topic_prefix)
            return
        await leads.lock(connection, ids)
        held = await leads.load(connection, ids)
        gone = held.get(merge.lead_id)
        if gone is None:
            return
        stays = held.get(merge.survivor) or StoredLead(Lead(merge.survivor))
        stays.lead.join(gone.lead)
        stays.profile_changed = True
        await leads.delete(connection, merge.lead_id)
        await events.move(connection, merge.lead_id, merge.survivor)
        compiled = await self.rules_in_force(connection)
        as_of = stays.lead.last_event_at if self._as_of_events else None
        decision = decide(stays.lead, compiled, as_of or self._clock.now(), "events")
        await self._save(connection, compiled, [(stays, decision)], counted)

    async def sweep_due(self, limit: int = 500) -> Rescored:
        """Score leads whose grade was due to change by now, at most ``limit`` of them."""
        if self._as_of_events:
            return Rescored(0, 0)  # time stands still between events
        counted = BatchMetrics("decay")
        async with self.database.raw_transaction() as connection:
            now = self._clock.now()
            due = await leads.due(connection, now, limit)
            swept = await self._score_again(connection, due, now, counted)
        counted.record()
        return swept

    async def rescore_page(self, version: int, limit: int = 1000) -> RescoreProgress:
        """Score the next ``limit`` leads by ``version``, from where its re-score has come to.

        The progress is stored with the scores, so every lead counts once however often this is
        called, interrupted, or run twice at the same time.

        Raises:
            SupersededError: a newer version is in force.
            TransientError: the database is unavailable.
        """
        counted = BatchMetrics("rules")
        async with self.database.raw_transaction() as connection:
            progress = await rules.rescore_progress(connection, version)
            if progress is None:
                raise NotFoundError(f"there are no rules of version {version}")
            newest = (await self.rules_in_force(connection)).version
            if newest != version:
                raise SupersededError(newest)
            if progress.finished:
                return progress
            page = await leads.page(connection, progress.up_to, limit)
            rescored = await self._score_again(connection, page, self._clock.now(), counted)
            progress = RescoreProgress(
                version,
                page[-1] if page else progress.up_to,
                progress.leads + rescored.leads,
                progress.changed_grades + rescored.changed_grades,
                finished=len(page) < limit,
            )
            await rules.note_rescored(connection, progress)
        counted.record()
        return progress

    async def rules_in_force(self, connection: RawConnection) -> CompiledRules:
        """Return the newest rule set.

        Raises:
            TransientError: none has been published yet; ``migrate`` publishes the first.
        """
        try:
            return await self._rule_cache.in_force(connection)
        except NotFoundError as error:
            raise TransientError(
                "no rules have been published; run `lead_scoring migrate`"
            ) from error

    async def _take_in(
        self,
        connection: RawConnection,
        batch: Sequence[Received[Any]],
        counted: BatchMetrics,
        *,
        lock: bool,
    ) -> list[StoredLead]:
        compiled = await self.rules_in_force(connection)
        received_at = self._clock.now()
        admit = inbox.admit(
            connection,
            tables.inbox_table,
            [received.key for received in batch],
            [received.content_hash for received in batch],
        )
        stated = []
        async with overlap(admit) as admitted:
            async for part in chunks(batch):
                # Of repeats too, which are few.
                stated += [(fact_of(r.event, r.key), _log_row(r, received_at)) for r in part]
        admission = admitted.result()
        conflicts = await conflict_detection.conflicts(connection, batch, admission)
        counted.duplicates = admission.duplicates - len(conflicts)
        counted.conflicts = [received.event for received in conflicts]
        wanted = await self._without_suppressed(connection, batch, admission.new, counted)
        facts: defaultdict[str, list[Fact]] = defaultdict(list)
        changed_profiles: set[str] = set()
        log_rows = []
        for received, new, (fact, log_row) in zip(batch, wanted, stated, strict=True):
            if not new:
                continue
            lead_id = received.event.data.lead_id
            facts[lead_id].append(fact)
            if type(fact) is ProfileChanged:
                changed_profiles.add(lead_id)
            elif type(fact) is ActivityRecorded and not compiled.names(fact.signal):
                counted.unscored += 1
            log_rows.append(log_row)
        if not facts:
            return []
        if lock:
            await leads.lock(connection, list(facts))
        stored_leads = await self._read(connection, facts)
        # Asked for after reading: whoever wrote these leads before scored them at an earlier now.
        now = None if self._as_of_events else self._clock.now()
        decisions = []
        async with overlap(events.append(connection, log_rows)):
            async for leads_of_chunk in chunks(stored_leads):
                for stored in leads_of_chunk:
                    lead_id = stored.lead.lead_id
                    stored.profile_changed = lead_id in changed_profiles
                    decisions.append((stored, record(stored.lead, facts[lead_id], compiled, now)))
        await self._save(connection, compiled, decisions, counted)
        counted.events = len(log_rows)
        return stored_leads

    async def _without_suppressed(
        self,
        connection: RawConnection,
        batch: Sequence[Received[Any]],
        new: Sequence[bool],
        counted: BatchMetrics,
    ) -> Sequence[bool]:
        """Return which events of ``batch`` are new and not about a suppressed person.

        A lead under which such a person came back is erased here.
        """
        if self._suppression is None:
            return new
        coming = [received for received, is_new in zip(batch, new, strict=True) if is_new]
        suppressed, recognised = await self._suppression.suppressed(connection, coming)
        if not suppressed:
            return new
        for lead_id in sorted(recognised):
            await erase_and_announce(connection, lead_id, self._topic_prefix)
        self.cache.drop(suppressed)
        wanted = [
            is_new and received.event.data.lead_id not in suppressed
            for received, is_new in zip(batch, new, strict=True)
        ]
        counted.suppressed = len(coming) - sum(wanted)
        return wanted

    async def _read(self, connection: RawConnection, lead_ids: Iterable[str]) -> list[StoredLead]:
        """The leads from memory, else from the database, else new; in order of their ids.

        All writers take leads in that order, so they wait for each other and never deadlock.
        """
        found: dict[str, StoredLead] = {}
        missing = []
        for lead_id in lead_ids:
            cached = self.cache.get(lead_id)
            if cached is None:
                missing.append(lead_id)
            else:
                found[lead_id] = cached
        if missing:
            metrics.CACHE_MISSES.add(len(missing))
            found.update(await leads.load(connection, missing))
            for lead_id in missing:
                if lead_id not in found:
                    found[lead_id] = StoredLead(Lead(lead_id))
        return [found[lead_id] for lead_id in sorted(found)]

    async def _score_again(
        self,
        connection: RawConnection,
        lead_ids: Sequence[str],
        now: datetime,
        counted: BatchMetrics,
    ) -> Rescored:
        if not lead_ids:
            return Rescored(0, 0)
        compiled = await self.rules_in_force(connection)
        held = await leads.load(connection, lead_ids)
        decisions = []
        changed = 0
        for lead_id in sorted(held):
            stored = held[lead_id]
            before = stored.lead.score
            as_of = stored.lead.last_event_at if self._as_of_events else now
            decisions.append((stored, decide(stored.lead, compiled, as_of or now, counted.cause)))
            after = stored.lead.score
            changed += before is not None and after is not None and before.grade != after.grade
        await self._save(connection, compiled, decisions, counted)
        return Rescored(len(held), changed)

    async def _save(
        self,
        connection: RawConnection,
        compiled: CompiledRules,
        decisions: Sequence[tuple[StoredLead, Decision]],
        counted: BatchMetrics,
    ) -> None:
        announcer = Announcer(compiled, self._topic_prefix, traceparent())
        messages: list[outbox.Message] = []
        changes = []
        qualified = []
        # The rows of the leads come first: they make writers of one lead take turns, which keeps
        # the outbox in order per lead.
        async with overlap(leads.save(connection, [stored for stored, _ in decisions])):
            async for part in chunks(decisions):
                for stored, decision in part:
                    if decision.score_changed is None and decision.lead_qualified is None:
                        continue
                    messages.extend(announcer.announce(stored, decision))
                    if (entered := decision.lead_qualified) is not None:
                        identity = qualification_id(stored, entered)
                        qualified.append((stored.lead.lead_id, identity, entered))
                    if (changed := decision.score_changed) is not None:
                        changes.append((stored.lead.lead_id, compiled.version, changed))
                        counted.grades += changed.grade != changed.previous_grade
        await history.append(connection, changes)
        await qualifications.append(connection, compiled.version, qualified)
        await outbox.copy(connection, tables.outbox_table, messages)
        counted.scores = len(changes)
        counted.qualified = len(qualified)


def _log_row(
    received: Received[Any], received_at: datetime
) -> tuple[datetime, UUID, str, datetime, str, str, str, bytes]:
    event = received.event
    return (
        received_at,
        received.key,
        event.data.lead_id,
        event.occurred_at,
        event.data.TYPE,
        event.source,
        event.event_id,
        received.data_json,
    )
