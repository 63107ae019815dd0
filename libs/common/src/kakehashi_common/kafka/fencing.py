"""A producer that has the broker refuse what an earlier one of the same name may still send.

Kafka gives every producer of one transactional id the same producer id, with a higher epoch each
time, and a partition that has seen an epoch refuses lower ones. We take both and send without
transactions, which would cost two requests more for each batch: a late message of an earlier
producer then either comes before everything that the later one sent to its partition, or is
refused. See ADR 0009.
"""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import KafkaError, for_code
from aiokafka.producer.transaction_manager import PidAndEpoch
from aiokafka.protocol.transaction import InitProducerIdRequest

_PAUSE_SECONDS = 0.1
_TRANSACTION_MILLISECONDS = 60_000
"""Asked for by the protocol; no transaction is ever begun."""


async def fence(producer: AIOKafkaProducer, name: str) -> None:
    """Make ``producer`` the only one of ``name``; call it before its first message.

    Waits for the broker as long as need be: bound it with ``asyncio.timeout``.

    Raises:
        KafkaError: the broker refuses, such as for a missing right to the transactional id.
    """
    client = producer.client
    while True:
        try:
            coordinator = await client.coordinator_lookup(CoordinationType.TRANSACTION, name)
            answer = await client.send(
                coordinator,
                InitProducerIdRequest(name, _TRANSACTION_MILLISECONDS),
                group=ConnectionGroup.COORDINATION,
            )
            if answer.error_code:
                error_class = for_code(answer.error_code)
                raise error_class
        except KafkaError as error:
            if not error.retriable:
                raise
            await client.force_metadata_update()
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            break
    manager = producer._txn_manager  # noqa: SLF001 - aiokafka fences transactions only
    manager._pid_and_epoch = PidAndEpoch(answer.producer_id, answer.producer_epoch)  # noqa: SLF001
    manager._sequence_numbers.clear()  # noqa: SLF001 - a new epoch counts from zero
