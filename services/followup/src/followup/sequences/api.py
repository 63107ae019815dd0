"""``/v1/sequences``: contacts on their way through playbooks."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Path, Query, Request, Response, status
from pydantic import TypeAdapter

from followup.domain.playbooks.playbook import Playbook
from followup.domain.sequences import commands
from followup.domain.sequences.terms import Status
from followup.fields import ByWhom, Reader, Writer
from followup.sequences.repository import SequenceFilter, StoredSequence
from followup.sequences.schemas import (
    PauseIn,
    ReactionIn,
    SequenceFactOut,
    SequenceIn,
    SequenceOut,
    SequenceStatusOut,
    SkipIn,
    TimelineOut,
)
from followup.sequences.service import Sequences
from followup.sequences.timelines import Timelines
from kakehashi_common.auth import Principal, origin_of
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, IdempotencyKey, Limit
from kakehashi_common.http.idempotency import idempotent_request, made_id

SequenceId = Annotated[Id, Path()]
OnlyBy = Annotated[ByWhom, Body()]

_KEY: Final = TypeAdapter(tuple[Id])
_FACT_KEY: Final = TypeAdapter(tuple[int, int])


def router(sequences: Sequences, timelines: Timelines) -> APIRouter:
    """Return the routes of sequences."""
    routes = APIRouter(prefix="/v1/sequences", tags=["sequences"])
    _reading_routes(routes, sequences, timelines)
    _message_routes(routes, sequences)
    return routes


def _reading_routes(routes: APIRouter, sequences: Sequences, timelines: Timelines) -> None:
    @routes.post("", status_code=status.HTTP_201_CREATED)
    async def enter_playbook(
        request: Request,
        response: Response,
        wanted: SequenceIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> SequenceStatusOut:
        """Have a contact enter a playbook.

        A contact is in a playbook once at a time, and who must not be written to is in none
        (`suppressed`). Sent again with the same `Idempotency-Key`, it is done once and answered
        alike.
        """
        repeat = await idempotent_request(request, who, idempotency_key)
        version = wanted.playbook_version or await sequences.version_in_force(wanted.playbook_id)
        by, origin = _said(request, who, wanted)
        playbook = await _playbook_of(sequences, wanted.playbook_id, version)
        name = None if playbook is None else playbook.name
        enter = wanted.enter(made_id(repeat), version, by, origin, name)
        entered = await sequences.enter_by_hand(enter, repeat)
        response.headers["Location"] = f"/v1/sequences/{entered.sequence_id}"
        return SequenceStatusOut.of(entered)

    @routes.get("", dependencies=[Reader])
    async def list_sequences(  # noqa: PLR0913, PLR0917 - one argument a filter
        lead_id: Annotated[LeadId | None, Query()] = None,
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        playbook_id: Annotated[Id | None, Query()] = None,
        standing: Annotated[Status | None, Query(alias="status")] = None,
        is_open: Annotated[bool | None, Query(alias="open")] = None,
        owner: Annotated[Id | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[SequenceOut]:
        """List the sequences that match all given filters, by id."""
        after = decode_cursor("sequences", cursor, _KEY)
        wanted = SequenceFilter(
            lead_id,
            municipality_code,
            playbook_id,
            None if standing is None else standing.value,
            is_open,
            owner,
        )
        rows = await sequences.list_sequences(
            wanted, after=None if after is None else after[0], limit=limit + 1
        )
        shown, next_cursor = page("sequences", rows, limit, lambda row: (row.state.sequence_id,))
        versions = [(row.state.playbook_id, row.state.playbook_version) for row in shown]
        playbooks = await sequences.playbooks_of(versions)
        items = [
            SequenceOut.of(row, playbooks.get(version))
            for row, version in zip(shown, versions, strict=True)
        ]
        return Page(items=items, next_cursor=next_cursor)

    @routes.get("/{sequence_id}", dependencies=[Reader])
    async def get_sequence(sequence_id: SequenceId) -> SequenceOut:
        """Return one sequence as last recorded; works while Temporal is unavailable, too."""
        found = await sequences.find(sequence_id)
        return SequenceOut.of(found, await _goes_by(sequences, found))

    @routes.get("/{sequence_id}/history", dependencies=[Reader])
    async def list_sequence_history(
        sequence_id: SequenceId, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[SequenceFactOut]:
        """List the facts of a sequence, in order."""
        after = decode_cursor("sequence_history", cursor, _FACT_KEY)
        rows = await sequences.facts(sequence_id, after=after, limit=limit + 1)
        shown, next_cursor = page(
            "sequence_history", rows, limit, lambda row: (row.version, row.position)
        )
        playbook = await _goes_by(sequences, await sequences.find(sequence_id))
        items = [SequenceFactOut.of(row, playbook) for row in shown]
        return Page(items=items, next_cursor=next_cursor)

    @routes.get("/{sequence_id}/timeline", dependencies=[Reader])
    async def get_sequence_timeline(sequence_id: SequenceId) -> TimelineOut:
        """Return the history, and an estimate of the remaining steps as if nobody reacted."""
        return TimelineOut.of(await timelines.timeline(sequence_id))


def _message_routes(routes: APIRouter, sequences: Sequences) -> None:
    async def send(
        request: Request,
        who: Principal,
        key: str | None,
        sequence_id: str,
        message: commands.Message,
    ) -> SequenceStatusOut:
        repeat = await idempotent_request(request, who, key)
        return SequenceStatusOut.of(await sequences.send(sequence_id, message, repeat))

    @routes.post("/{sequence_id}/pause")
    async def pause_sequence(
        request: Request,
        sequence_id: SequenceId,
        body: PauseIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> SequenceStatusOut:
        """Pause it; an occurrence that ends it ends it all the same."""
        message = body.command(*_said(request, who, body))
        return await send(request, who, idempotency_key, sequence_id, message)

    @routes.post("/{sequence_id}/resume")
    async def resume_sequence(
        request: Request,
        sequence_id: SequenceId,
        body: OnlyBy,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> SequenceStatusOut:
        """Resume it; a scheduled step is planned again."""
        by, origin = _said(request, who, body)
        message = commands.Resume(by, origin=origin)
        return await send(request, who, idempotency_key, sequence_id, message)

    @routes.post("/{sequence_id}/skip")
    async def skip_step(
        request: Request,
        sequence_id: SequenceId,
        body: SkipIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> SequenceStatusOut:
        """Leave the present step out."""
        by, origin = _said(request, who, body)
        message = commands.Skip(by, body.step_id, origin=origin)
        return await send(request, who, idempotency_key, sequence_id, message)

    @routes.post("/{sequence_id}/stop")
    async def stop_sequence(
        request: Request,
        sequence_id: SequenceId,
        body: OnlyBy,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> SequenceStatusOut:
        """End it."""
        by, origin = _said(request, who, body)
        message = commands.Stop(by, origin=origin)
        return await send(request, who, idempotency_key, sequence_id, message)

    @routes.post("/{sequence_id}/reactions")
    async def record_reaction(
        request: Request,
        sequence_id: SequenceId,
        body: ReactionIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> SequenceStatusOut:
        """Record a reaction of the contact, such as an answer by telephone."""
        message = body.command(*_said(request, who, body))
        return await send(request, who, idempotency_key, sequence_id, message)


async def _goes_by(sequences: Sequences, stored: StoredSequence) -> Playbook | None:
    state = stored.state
    return await _playbook_of(sequences, state.playbook_id, state.playbook_version)


async def _playbook_of(sequences: Sequences, playbook_id: str, version: int) -> Playbook | None:
    return (await sequences.playbooks_of([(playbook_id, version)])).get((playbook_id, version))


def _said(request: Request, who: Principal, body: ByWhom) -> tuple[str, str]:
    """Return who acts, and where that came from."""
    return body.by or who.subject, origin_of(request, who, body.by)
