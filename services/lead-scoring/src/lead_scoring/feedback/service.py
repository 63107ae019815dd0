"""Store what handoffs and deals say, so that rules can be judged by it.

A step is taken in once (inbox), and a label is the same in whatever order steps come. Of a deal the
newest statement counts. Nothing here changes a score.
"""

from collections.abc import Sequence
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer import inbox
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.handoffs import HandoffChanged
from kakehashi_common.db import Database, RawConnection
from lead_scoring import tables
from lead_scoring.domain.label import Label
from lead_scoring.feedback import repository
from lead_scoring.feedback.event_mapping import deal_of, label_of
from lead_scoring.suppression.suppression_list import SuppressionList


async def save_feedback(
    database: Database, suppression: SuppressionList | None, batch: Sequence[Received[Any]]
) -> None:
    """Store what a batch of events says about handoffs and deals.

    Raises:
        TransientError: the database is unavailable.
    """
    steps = [each for each in batch if isinstance(each.event.data, HandoffChanged)]
    deals = [deal_of(each) for each in batch if isinstance(each.event.data, DealChanged)]
    async with database.raw_transaction() as connection:
        await _save_labels(connection, suppression, steps)
        await repository.save_deals(connection, deals)


async def _save_labels(
    connection: RawConnection,
    suppression: SuppressionList | None,
    steps: Sequence[Received[HandoffChanged]],
) -> None:
    # A step that is known stays known after its lead was erased, and brings nothing back.
    admission = await inbox.admit(
        connection,
        tables.inbox_table,
        [step.key for step in steps],
        [step.content_hash for step in steps],
    )
    new = [step for step, is_new in zip(steps, admission.new, strict=True) if is_new]
    kept_out: frozenset[str] = frozenset()
    if suppression is not None:
        kept_out, _ = await suppression.suppressed(connection, new)
    told: dict[str, Label] = {}
    for step in new:
        if step.event.data.lead_id not in kept_out:
            label = label_of(step.event)
            known = told.get(label.handoff_id)
            told[label.handoff_id] = label if known is None else known.merged(label)
    if not told:
        return
    held = await repository.lock_labels(connection, list(told.values()))
    await repository.save_labels(
        connection, [label.merged(held[handoff_id]) for handoff_id, label in told.items()]
    )
