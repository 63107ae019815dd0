"""Take in what customers answer to surveys, and have somebody turn to the dissatisfied ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.domain.satisfaction import SurveyAnswer, reason_to_ask
from followup.domain.triggers.reasons import Standing
from followup.satisfaction import repository
from followup.satisfaction.repository import StoredAnswer
from followup.triggers.reasons import Reasons
from followup.triggers.reporting import Report, ReportKind, admitted_reports, new_events
from followup.triggers.repository import StoredReason, standings
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.cloudevents.codec import Received, content_hash, event_key
from kakehashi_common.contracts.followup_triggers import SatisfactionAnswered
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.errors import NotFoundError
from kakehashi_common.lead_merges import repository as merges

_REPORTS: Final = "//kakehashi/followup/survey-answers"
"""The source of what is reported by HTTP or in a file."""
_KIND: Final = ReportKind("answer", "survey_answers")
_FOUND: Final = "//kakehashi/followup/dissatisfaction"
"""The source of the reasons that follow."""

_answer: Final = TypeAdapter(SurveyAnswer)


@dataclass(frozen=True, slots=True)
class ReportedAnswer:
    """The result for an answer that a person or file reported."""

    report_id: str
    answer_id: UUID
    new: bool
    """Whether it was not reported before."""


class SurveyAnswers:
    """Keeps customers' answers to surveys.

    Args:
        database: where it is kept.
        reasons: takes in the reason that a dissatisfied customer is.
        clock: gives the present time.
    """

    def __init__(self, database: Database, reasons: Reasons, clock: Clock) -> None:
        self._database = database
        self._reasons = reasons
        self._clock = clock

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Take in the answers of a batch of ``followup-triggers-v1``; again changes nothing.

        Raises:
            TransientError: the database is unavailable.
        """
        said = [each for each in batch if isinstance(each.event.data, SatisfactionAnswered)]
        if not said:
            return
        async with self._database.transaction() as connection:
            new = await new_events(await driver_connection(connection), said)
            await self._take(
                connection,
                [
                    StoredAnswer(each.key, answer_of(each.event.data), each.event.occurred_at)
                    for each in new
                ],
            )

    async def report(
        self,
        reported: Sequence[tuple[str, SurveyAnswer, datetime | None]],
        actor: Actor,
        *,
        dry_run: bool,
    ) -> list[ReportedAnswer]:
        """Take in what a person or file reports, each under the reporter's id; it is audited.

        Args:
            reported: id, answer and when it was given; ``None``: now.
            actor: who reports it.
            dry_run: only say what would become of it.

        Raises:
            StateConflictError: an id was used for another answer before (``report_id_reused``).
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        stored = [
            StoredAnswer(event_key(_REPORTS, report_id), answer, at or now)
            for report_id, answer, at in reported
        ]
        reports = [
            Report(report_id, each.answer_id, _content_hash(answer, at))
            for (report_id, answer, at), each in zip(reported, stored, strict=True)
        ]
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            await merges.hold_up(raw)
            gone = await merges.surviving(raw, _leads(stored))
            async with admitted_reports(
                connection, reports, _KIND, actor, dry_run=dry_run
            ) as admitted:
                new = [each for each, is_new in zip(stored, admitted, strict=True) if is_new]
                await self._take(connection, [_under_surviving_id(each, gone) for each in new])
        return [
            ReportedAnswer(each.report_id, each.key, is_new)
            for each, is_new in zip(reports, admitted, strict=True)
        ]

    async def list_answers(
        self,
        *,
        municipality_code: str | None,
        lead_id: str | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> list[StoredAnswer]:
        """Return answers, the newest first; ``None`` matches all.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as raw:
            ids = None if lead_id is None else await merges.all_ids(raw, [lead_id])
            return await repository.list_answers(
                raw, municipality_code=municipality_code, lead_ids=ids, after=after, limit=limit
            )

    async def read(self, answer_id: UUID, actor: Actor) -> StoredAnswer:
        """Return an answer with its comment; it is audited.

        Raises:
            NotFoundError: there is no such answer.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            found = await repository.find(await driver_connection(connection), answer_id)
            if found is None:
                raise NotFoundError(f"there is no answer {answer_id}", field="answer_id")
            await actor.record(
                connection,
                tables.audit_table,
                "read_survey_answer",
                f"survey_answer/{answer_id}",
            )
        return found

    async def _take(self, connection: AsyncConnection, new: Sequence[StoredAnswer]) -> None:
        """Store answers, and raise the reasons that follow."""
        if not new:
            return
        raw = await driver_connection(connection)
        known = await standings(raw, _leads(new))
        sequences = {each.answer.sequence_id for each in new} - {None}
        playbooks = await repository.playbooks_of(raw, [str(each) for each in sequences])
        kept = []
        for each in new:
            answer = each.answer
            if answer.playbook_id is None:
                playbook_id = playbooks.get(answer.sequence_id or "")
                answer = replace(answer, playbook_id=playbook_id)
            if known.get(answer.lead_id or "") is Standing.ERASED:  # a comment is free text
                answer = replace(answer, comment=None)
            kept.append(replace(each, answer=answer))
        await repository.save(raw, kept)
        arisen = [
            StoredReason(event_key(_FOUND, str(each.answer_id)), reason, each.answered_at)
            for each in kept
            if (reason := reason_to_ask(each.answer, japan_day(each.answered_at))) is not None
        ]
        await self._reasons.raise_found(connection, arisen)


def answer_of(data: SatisfactionAnswered) -> SurveyAnswer:
    """Return the answer that an event reports."""
    return SurveyAnswer(
        about=data.about,
        score=data.score,
        municipality_code=data.municipality_code,
        lead_id=data.lead_id,
        playbook_id=data.playbook_id,
        sequence_id=data.sequence_id,
        comment=data.comment,
        owner=data.owner,
    )


def _under_surviving_id(stored: StoredAnswer, gone: Mapping[str, str]) -> StoredAnswer:
    survivor = gone.get(stored.answer.lead_id or "")
    if survivor is None:
        return stored
    return replace(stored, answer=replace(stored.answer, lead_id=survivor))


def _leads(answers: Collection[StoredAnswer]) -> set[str]:
    return {each.answer.lead_id for each in answers if each.answer.lead_id is not None}


def _content_hash(answer: SurveyAnswer, at: datetime | None) -> int:
    written = _answer.dump_json(answer) + ("" if at is None else at.isoformat()).encode()
    return content_hash(answer.about, "", written)
