"""Keep the answer of an approved text in the catalogue of content, for later questions."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.approvals import repository
from followup.approvals.repository import Approval, ApprovalStatus
from followup.contacts import repository as contacts
from followup.contents.repository import StoredContent
from followup.contents.service import put_content
from followup.domain.contents.answers import check_impersonal
from followup.domain.contents.content import LONGEST_PASSAGE, Content, ContentKind
from followup.playbooks.service import Playbooks
from followup.sellers import repository as sellers
from followup.sequences import repository as sequences
from followup.sequences.repository import StoredSequence
from followup.texts.beginnings import beginning_of
from kakehashi_common.audit import Actor
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.checks import LONGEST_NOTE
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.domain.japanese_names import area_name
from kakehashi_common.domain.japanese_writing import day
from kakehashi_common.errors import ForbiddenError, NotFoundError


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The catalogue's details of the answer in an approved text, as its approver gives them."""

    title: str
    topics: tuple[str, ...] = ()
    text: str | None = None
    """Replaces the passage as it was approved, such as by a shorter one; ``None``: that passage."""
    only_here: bool = False
    """Whether it is for the same municipality only."""


class Answers:
    """Takes answers that a person approved into the catalogue of content.

    Args:
        database: where both are kept.
        playbooks: say which passage of a text is its answer.
    """

    def __init__(self, database: Database, playbooks: Playbooks) -> None:
        self._database = database
        self._playbooks = playbooks

    async def keep(
        self, approval_id: str, by: str, answer: KeptAnswer, actor: Actor
    ) -> StoredContent:
        """Put the answer of an approved text into the catalogue; again changes the same entry.

        Only the passage that the playbook declares as its answer is taken, with where it comes
        from, never the mail around it.

        Raises:
            DomainError: title or text names a person (``names_a_person``), or can't stand in the
                catalogue (see :func:`~followup.domain.contents.content.check_content`).
            ForbiddenError: somebody else approved it (``not_the_approver``).
            NotFoundError: there is no such approval.
            StateConflictError: it is not approved (``not_approved``), or its text has no answer
                (``no_answer``).
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            approval = await repository.held(connection, approval_id)
            if approval is None:
                raise NotFoundError(f"there is no approval {approval_id}", field="approval_id")
            if approval.status is not ApprovalStatus.APPROVED:
                raise StateConflictError(
                    f"approval {approval_id} is {approval.status}: only what was approved is kept",
                    field="approval_id",
                    code="not_approved",
                )
            if approval.decided_by != by:
                raise ForbiddenError(
                    f"{approval.decided_by} approved it: only they may keep its answer",
                    field="by",
                    code="not_the_approver",
                )
            sequence = await sequences.find(connection, approval.sequence_id)
            if sequence is None:
                raise NotFoundError(f"there is no approval {approval_id}", field="approval_id")
            content = await self._content(connection, approval, sequence, answer)
            return await put_content(connection, content, actor)

    async def _content(
        self,
        connection: AsyncConnection,
        approval: Approval,
        sequence: StoredSequence,
        answer: KeptAnswer,
    ) -> Content:
        state = sequence.state
        playbook = await self._playbooks.find(connection, state.playbook_id, state.playbook_version)
        template = playbook.text_of(playbook.step(approval.step_id), state.lead_id)
        if template is None or template.answer is None:
            raise StateConflictError(
                f"the texts of step {approval.step_id} have no answer: a template says which of "
                "its fill-ins is one, as answer: material",
                field="approval_id",
                code="no_answer",
            )
        passage = answer.text or approval.passages.get(template.answer, "")
        if not passage:
            raise StateConflictError(
                f"{template.answer} was written by changing the whole text: give the answer in "
                "`text`",
                field="text",
                code="no_answer",
            )
        if len(passage) > LONGEST_PASSAGE:
            raise DomainError(
                f"the answer has {len(passage):,} characters, and the catalogue quotes at most "
                f"{LONGEST_PASSAGE:,}: give a shorter one in `text`",
                field="text",
                code="too_long",
            )
        code = approval.municipality_code or state.municipality_code
        people = await _people(connection, code, {approval.lead_id, approval.recipient_lead_id})
        check_impersonal(answer.title, "title", people)
        check_impersonal(passage, "text", people)
        for position, topic in enumerate(answer.topics):
            check_impersonal(topic, f"topics/{position}", people)
        area = state.policy_area
        return Content(
            content_id=f"answer-{hashlib.sha256(approval.approval_id.encode()).hexdigest()[:16]}",
            kind=ContentKind.OWN_ANSWER,
            title=answer.title,
            source=await _source(connection, approval, code, people),
            passage=passage,
            topics=answer.topics or (() if area is None else (area_name(area),)),
            policy_areas=frozenset() if area is None else frozenset({area}),
            municipality_code=code if answer.only_here else None,
        )


async def _people(
    connection: AsyncConnection, municipality_code: str | None, lead_ids: Collection[str | None]
) -> set[str]:
    """Return the names of those who may be named: people of the municipality, and sellers."""
    raw = await driver_connection(connection)
    known = await contacts.find_all(raw, [each for each in lead_ids if each is not None])
    if municipality_code is not None:
        known += await contacts.in_municipality(raw, municipality_code)
    names = {each.person_name for each in known if each.person_name is not None}
    return names | set((await sellers.names(connection)).values())


async def _source(
    connection: AsyncConnection,
    approval: Approval,
    municipality_code: str | None,
    people: Collection[str],
) -> str:
    place = municipality_name(municipality_code)
    on = day(japan_day(approval.decided_at or approval.requested_at))
    source = f"{place}のご質問への自社の回答、{on}承認" if place else f"自社の回答、{on}承認"
    asked = (
        await beginning_of(approval.sequence_id).fetch(await driver_connection(connection))
    ).source
    whole = f"{source}（質問の出典：{asked}）"
    try:
        check_impersonal(asked, "source", people)
    except DomainError:
        return source
    return whole if asked and len(whole) <= LONGEST_NOTE else source
