"""Use cases of handoffs: request them, send them messages, read them."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Final

import structlog
from pydantic import TypeAdapter

from handoff import tables
from handoff.domain.handoff import ClockPolicy, HandoffState
from handoff.domain.handoff.commands import Message, Request, Withdraw
from handoff.domain.handoff.erasing import ERASED
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.narrative import summary
from handoff.domain.handoff.service_levels import ServiceLevels
from handoff.domain.teams.working_time import OFFICE_HOURS, WorkingHours
from handoff.handoffs import repository as handoffs
from handoff.handoffs.client import HandoffWorkflows
from handoff.handoffs.messages import HandoffStatus
from handoff.handoffs.repository import HandoffFilter, StoredHandoff
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.errors import (
    OF_ONE,
    ConflictError,
    KakehashiError,
    NotFoundError,
    TransientError,
)
from kakehashi_common.fact_log import StoredFact
from kakehashi_common.http.idempotency import IdempotentRequest, IdempotentResults
from kakehashi_common.lead_merges import repository as merges
from kakehashi_common.lead_profiles.repository import mark_settled
from kakehashi_common.temporal.updates import not_running

log = structlog.get_logger(__name__)

_results: Final = IdempotentResults(tables.idempotency_table, TypeAdapter(HandoffStatus))

_TRIES: Final = 5
"""Attempts of a request to find the open handoff that it should join."""
_FIRST_PAUSE: Final = 0.05
"""Seconds; usually enough for the end of a handoff to be recorded."""

BY_ERASURE: Final = "erasure"
"""Named as the author when the handoffs of an erased person are withdrawn."""

_ENDED_MEANWHILE: Final = frozenset({"lead_in_handoff", "handoff_ended", "handoff_exists"})


class Handoffs:
    """Reads handoffs from the database, and changes them through Temporal.

    Args:
        database: where workflows record.
        workflows: begins handoffs, and sends them messages.
    """

    def __init__(self, database: Database, workflows: HandoffWorkflows) -> None:
        self._database = database
        self._workflows = workflows

    async def start(
        self, request: Request, idempotent: IdempotentRequest | None = None
    ) -> HandoffStatus:
        """Request a handoff, or join the open one of the lead and kind; the same answers alike.

        A lead is whoever has its id, or one that has gone into it: the id that stays is named.

        Raises:
            DomainError: the request makes no sense; nothing has begun.
            TransientError: Temporal is unavailable, or no worker has answered; the same again joins
                it.
            FaultError: Temporal refuses the request, or the workflow is stuck.
        """
        return await _results.done_elsewhere(
            self._database, idempotent, lambda: self._started_or_joined(request)
        )

    async def _started_or_joined(self, request: Request) -> HandoffStatus:
        pause = _FIRST_PAUSE
        for _ in range(_TRIES):
            async with self._database.transaction() as connection:
                raw = await driver_connection(connection)
                ids = await merges.all_ids(raw, [request.lead_id])
                gone = await merges.surviving(raw, [request.lead_id])
                there = await handoffs.open_of_kind(connection, ids, request.kind)
                earlier = await handoffs.of_request(connection, request, ids)
            handoff_id, lead_id = there or (
                request.handoff_id,
                gone.get(request.lead_id, request.lead_id),
            )
            if earlier is not None and earlier.state.ended:  # the same request, long after
                return _status(earlier.state)
            try:
                return await self._workflows.request(
                    replace(request, handoff_id=handoff_id, lead_id=lead_id)
                )
            except (StateConflictError, ConflictError) as error:
                if error.code not in _ENDED_MEANWHILE:
                    raise
            # An open handoff has just ended, or another request was quicker: look again.
            await asyncio.sleep(pause)
            pause *= 2
        raise TransientError(
            f"the open handoff of lead {request.lead_id} is ending: send the request again"
        )

    async def send(
        self, handoff_id: str, message: Message, request: IdempotentRequest | None = None
    ) -> HandoffStatus:
        """Send a handoff a message and return its status. The same request answers alike.

        Raises:
            NotFoundError: there is no such handoff.
            DomainError: it makes no sense; nothing has changed.
            StateConflictError: it made sense once or will yet, but not as the handoff stands.
            ConflictError: the handoff has ended (``handoff_ended``).
            TransientError: Temporal is unavailable, or no worker has answered in time.
            FaultError: the handoff's workflow is stuck (``workflow_stuck``), or was ended by hand
                (``workflow_not_running``).
        """
        # Whoever asks twice at once, or again because the answer was lost, asks it once.
        request_id = None if request is None else request.identity
        return await _results.done_elsewhere(
            self._database, request, lambda: self._send(handoff_id, message, request_id)
        )

    async def _send(
        self, handoff_id: str, message: Message, request_id: str | None
    ) -> HandoffStatus:
        try:
            return await self._workflows.send(handoff_id, message, request_id)
        except NotFoundError:
            state = (await self.find(handoff_id)).state
        if state.ended:
            raise ConflictError(
                f"handoff {handoff_id} has ended ({state.status}): request a new one",
                code="handoff_ended",
            )
        raise not_running(
            f"handoff {handoff_id}",
            state.status,
            fix="Request the handoff of the same lead again: it goes on where it stood.",
        )

    async def settle_erasure(self, lead_id: str) -> bool:
        """Withdraw the open handoffs of an erased person, and erase the texts in all of theirs.

        The texts are erased in the database and in Temporal. Returns ``False`` while Temporal still
        deletes.

        Raises:
            TransientError: the database or Temporal is unavailable.
            FaultError: Temporal refuses a request.
        """
        async with self._database.transaction() as connection:
            found = await handoffs.of_lead(connection, lead_id)
        withdrawal = Withdraw(BY_ERASURE, ERASED, origin=BY_ERASURE)
        for state in found:
            if state.ended:
                continue
            with suppress(NotFoundError, DomainError):  # it has just ended, or was terminated
                try:
                    await self._workflows.send(state.handoff_id, withdrawal)
                except OF_ONE as error:  # one that is stuck or busy ends with its deletion
                    log.warning("a handoff could not be withdrawn", code=error.code)
        if not all([await self._workflows.delete_history(each.handoff_id) for each in found]):
            return False
        async with self._database.transaction() as connection:
            await handoffs.erase_texts(connection, lead_id)
            await mark_settled(await driver_connection(connection), lead_id)
        return True

    async def find(self, handoff_id: str) -> StoredHandoff:
        """Return one handoff as last recorded.

        Raises:
            NotFoundError: there is no such handoff.
        """
        async with self._database.transaction() as connection:
            stored = await handoffs.find(connection, handoff_id)
        if stored is None:
            raise NotFoundError(f"there is no handoff {handoff_id}", field="handoff_id")
        return stored

    async def list_handoffs(
        self, wanted: HandoffFilter, *, after: str | None, limit: int
    ) -> list[StoredHandoff]:
        """Return handoffs that match, by id."""
        async with self._database.transaction() as connection:
            return await handoffs.list_handoffs(connection, wanted, after=after, limit=limit)

    async def facts(
        self, handoff_id: str, *, after: tuple[int, int] | None, limit: int
    ) -> list[StoredFact[Fact]]:
        """Return the facts of a handoff, in order.

        Raises:
            NotFoundError: there is no such handoff.
        """
        await self.find(handoff_id)
        async with self._database.transaction() as connection:
            return await handoffs.FACTS.list_facts(connection, handoff_id, after=after, limit=limit)

    async def settings_changed(self) -> None:
        """Have open handoffs go by the working hours and limits that hold now.

        While Temporal is unavailable they are not notified; they read both within a day.
        """
        try:
            await self._workflows.begin_notifying()
        except KakehashiError as error:
            log.warning("open handoffs are not notified of changed settings yet", reason=str(error))

    async def notify_open(self) -> int:
        """Notify every open handoff of changed settings; return how many there were.

        Raises:
            TransientError: Temporal is unavailable; some may have been notified.
            FaultError: Temporal refuses a request; some may have been notified.
        """
        async with self._database.transaction() as connection:
            ids = await handoffs.open_ids(connection)
        await self._workflows.notify(ids)
        return len(ids)


def _status(state: HandoffState) -> HandoffStatus:
    """Return the status of an ended handoff: no clock runs, so any working hours do."""
    sla = ServiceLevels(ClockPolicy(), WorkingHours(OFFICE_HOURS), ()).sla()
    line = summary(state, sla)
    return HandoffStatus(
        state.handoff_id, state.version, state.status.value, state.owner, joined=False, ja=line
    )
