"""Use cases of questions: answer them out of the catalogue, or hand them to a person."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from followup import tables
from followup.contacts import repository as contacts
from followup.contacts.audience import as_audience
from followup.contents import repository as catalogue
from followup.contents.repository import StoredContent
from followup.domain.contents.choice import Occasion
from followup.domain.contents.questions import ANSWERING, Found, find_answers
from followup.domain.playbooks.audience import Role
from followup.questions import repository
from followup.questions.repository import Question
from followup.sellers.service import check_delegate
from followup.sellers.successors import working
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.business_time import BusinessTime
from kakehashi_common.domain.errors import DomainError, require_text
from kakehashi_common.errors import NotFoundError

_DUE_AFTER: Final = timedelta(hours=4)
"""Of office time: whoever asks hears from a person on the same day, or the next."""
_QUESTIONS: Final = uuid.UUID("5f0d0b0e-7d0e-5c55-9a3b-5d2b7f5b9e0c")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the details of the person who asks; ``None``: not known."""

    text: str
    lead_id: str | None = None
    municipality_code: str | None = None
    role: Role | None = None
    owner: str | None = None
    """The seller who answers if nothing in the catalogue does."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answers to a question in the catalogue; if there are none, the person who will answer."""

    found: tuple[tuple[Found, StoredContent], ...]
    """The best first."""
    handed_over: Question | None


class Questions:
    """Answers questions.

    Args:
        database: where the catalogue is, and the questions that people answer.
        hours: of offices.
        clock: gives the present time.
        default_owner: who answers where nobody is named.
    """

    def __init__(
        self, database: Database, hours: BusinessTime, clock: Clock, *, default_owner: str | None
    ) -> None:
        self._database = database
        self._hours = hours
        self._clock = clock
        self._default_owner = default_owner

    async def ask(self, asked: Asked) -> Reply:
        """Answer a question out of the catalogue, or hand it to a person.

        What is answered is not stored. What is handed over is, without who asks unless a lead is
        named; the same question of the same again while it is open is the same one.

        Raises:
            DomainError: the question is empty or no text (``missing``, ``not_text``), the owner is
                nobody who works here (``unknown_seller``), or the person was erased
                (``erased_contact``).
            TransientError: the database is unavailable.
        """
        if not require_text(asked.text, "question").strip():
            raise DomainError("the question is empty: write it", field="question", code="missing")
        now = self._clock.now()
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            occasion = await self._occasion(raw, asked, now)
            contents = await catalogue.of_kinds(raw, ANSWERING)
        found = await asyncio.to_thread(find_answers, asked.text, contents, occasion)
        async with self._database.transaction() as connection:
            stored = await catalogue.find(connection, [each.content.content_id for each in found])
            known = tuple(
                (each, stored[each.content.content_id])
                for each in found
                if each.content.content_id in stored
            )
            if known:
                return Reply(known, None)
            if asked.owner is not None:
                await check_delegate(connection, asked.owner, "owner")
            raw = await driver_connection(connection)
            return Reply((), await self._hand_over(raw, asked, occasion, now))

    async def open_questions(
        self, owner: str | None, *, after: tuple[datetime, uuid.UUID] | None, limit: int
    ) -> list[Question]:
        """Return the questions that wait for a person, by due time.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await repository.open_questions(connection, owner, after=after, limit=limit)

    async def answered(self, question_id: uuid.UUID, by: str, actor: Actor) -> Question:
        """Note that a person has answered a question; again changes nothing. It is audited.

        Raises:
            NotFoundError: there is no such question.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            found = await repository.answered(raw, question_id, by, self._clock.now())
            if found is None:
                raise NotFoundError(f"there is no question {question_id}", field="question_id")
            await actor.record(
                connection, tables.audit_table, "answer_question", f"question/{question_id}"
            )
        return found

    async def _occasion(self, connection: RawConnection, asked: Asked, now: datetime) -> Occasion:
        contact = None
        if asked.lead_id is not None:
            contact = await contacts.find(connection, asked.lead_id)
        if contact is not None and contact.erased_at is not None:
            raise _erased(contact.lead_id)
        code, role = asked.municipality_code, asked.role
        if contact is not None:
            code = code or contact.municipality_code
            role = role or as_audience(contact.role, code).role
        audience = as_audience(role, code)
        return Occasion(
            today=japan_day(now),
            role=audience.role,
            size_band=audience.size_band,
            municipality_code=code,
        )

    async def _hand_over(
        self, connection: RawConnection, asked: Asked, occasion: Occasion, now: datetime
    ) -> Question:
        lead_id = asked.lead_id
        if lead_id is not None:
            await contacts.save_leads(connection, [lead_id])  # an erasure comes before or after
            contact = await contacts.find(connection, lead_id)
            if contact is not None and contact.erased_at is not None:
                raise _erased(lead_id)
            lead_id = lead_id if contact is None else contact.lead_id
        owner = asked.owner
        if owner is None and self._default_owner is not None:
            seller = await working(connection, self._default_owner, None)
            owner = None if seller is None else seller.seller_id
        code = occasion.municipality_code
        identity = "\n".join((lead_id or "", code or "", " ".join(asked.text.split())))
        question = Question(
            uuid.uuid5(_QUESTIONS, identity),
            lead_id,
            code,
            asked.text,
            owner,
            now,
            self._hours.add(now, _DUE_AFTER),
        )
        return await repository.add(connection, question)


def _erased(lead_id: str) -> DomainError:
    return DomainError(
        f"the person of lead {lead_id} was erased: ask without lead_id",
        field="lead_id",
        code="erased_contact",
    )
