"""Agree proofs of concept, and judge them by what the weekly checks have measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.domain.playbooks.proof_of_concept import (
    Conclusion,
    ProofOfConcept,
    Result,
    check_proof_of_concept,
    conclusion,
    results,
)
from followup.domain.playbooks.steps import PocCheckStep
from followup.domain.task_records import WeeklyCheck
from followup.playbooks.service import Playbooks
from followup.proofs_of_concept import repository
from followup.proofs_of_concept.repository import StoredProof
from followup.sequences import repository as sequences
from followup.tasks import repository as tasks
from followup.tasks.repository import TaskStatus
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.errors import NotFoundError

Weekly = Mapping[int, Mapping[str, Decimal]]
"""The values of each week that was checked, by week and metric."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of concept, and what has come of it so far."""

    stored: StoredProof
    weekly: Weekly
    results: tuple[Result, ...]
    conclusion: Conclusion


class ProofsOfConcept:
    """Keeps proofs of concept.

    Args:
        database: where they are kept.
        playbooks: say what the weekly checks measure.
        clock: gives the present time.
    """

    def __init__(self, database: Database, playbooks: Playbooks, clock: Clock) -> None:
        self._database = database
        self._playbooks = playbooks
        self._clock = clock

    async def agree(self, sequence_id: str, agreed: ProofOfConcept, actor: Actor) -> Proof:
        """Keep what was agreed before the first week; it is audited. Again changes nothing.

        Raises:
            DomainError: it can't be carried out or judged (see
                :func:`~followup.domain.playbooks.proof_of_concept.check_proof_of_concept`), or the
                playbook's weekly checks don't fit it (``no_weekly_checks``, ``other_weeks``,
                ``metric_not_checked``).
            NotFoundError: there is no such sequence.
            StateConflictError: a week was measured: what was agreed stays (``poc_under_way``).
            TransientError: the database is unavailable.
        """
        check_proof_of_concept(agreed)
        async with self._database.transaction() as connection:
            state = await sequences.locked(await driver_connection(connection), sequence_id)
            if state is None:
                raise NotFoundError(f"there is no sequence {sequence_id}", field="sequence_id")
            playbook = await self._playbooks.find(
                connection, state.playbook_id, state.playbook_version
            )
            checks = [step for step in playbook.steps if isinstance(step, PocCheckStep)]
            _check_fits(agreed, checks)
            before = await repository.find(connection, sequence_id)
            if before is None or before.agreed != agreed:
                if await _weekly(connection, sequence_id):
                    raise StateConflictError(
                        "a week was measured already: metrics and targets are agreed beforehand",
                        code="poc_under_way",
                    )
                now = self._clock.now()
                await repository.put(connection, sequence_id, agreed, actor.who, now)
                await actor.record(
                    connection,
                    tables.audit_table,
                    "agree_proof_of_concept",
                    f"sequence/{sequence_id}",
                )
            return await self._proof(connection, sequence_id)

    async def get(self, sequence_id: str) -> Proof:
        """Return what was agreed for a sequence, and what has come of it.

        Raises:
            NotFoundError: nothing was agreed for it.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await self._proof(connection, sequence_id)

    async def list_proofs(
        self,
        *,
        lead_id: str | None,
        municipality_code: str | None,
        after: str | None,
        limit: int,
    ) -> list[Proof]:
        """Return the proofs of a contact or municipality, by sequence.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            found = await repository.list_proofs(
                connection,
                lead_id=lead_id,
                municipality_code=municipality_code,
                after=after,
                limit=limit,
            )
            return [await self._judged(connection, each) for each in found]

    async def _proof(self, connection: AsyncConnection, sequence_id: str) -> Proof:
        stored = await repository.find(connection, sequence_id)
        if stored is None:
            raise NotFoundError(
                f"no proof of concept was agreed for sequence {sequence_id}", field="sequence_id"
            )
        return await self._judged(connection, stored)

    async def _judged(self, connection: AsyncConnection, stored: StoredProof) -> Proof:
        weekly = await _weekly(connection, stored.sequence_id)
        found = results(stored.agreed, weekly)
        today = japan_day(self._clock.now())
        weeks = max(weekly, default=0)
        return Proof(stored, weekly, found, conclusion(stored.agreed, found, weeks, today))


async def _weekly(connection: AsyncConnection, sequence_id: str) -> Weekly:
    """Return the values of each week: its check is the one that was opened in that order."""
    checks = await tasks.weekly_checks(connection, sequence_id)
    return {
        week: {each.metric: each.value for each in task.record.values}
        for week, task in enumerate(checks, 1)
        if task.status is TaskStatus.DONE and isinstance(task.record, WeeklyCheck)
    }


def _check_fits(agreed: ProofOfConcept, checks: list[PocCheckStep]) -> None:
    if not checks:
        raise DomainError(
            "the sequence's playbook has no weekly check: nothing would be measured",
            field="sequence_id",
            code="no_weekly_checks",
        )
    check = checks[0]
    if agreed.weeks != check.weeks:
        raise DomainError(
            f"the playbook checks {check.weeks} weeks: agree on as many",
            field="weeks",
            code="other_weeks",
        )
    for metric in agreed.metrics:
        if metric.name not in check.metrics:
            raise DomainError(
                f"the weekly check asks for {', '.join(check.metrics)}, not for {metric.name!r}",
                field="metrics",
                code="metric_not_checked",
            )
