"""Use cases of approvals: show a message, edit it, approve or reject it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from followup import tables
from followup.approvals import repository
from followup.approvals.deciders import may_decide
from followup.approvals.repository import Approval, ApprovalFilter, ApprovalStatus
from followup.consents.service import as_recipient, suppression_of_recipient
from followup.contacts import repository as contacts
from followup.contacts.repository import Contact
from followup.domain.approved_texts import changed_share, check_passages, with_passages
from followup.domain.send_policy.texts import of_suppression
from followup.domain.sequences.commands import Approve, Reject
from followup.sellers.service import check_delegate
from followup.sequences.service import Sequences
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.checks import LONGEST_NOTE, require_name
from kakehashi_common.domain.errors import DomainError, StateConflictError, require_text
from kakehashi_common.errors import ForbiddenError, NotFoundError
from kakehashi_common.http.etags import Precondition
from kakehashi_common.http.idempotency import IdempotentRequest


class Approvals:
    """Shows approvals, and sends decisions on them to sequences.

    Args:
        database: where they are kept.
        sequences: takes the answers.
        clock: gives the present time.
    """

    def __init__(self, database: Database, sequences: Sequences, clock: Clock) -> None:
        self._database = database
        self._sequences = sequences
        self._clock = clock

    async def find(self, approval_id: str) -> Approval:
        """Return an approval.

        Raises:
            NotFoundError: there is no such approval.
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            found = await repository.find(connection, approval_id)
        if found is None:
            raise NotFoundError(f"there is no approval {approval_id}", field="approval_id")
        return found

    async def list_approvals(
        self, wanted: ApprovalFilter, *, after: tuple[datetime, str] | None, limit: int
    ) -> list[Approval]:
        """Return approvals that match, those that expire first first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.list_approvals(connection, wanted, after=after, limit=limit)

    async def edit(
        self,
        approval_id: str,
        subject: str,
        text: str,
        actor: Actor,
        as_seen: Precondition[Approval] | None = None,
    ) -> Approval:
        """Store a person's edit beside the original text; it is audited without the text.

        Raises:
            DomainError: subject or text is empty (``missing``) or no text (``not_text``).
            NotFoundError: there is no such approval.
            PreconditionFailedError: the text is not as it was seen.
            StateConflictError: it is not pending any more (``approval_not_awaited``).
            TransientError: the database is unavailable.
        """
        require_name(subject, "subject", longest=LONGEST_NOTE)
        if not require_text(text, "text").strip():
            raise DomainError("the text is empty: write it", field="text", code="missing")
        await self.find(approval_id)
        async with self._database.transaction() as connection:
            found = await repository.locked(connection, approval_id)
            if found is None:
                raise _not_awaited(approval_id)
            if as_seen is not None:
                as_seen(found)
            original, edited = (
                with_passages(f"{heading}\n{body}", found.fill_ins, found.passages)
                for heading, body in ((found.subject, found.text), (subject, text))
            )
            share = changed_share(original, edited)
            await repository.change(
                connection,
                approval_id,
                edited_subject=subject,
                edited_text=text,
                changed_share=share,
            )
            await actor.record(
                connection,
                tables.audit_table,
                "edit_approval",
                f"approval/{approval_id}",
                after={"changed_share": share},
            )
        return await self.find(approval_id)

    async def approve(
        self,
        approval_id: str,
        by: str,
        fill_ins: Mapping[str, str],
        origin: str,
        as_seen: Precondition[Approval] | None = None,
        request: IdempotentRequest | None = None,
    ) -> Approval:
        """Approve a message; it is sent when the send policy allows.

        Args:
            approval_id: which.
            by: who approves: see :func:`~followup.approvals.deciders.may_decide`.
            fill_ins: the passages that a person writes, by name; kept with the approval.
            origin: where the request came from.
            as_seen: refuses another text than the one that was seen.
            request: if it carries an idempotency key.

        Raises:
            DomainError: a passage belongs nowhere or can't stand there (see
                :func:`~followup.domain.approved_texts.check_passages`).
            ForbiddenError: they may not (``not_the_approver``).
            NotFoundError: there is no such approval.
            PreconditionFailedError: the text is not as it was seen.
            StateConflictError: something has still to be written into it
                (``fill_in_missing``), nothing may be sent to the contact (``suppressed``),
                or it is not awaited any more (``approval_not_awaited``).
            ConflictError: the sequence has ended (``sequence_ended``).
            TransientError: the database or Temporal is unavailable.
        """
        approval = await self._to_decide(approval_id, by, as_seen)
        check_passages(approval.fill_ins, fill_ins, subject=approval.subject)
        filled = replace(approval, passages={**approval.passages, **fill_ins})
        if missing := filled.unfilled:
            asked = "; ".join(f"{each.name}: {each.label}" for each in missing)
            raise StateConflictError(
                f"give in fill_ins what a person writes: {asked}",
                field=f"fill_ins/{missing[0].name}",
                code="fill_in_missing",
            )
        if approval.status is ApprovalStatus.PENDING:
            await self._note_passages(filled)
        edited = approval.edited_text is not None
        await self._sequences.send(
            approval.sequence_id, Approve(by, approval_id, edited, origin=origin), request
        )
        return await self.find(approval_id)

    async def reject(
        self,
        approval_id: str,
        by: str,
        reason: str,
        origin: str,
        request: IdempotentRequest | None = None,
    ) -> Approval:
        """Reject a message: the sequence ends. The reason is kept with the approval.

        Raises:
            DomainError: no reason is given (``missing``).
            ForbiddenError: they may not (``not_the_approver``).
            NotFoundError: there is no such approval.
            StateConflictError: it is not awaited any more (``approval_not_awaited``).
            ConflictError: the sequence has ended (``sequence_ended``).
            TransientError: the database or Temporal is unavailable.
        """
        require_name(reason, "reason", longest=LONGEST_NOTE)
        approval = await self._to_decide(approval_id, by)
        await self._sequences.send(
            approval.sequence_id, Reject(by, approval_id, origin=origin), request
        )
        async with self._database.transaction() as connection:
            await repository.give_reason(connection, approval_id, reason)
        return await self.find(approval_id)

    async def delegate(self, approval_id: str, to: str, actor: Actor) -> Approval:
        """Assign an approval to another seller; it is audited.

        Raises:
            DomainError: there is no such seller, or they have left (``unknown_seller``).
            NotFoundError: there is no such approval.
            StateConflictError: it is not pending any more (``approval_not_awaited``).
            TransientError: the database is unavailable.
        """
        await self.find(approval_id)
        async with self._database.transaction() as connection:
            await check_delegate(connection, to)
            given = await repository.change(connection, approval_id, approver=to, moved_from=None)
            if given is None:
                raise _not_awaited(approval_id)
            await actor.record(
                connection,
                tables.audit_table,
                "delegate_approval",
                f"approval/{approval_id}",
                after={"approver": to},
            )
        return await self.find(approval_id)

    async def _to_decide(
        self, approval_id: str, by: str, as_seen: Precondition[Approval] | None = None
    ) -> Approval:
        """Return an approval that somebody decides on; one that is decided, to answer alike."""
        approval = await self.find(approval_id)
        if approval.status is not ApprovalStatus.PENDING:
            return approval
        async with self._database.transaction() as connection:
            allowed = await may_decide(connection, approval, by, self._clock.now())
        if not allowed:
            holder = approval.approver or "any seller who works here"
            raise ForbiddenError(
                f"{by} may not decide on it: name in `by` who does ({holder}), or delegate it",
                field="by",
                code="not_the_approver",
            )
        if as_seen is not None:
            as_seen(approval)
        return approval

    async def _note_passages(self, approval: Approval) -> None:
        """Store what is approved, unless nothing may be sent to the contact."""
        async with self._database.transaction() as connection:
            changed = await repository.change(
                connection,
                approval.approval_id,
                passages=approval.passages,
                seen_digest=approval.text_digest,
            )
            if changed is None:
                raise _not_awaited(approval.approval_id)
            raw = await driver_connection(connection)
            lead_id = approval.recipient_lead_id or approval.lead_id
            contact = await contacts.find(raw, lead_id) or Contact(lead_id)
            recipient = as_recipient(contact, approval.municipality_code)
            suppression = await suppression_of_recipient(raw, recipient)
            if suppression is not None:
                raise StateConflictError(
                    f"{of_suppression(suppression).en} It does not go, and the sequence ends",
                    field="approval_id",
                    code="suppressed",
                )


def _not_awaited(approval_id: str) -> StateConflictError:
    return StateConflictError(
        f"approval {approval_id} is not awaited any more",
        field="approval_id",
        code="approval_not_awaited",
    )
