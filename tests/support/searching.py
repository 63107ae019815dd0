"""Look for texts wherever a service keeps them: in its tables, on topics, in Temporal."""

import json
from collections.abc import Collection, Iterator
from typing import Final

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from kakehashi_common.db import RawConnection
from tests.support.kafka import TestBroker

DELETED_WITHIN: Final = 240.0
"""Seconds: Temporal deletes a run once its queue has noted the run's end, every half a minute."""

_COLUMNS = """
    select table_name, column_name, data_type
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE'
    order by table_name, ordinal_position
"""


async def columns_with(connection: RawConnection, texts: Collection[str]) -> set[str]:
    """Return the columns, as ``table.column``, of all tables in which one of these texts stands.

    Values of whatever type are searched as text, without regard to case; bytes as bytes.
    """
    found = set()
    for table, column, kind in await connection.fetch(_COLUMNS):
        is_bytes = kind == "bytea"
        value = f'"{column}"' if is_bytes else f"convert_to(lower(\"{column}\"::text), 'UTF8')"
        if await connection.fetchval(
            f'select exists (select from "{table}", unnest($1::bytea[]) as wanted '  # noqa: S608
            f"where position(wanted in {value}) > 0)",
            [each if is_bytes else each.decode().lower().encode() for each in _spellings(texts)],
        ):
            found.add(f"{table}.{column}")
    return found


async def topics_with(
    broker: TestBroker, names: Collection[str], texts: Collection[str]
) -> set[str]:
    """Return the topics that hold one of these texts in a key, a value or a header."""
    found = set()
    for name in names:
        for record in await broker.read(name):
            headers = [part for key, value in record.headers for part in (key.encode(), value)]
            if _stands_in(texts, [record.key, record.value, *headers]):
                found.add(name)
    return found


async def histories_with(client: Client, query: str, texts: Collection[str]) -> set[str]:
    """Return the ids of workflows whose history, decrypted, holds one of these texts.

    Args:
        client: with the keys of what is encrypted.
        query: which workflows, as Temporal's visibility takes it.
        texts: what is looked for.
    """
    found = set()
    async for execution in client.list_workflows(query):
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        async for event in handle.fetch_history_events():
            payloads = list(_payloads(event))
            if (codec := client.data_converter.payload_codec) is not None:
                payloads = await codec.decode(payloads)
            if _stands_in(texts, [event.SerializeToString(), *(each.data for each in payloads)]):
                found.add(execution.id)
    return found


def _payloads(message: Message) -> Iterator[Payload]:
    """Yield every payload in a message, at whatever depth."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            values = [each for each in value.values() if isinstance(each, Message)]
        else:
            values = value if field.is_repeated else [value]
        for each in values:
            yield from _payloads(each)


def _stands_in(texts: Collection[str], places: Collection[bytes | None]) -> bool:
    wanted = _spellings(texts)
    return any(each in place for place in places if place is not None for each in wanted)


def _spellings(texts: Collection[str]) -> list[bytes]:
    """Return texts as they are, and as JSON for ASCII spells them."""
    return sorted({each.encode() for text in texts for each in (text, json.dumps(text)[1:-1])})
