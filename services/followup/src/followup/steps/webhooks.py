"""Do a webhook step: post to another system, signed, until it accepts or the deadline passes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import WebhookStep
from followup.domain.sequences.commands import RecordFailure, RecordSent, RefuseStep, Result
from followup.domain.webhook_calls import CallState, next_attempt
from followup.sequences.messages import StepWork
from followup.settings import WebhookEndpoint
from followup.tables import webhook_call as table
from kakehashi_common.clock import TOKYO, Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import PermanentError, TransientError
from kakehashi_common.webhooks.posting import WebhookClient

NOT_TAKEN: Final = "not_taken"
"""Why a webhook is posted again, or was given up."""


@dataclass(frozen=True, slots=True)
class _Call:
    """The stored state of a call."""

    state: CallState
    attempts: int
    first_at: datetime


class WebhookCaller:
    """Posts the webhooks of steps.

    The message's id (``webhook-id``) is the same however often it is posted, so that a receiver
    takes it once. It holds no personal data.

    Args:
        database: where the state of each call is stored.
        client: posts.
        endpoints: that playbooks may name.
        clock: gives the present time.
    """

    def __init__(
        self,
        database: Database,
        client: WebhookClient,
        endpoints: Mapping[str, WebhookEndpoint],
        clock: Clock,
    ) -> None:
        self._database = database
        self._client = client
        self._endpoints = endpoints
        self._clock = clock

    async def __call__(self, work: StepWork, playbook: Playbook) -> Result:
        """Post the webhook of a step unless the receiver is known to have accepted it.

        Raises:
            TransientError: the database is unavailable.
        """
        step = playbook.step(work.step_id)
        assert isinstance(step, WebhookStep)  # noqa: S101 - the caller has looked
        endpoint = self._endpoints.get(step.hook)
        if endpoint is None:
            return RefuseStep(work.attempt, "unknown_webhook")
        now = self._clock.now()
        call = await self._known(work.name) or _Call(CallState.TRYING, 0, now)
        if call.state is CallState.TAKEN:
            return RecordSent(work.attempt, work.name)
        if call.state is CallState.FAILED:
            return RecordFailure(work.attempt, work.name, NOT_TAKEN)
        state, reason, again = CallState.TAKEN, "", None
        try:
            await self._client.post(
                endpoint.url,
                [each.get_secret_value() for each in endpoint.secrets],
                work.name,
                _body(work, step, now),
                now,
            )
        except PermanentError as error:
            state, reason = CallState.FAILED, error.message
        except TransientError as error:
            again = next_attempt(call.attempts + 1, call.first_at, now, error.retry_after)
            state = CallState.FAILED if again is None else CallState.TRYING
            reason = error.message
        await self._record(work, step, state, reason, now)
        if state is CallState.TAKEN:
            return RecordSent(work.attempt, work.name)
        if again is None:
            return RecordFailure(work.attempt, work.name, NOT_TAKEN)
        return RefuseStep(work.attempt, NOT_TAKEN, again)

    async def _known(self, call_id: str) -> _Call | None:
        query = select(table.c.state, table.c.attempts, table.c.first_at)
        async with self._database.transaction() as connection:
            row = (await connection.execute(query.where(table.c.call_id == call_id))).first()
        return None if row is None else _Call(CallState(row.state), row.attempts, row.first_at)

    async def _record(
        self, work: StepWork, step: WebhookStep, state: CallState, reason: str, now: datetime
    ) -> None:
        """Store the result of an attempt; a call that was accepted once stays accepted."""
        new = insert(table).values(
            call_id=work.name,
            sequence_id=work.sequence_id,
            step_id=step.id,
            hook=step.hook,
            state=state,
            attempts=1,
            first_at=now,
            last_at=now,
            reason=reason,
        )
        async with self._database.transaction() as connection:
            await connection.execute(
                new.on_conflict_do_update(
                    index_elements=[table.c.call_id],
                    set_={
                        "state": new.excluded.state,
                        "attempts": table.c.attempts + 1,
                        "last_at": now,
                        "reason": new.excluded.reason,
                    },
                    where=table.c.state != CallState.TAKEN,
                )
            )


def _body(work: StepWork, step: WebhookStep, now: datetime) -> bytes:
    said = {
        "type": "followup.step",
        "timestamp": now.astimezone(TOKYO).isoformat(),
        "data": {
            "sequence_id": work.sequence_id,
            "playbook_id": work.playbook_id,
            "playbook_version": work.playbook_version,
            "step_id": step.id,
            "lead_id": work.lead_id,
            "municipality_code": work.municipality_code,
            "reason": work.reason,
            "owner": work.owner,
        },
    }
    return json.dumps(said, ensure_ascii=False).encode()
