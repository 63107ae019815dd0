"""Batches of events, under the ids of leads that stay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.delivery import BatchHandler
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.lead_events import LeadMerged
from kakehashi_common.db import Database
from kakehashi_common.lead_merges import repository

_NAMES: Final = ("lead_id", "lead_ids")
"""Fields of events that name leads."""


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
            named = {each for received in batch for each in leads_named(received.event.data)}
            gone = await repository.surviving(connection, named) if named else {}
            await handle([renamed(each, gone) for each in batch] if gone else batch)

    return handler


def leads_named(data: EventData) -> tuple[str, ...]:
    """Return the leads that an event is about; none of a merge, which is about ids."""
    fields = type(data).model_fields
    if isinstance(data, LeadMerged) or fields.keys().isdisjoint(_NAMES):
        return ()
    named: dict[str, Any] = {name: getattr(data, name) for name in _NAMES if name in fields}
    lead_id = named.get("lead_id")
    return (*(() if lead_id is None else (lead_id,)), *named.get("lead_ids", ()))


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
    lead_id, lead_ids = (getattr(event.data, name, None) for name in _NAMES)
    new: dict[str, Any] = {}
    if lead_id is not None:
        new["lead_id"] = gone.get(lead_id, lead_id)
    if lead_ids:
        new["lead_ids"] = tuple(dict.fromkeys(gone.get(each, each) for each in lead_ids))
    data = event.data.model_copy(update=new)
    return replace(received, event=event._replace(data=data))
