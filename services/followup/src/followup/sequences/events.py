"""Publish the facts of sequences as events on ``followups-v1``."""

import re
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.sequences.facts import Fact, Occurred, Stopped
from followup.domain.sequences.state import SequenceState
from followup.sequences.messages import RecordedDecision
from followup.tables import outbox_table
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.followups import FollowupChanged
from kakehashi_common.outbox import store as outbox
from kakehashi_common.outbox.events import event_message

SOURCE: Final = "//kakehashi/followup"

BRANCH: Final = "branch"
"""The reason of an end that a playbook's branch gives in its own words."""

_slug: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{,63}").fullmatch


async def publish(
    connection: AsyncConnection, decision: RecordedDecision, *, topic_prefix: str
) -> None:
    """Publish the facts of a decision once the transaction is committed.

    Args:
        connection: of the transaction that stores the decision's state for the first time.
        decision: its facts are identified as they are stored, so that a repeat has the same id.
        topic_prefix: before the topic's name.
    """
    state = decision.state
    await outbox.add(
        connection,
        outbox_table,
        [
            event_message(
                Event(decision.identity(position), SOURCE, fact.at, event_data(state, fact)),
                key=state.lead_id,
                topic_prefix=topic_prefix,
            )
            for position, fact in enumerate(decision.facts)
        ],
    )


def event_data(state: SequenceState, fact: Fact) -> FollowupChanged:
    """Return the data of a fact's event.

    Words stay here: why a step is done at a time, and what a branch says of the end.

    Args:
        state: after the decision that the fact belongs to.
        fact: the fact.
    """
    return FollowupChanged.model_validate(
        {
            "sequence_id": state.sequence_id,
            "lead_id": state.lead_id,
            "playbook_id": state.playbook_id,
            "playbook_version": state.playbook_version,
            "trigger_id": state.trigger_id,
            "version": state.version,
            "status": state.status,
            "paused": state.pause is not None,
            "step_id": state.step_id,
            "municipality_code": state.municipality_code,
            "owner": state.owner,
            "sent": state.sent,
            "fact": asdict(fact) | _in_codes(fact),
        }
    )


def _in_codes(fact: Fact) -> dict[str, Any]:
    """Return the fields in which the event differs from the fact."""
    match fact:
        case Occurred():
            return {"name": fact.name or None}
        case Stopped():
            return {"reason": fact.reason if _slug(fact.reason) else BRANCH}
    return {}
