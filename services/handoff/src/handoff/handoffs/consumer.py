"""Kafka in: qualifications begin handoffs, and budget phases wake those that rest until then."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from handoff.domain.handoff.commands import Request
from handoff.domain.handoff.terms import Kind
from handoff.domain.teams.members import Role
from handoff.handoffs.service import Handoffs
from handoff.handoffs.waking import Waking
from handoff.settings import HandoffSettings
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.lead_scores import LeadQualified
from kakehashi_common.contracts.topics import BUDGET_PHASES, LEAD_QUALIFIED
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import PermanentError
from kakehashi_common.temporal.fan_out import for_each_workflow

QUALIFIED: Final = Kind(Role.INSIDE_SALES, Role.FIELD_SALES)
"""The kind of handoff that a qualification begins."""


def lead_qualified_consumer(settings: HandoffSettings, handoffs: Handoffs) -> BatchConsumer:
    """Return the consumer that requests a handoff for each qualification."""

    async def in_order(of_lead: Sequence[Received[Any]]) -> None:
        for received in of_lead:
            try:
                await handoffs.start(request_of(received))
            except DomainError as error:
                raise PermanentError(error.message, code=error.code, field=error.field) from error

    async def on_batch(batch: Sequence[Received[Any]]) -> None:
        # Qualifications of one lead keep their order: the later one joins.
        by_lead: dict[str, list[Received[Any]]] = {}
        for received in batch:
            by_lead.setdefault(received.event.data.lead_id, []).append(received)
        await for_each_workflow(by_lead.values(), in_order)

    return BatchConsumer(
        settings.kafka,
        [replace(LEAD_QUALIFIED, name=settings.topic_prefix + LEAD_QUALIFIED.name)],
        settings.group_id,
        on_batch,
        settings=settings.consumer,
    )


def budget_phases_consumer(settings: HandoffSettings, waking: Waking) -> BatchConsumer:
    """Return the consumer that stores which recycled handoffs a budget phase wakes."""
    return BatchConsumer(
        settings.kafka,
        [replace(BUDGET_PHASES, name=settings.topic_prefix + BUDGET_PHASES.name)],
        f"{settings.group_id}.recycled",
        waking.save,
        settings=settings.consumer,
    )


def request_of(received: Received[LeadQualified]) -> Request:
    """Return the request that a qualification makes; a redelivery makes the same one."""
    event, identity = received.event, received.key.hex
    data = event.data
    return Request(
        identity,
        data.lead_id,
        QUALIFIED,
        event.source.rpartition("/")[2] or event.source,
        municipality_code=data.municipality_code,
        grade=data.grade,
        qualification_id=identity,
        origin=LEAD_QUALIFIED.name,
    )
