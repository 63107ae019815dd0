"""Kafka in: ``budget-phases-v1`` to where municipalities stand in their budget year."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kakehashi_common.budget_timing.service import save_budget_phases
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import BUDGET_PHASES
from kakehashi_common.db import Database
from lead_scoring.settings import LeadScoringSettings


def budget_phases_consumer(settings: LeadScoringSettings, database: Database) -> BatchConsumer:
    """The consumer that keeps where municipalities stand in their budget year."""

    async def on_budget_phases(batch: Sequence[Received[Any]]) -> None:
        await save_budget_phases(database, batch)

    return BatchConsumer(
        settings.kafka,
        [replace(BUDGET_PHASES, name=settings.topic_prefix + BUDGET_PHASES.name)],
        f"{settings.group_id}.budget-phases",
        on_budget_phases,
        settings=settings.consumer,
    )
