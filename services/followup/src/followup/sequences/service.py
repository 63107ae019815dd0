"""Use cases of sequences: enter playbooks, send messages, read."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

import structlog
from pydantic import TypeAdapter

from followup import tables
from followup.consents.service import as_recipient, suppression_of_recipient
from followup.contacts import repository as contacts
from followup.contacts.repository import Contact
from followup.domain.playbooks.playbook import Playbook
from followup.domain.send_policy.texts import of_suppression
from followup.domain.sequences.commands import Enter, Message
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.state import SequenceState
from followup.playbooks.service import Playbooks
from followup.sellers import repository as sellers
from followup.sellers.service import unknown_seller
from followup.sequences import repository as sequences
from followup.sequences.client import SequenceWorkflows
from followup.sequences.messages import SequenceStatus
from followup.sequences.repository import (
    PlaybookVersions,
    SequenceFilter,
    StoredSequence,
)
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.errors import OF_ONE, ConflictError, NotFoundError
from kakehashi_common.fact_log import StoredFact
from kakehashi_common.http.idempotency import IdempotentRequest, IdempotentResults
from kakehashi_common.temporal.fan_out import for_each_workflow
from kakehashi_common.temporal.updates import not_running

log = structlog.get_logger(__name__)

_results: Final = IdempotentResults(tables.idempotency_table, TypeAdapter(SequenceStatus))


class Sequences:
    """Reads sequences from the database, and changes them through Temporal.

    Args:
        database: where workflows record.
        workflows: begins sequences, and sends them messages.
        playbooks: say which version is in force.
    """

    def __init__(
        self, database: Database, workflows: SequenceWorkflows, playbooks: Playbooks
    ) -> None:
        self._database = database
        self._workflows = workflows
        self._playbooks = playbooks

    async def version_in_force(self, playbook_id: str) -> int:
        """Return the version of a playbook that lets contacts in.

        Raises:
            NotFoundError: there is no such playbook.
            StateConflictError: none of its versions is in force (``playbook_not_in_force``).
            TransientError: the database is unavailable.
        """
        stored = await self._playbooks.get(playbook_id)
        if stored.in_force is None:
            raise StateConflictError(
                f"no version of playbook {playbook_id} lets contacts in: publish one",
                field="playbook_id",
                code="playbook_not_in_force",
            )
        return stored.in_force

    async def playbooks_of(
        self, versions: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], Playbook]:
        """Return those of these versions of playbooks that there are, by id and version.

        Raises:
            TransientError: the database is unavailable.
        """
        found = {}
        async with self._database.transaction() as connection:
            for each in set(versions):
                with suppress(DomainError):
                    found[each] = await self._playbooks.find(connection, *each)
        return found

    async def enter_by_hand(
        self, enter: Enter, request: IdempotentRequest | None
    ) -> SequenceStatus:
        """Have a contact enter a playbook unless nothing must be sent to them.

        A lead of whom nothing has been reported yet may enter: the report may be on its way.
        The same request answers alike.

        Raises:
            DomainError: there is no such seller (``unknown_seller``).
            StateConflictError: nothing must be sent to them (``suppressed``), they were erased
                (``erased_contact``), or their id has gone into another one (``lead_merged``); more
                in `enter`.
        """

        async def enter_if_allowed() -> SequenceStatus:
            await self._require_may_enter(enter)
            return await self.enter(enter)

        return await _results.done_elsewhere(self._database, request, enter_if_allowed)

    async def _require_may_enter(self, enter: Enter) -> None:
        async with self._database.raw_transaction() as connection:
            if enter.owner is not None and await sellers.find(connection, enter.owner) is None:
                raise unknown_seller(enter.owner)
            contact = await contacts.find(connection, enter.lead_id)
            if contact is not None and contact.erased_at is not None:
                raise StateConflictError(
                    f"lead {enter.lead_id} was erased: nothing is sent to them",
                    field="lead_id",
                    code="erased_contact",
                )
            if contact is not None and contact.lead_id != enter.lead_id:
                raise StateConflictError(
                    f"lead {enter.lead_id} has gone into {contact.lead_id}: name that one",
                    field="lead_id",
                    code="lead_merged",
                )
            recipient = as_recipient(contact or Contact(enter.lead_id), enter.municipality_code)
            suppression = await suppression_of_recipient(connection, recipient)
        if suppression is not None:
            raise StateConflictError(
                f"{of_suppression(suppression).en} If they want to hear from us again, lift it",
                field="lead_id",
                code="suppressed",
            )

    async def enter(self, enter: Enter) -> SequenceStatus:
        """Have a contact enter a playbook.

        Raises:
            DomainError: the entry makes no sense; nothing has begun.
            StateConflictError: the contact is in the playbook already (``contact_in_playbook``).
            ConflictError: the sequence has ended (``sequence_exists``).
            TransientError: Temporal is unavailable, or no worker has answered; the same again joins
                it.
            FaultError: Temporal refuses the request, or the workflow is stuck.
        """
        return await self._workflows.enter(enter)

    async def send(
        self, sequence_id: str, message: Message, request: IdempotentRequest | None = None
    ) -> SequenceStatus:
        """Send a sequence a message and return its status. The same request answers alike.

        Raises:
            NotFoundError: there is no such sequence.
            DomainError: it makes no sense; nothing has changed.
            StateConflictError: it made sense once or will yet, but not as the sequence stands.
            ConflictError: the sequence has ended (``sequence_ended``).
            TransientError: Temporal is unavailable, or no worker has answered in time.
            FaultError: the sequence's workflow is stuck (``workflow_stuck``), or was ended by hand
                (``workflow_not_running``).
        """
        # Whoever asks twice at once, or again because the answer was lost, asks it once.
        request_id = None if request is None else request.identity
        return await _results.done_elsewhere(
            self._database, request, lambda: self._send(sequence_id, message, request_id)
        )

    async def _send(
        self, sequence_id: str, message: Message, request_id: str | None
    ) -> SequenceStatus:
        try:
            return await self._workflows.send(sequence_id, message, request_id)
        except NotFoundError:
            state = (await self.find(sequence_id)).state
        if state.ended:
            raise ConflictError(
                f"sequence {sequence_id} has ended ({state.end_reason})", code="sequence_ended"
            )
        raise not_running(
            f"sequence {sequence_id}",
            state.status,
            fix="Enter the contact again with the same id: it goes on where it stood.",
        )

    async def send_to_lead(
        self,
        lead_id: str,
        message: Message,
        concerns: Callable[[SequenceState], bool] = lambda _: True,
    ) -> int:
        """Send a message to a contact's open sequences that it concerns; return how many took it.

        A sequence that has just ended, or that the message makes no sense to, is passed over. One
        whose workflow is stuck or busy holds up no other: the error comes when all were tried.

        Raises:
            TransientError: Temporal is unavailable, or no worker has answered; some may have
                taken it.
            FaultError: Temporal refuses a request, or a workflow is stuck.
        """
        taken, trouble = 0, None
        for state in filter(concerns, await self.open_of(lead_id)):
            try:
                with suppress(NotFoundError, DomainError):
                    await self._workflows.send(state.sequence_id, message)
                    taken += 1
            except OF_ONE as error:
                trouble = error
        if trouble is not None:
            raise trouble
        return taken

    async def delete_histories(self, lead_id: str) -> bool:
        """Delete what Temporal keeps of a contact's sequences; see `SequenceWorkflows`.

        Raises:
            TransientError: the database or Temporal is unavailable.
            FaultError: Temporal refuses a request.
        """
        async with self._database.transaction() as connection:
            ids = await sequences.ids_of(connection, lead_id)
        return all([await self._workflows.delete_history(each) for each in ids])

    async def send_to_each(self, messages: Sequence[tuple[str, Message]]) -> bool:
        """Send sequences messages, many at a time; return whether each has it or needs it no more.

        A sequence that has just ended, or that the message makes no sense to, is passed over. One
        whose workflow is stuck or busy holds up no other.

        Raises:
            TransientError: Temporal is unavailable.
        """
        not_reached = []

        async def send(addressed: tuple[str, Message]) -> None:
            sequence_id, message = addressed
            try:
                with suppress(NotFoundError, DomainError):
                    await self._workflows.send(sequence_id, message)
            except OF_ONE as error:
                log.warning("a sequence is not notified", sequence_id=sequence_id, code=error.code)
                not_reached.append(sequence_id)

        await for_each_workflow(messages, send)
        return not not_reached

    async def find(self, sequence_id: str) -> StoredSequence:
        """Return one sequence as last recorded.

        Raises:
            NotFoundError: there is no such sequence.
        """
        async with self._database.transaction() as connection:
            stored = await sequences.find(connection, sequence_id)
        if stored is None:
            raise NotFoundError(f"there is no sequence {sequence_id}", field="sequence_id")
        return stored

    async def open_of(self, lead_id: str) -> list[SequenceState]:
        """Return the open sequences of a contact, by id."""
        async with self._database.transaction() as connection:
            return await sequences.open_of(connection, lead_id)

    async def open_in(
        self, municipality_code: str, playbooks: PlaybookVersions, *, after: str, limit: int
    ) -> list[SequenceState]:
        """Return the open sequences of a municipality that go by these playbooks, by id."""
        async with self._database.transaction() as connection:
            return await sequences.open_in(
                connection, municipality_code, playbooks, after=after, limit=limit
            )

    async def list_sequences(
        self, wanted: SequenceFilter, *, after: str | None, limit: int
    ) -> list[StoredSequence]:
        """Return sequences that match, by id."""
        async with self._database.transaction() as connection:
            return await sequences.list_sequences(connection, wanted, after=after, limit=limit)

    async def facts(
        self, sequence_id: str, *, after: tuple[int, int] | None, limit: int
    ) -> list[StoredFact[Fact]]:
        """Return what has happened to a sequence, in order.

        Raises:
            NotFoundError: there is no such sequence.
        """
        await self.find(sequence_id)
        async with self._database.transaction() as connection:
            return await sequences.FACTS.list_facts(
                connection, sequence_id, after=after, limit=limit
            )
