"""Batches of events, under the ids of leads that stay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.delivery import BatchHandler
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.lead_events import LeadMerged
from kakehashi_common.db import Database, RawConnection
from kakehashi_common.lead_merges import repository


def merges_in(batch: Sequence[Received[Any]]) -> list[Received[LeadMerged]]:
    """Return the events of a batch that say that two leads are one."""
    return [each for each in batch if isinstance(each.event.data, LeadMerged)]


def under_surviving_ids(database: Database, handle: BatchHandler) -> BatchHandler:
    """Return what hands on each batch as if all were said of the ids that stay.

    No id is merged while a batch is handled.
    """

    async def handler(batch: Sequence[Received[Any]]) -> None:
        async with database.raw_transaction() as connection:
            await repository.hold_up(connection)
            await handle(await under_surviving_ids_of(connection, batch))

    return handler


async def under_surviving_ids_of(
    connection: RawConnection, batch: Sequence[Received[Any]]
) -> Sequence[Received[Any]]:
    """Return a batch as if all were said of the ids that stay.

    Args:
        connection: of a transaction that has held up merges.
        batch: the events.
    """
    named = {each for received in batch for each in leads_named(received.event.data)}
    gone = await repository.surviving(connection, named) if named else {}
    return [renamed(each, gone) for each in batch] if gone else batch


def leads_named(data: EventData) -> tuple[str, ...]:
    """Return the leads that an event is about; none of a merge, which is about ids."""
    if isinstance(data, LeadMerged):
        return ()
    lead_id = getattr(data, "lead_id", None)
    return (*(() if lead_id is None else (lead_id,)), *getattr(data, "lead_ids", ()))


def renamed(received: Received[Any], gone: Mapping[str, str]) -> Received[Any]:
    """Return an event under the ids that stay.

    Args:
        received: the event.
        gone: ids that have gone, each with the one that stays.
    """
    event = received.event
    named = leads_named(event.data)
    if not any(each in gone for each in named):
        return received
    new: dict[str, Any] = {}
    if getattr(event.data, "lead_id", None) is not None:
        new["lead_id"] = gone.get(named[0], named[0])
    if hasattr(event.data, "lead_ids"):
        lead_ids = (gone.get(each, each) for each in event.data.lead_ids)
        new["lead_ids"] = tuple(dict.fromkeys(lead_ids))
    data = event.data.model_copy(update=new)
    return replace(received, event=event._replace(data=data))
