"""Lead-scoring beside Temporal: workers in this process, on the test's database.

``RECORD_HISTORIES=1`` also writes the histories that ``test_histories.py`` replays.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from kakehashi_common.audit import Actor
from kakehashi_common.settings import TemporalSettings
from lead_scoring.container import Container
from lead_scoring.maintenance.workflow import (
    WORKFLOWS,
    RescoreLeads,
    RescoreLeadsWorkflow,
    RescoreStatus,
)
from lead_scoring.rules.file import shipped
from lead_scoring.rules.repository import RescoreProgress
from lead_scoring.scoring.service import Scoring
from tests.support import histories
from tests.support.lead_scoring_api import Service
from tests.support.temporal import TestTemporal

LEADS = 57
"""The leads that the fixture ``leads`` makes: six pages of ten."""

Grades = dict[str, tuple[str, int]]
"""Grade and rule version by lead."""


class Scored(Scoring):
    """Scoring that can be made to die between the commit of a page and its report."""

    pages = 0
    dies_after: tuple[int, ...] = ()
    before_page: Mapping[int, Callable[[], Awaitable[None]]] = {}

    async def rescore_page(self, version: int, limit: int = 1000) -> RescoreProgress:
        self.pages += 1
        if (interfere := self.before_page.get(self.pages)) is not None:
            await interfere()
        progress = await super().rescore_page(version, limit)
        if self.pages in self.dies_after:
            raise ConnectionError("the worker dies here")
        return progress


class Operated:
    """An installation beside Temporal."""

    def __init__(self, service: Service, temporal: TestTemporal) -> None:
        self.service = service
        self.temporal = temporal
        settings = service.settings.model_copy(
            update={
                "temporal": TemporalSettings(task_queue=temporal.task_queue),
                "workflow_id_prefix": temporal.prefix,
                "audit_retention": timedelta(days=900),
            }
        )
        self.container = Container(settings, service.database, service.clock)
        self.container.temporal = temporal.client
        self.scoring = self.container.scoring = Scored(
            service.database,
            service.clock,
            self.container.rule_cache,
            topic_prefix=settings.topic_prefix,
        )
        self.rescores = self.container.rescores

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with self.temporal.worker(WORKFLOWS, self.container.activities):
            yield

    async def publish(self, document: str) -> int:
        publication = await self.container.rule_publishing.publish(
            document, Actor("tester", "test")
        )
        return publication.rules.version

    async def store_rules(self, document: str) -> int:
        """Publish while Temporal is unavailable."""
        self.service.rescoring.away = True
        publication = await self.service.rule_publishing.publish(document, Actor("tester", "test"))
        assert not publication.rescore_started
        return publication.rules.version

    def rescore_by(self, version: int) -> WorkflowHandle[Any, RescoreStatus]:
        return self.temporal.client.get_workflow_handle(
            self.rescores.workflow_id(version), result_type=RescoreStatus
        )

    async def rescore(self, version: int, **how: int) -> RescoreStatus:
        """Re-score in small steps, and wait for the end."""
        handle = await self.start_rescore(version, **how)
        return await handle.result()

    async def start_rescore(
        self, version: int, **how: int
    ) -> WorkflowHandle[RescoreLeadsWorkflow, RescoreStatus]:
        steps = {"page_leads": 10, "slice_leads": 20} | how
        return await self.temporal.client.start_workflow(
            RescoreLeadsWorkflow.run,
            RescoreLeads(version, **steps),
            id=self.rescores.workflow_id(version),
            task_queue=self.temporal.task_queue,
        )

    async def grades(self) -> Grades:
        rows = await self.service.fetch("select lead_id, grade, rule_version from lead")
        return {row["lead_id"]: (row["grade"], row["rule_version"]) for row in rows}


def laxer() -> str:
    """Rules by which other grades come out."""
    return shipped().replace("engagement: {1: 50, 2: 20}", "engagement: {1: 15, 2: 5}")


async def record(name: str, handle: WorkflowHandle[Any, Any]) -> None:
    """Keep the history for replaying, when asked to."""
    await histories.record("lead_scoring", name, handle)


def changed_grades(before: Grades, after: Grades) -> int:
    return sum(before[lead][0] != after[lead][0] for lead in before)
