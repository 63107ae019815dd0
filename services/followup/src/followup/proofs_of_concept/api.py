"""``/v1/proofs-of-concept``: agreed beforehand, measured weekly, judged at the end."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from followup.fields import Reader, Writer
from followup.proofs_of_concept.page import proof_page
from followup.proofs_of_concept.schemas import ProofIn, ProofOut
from followup.proofs_of_concept.service import ProofsOfConcept
from followup.sequences.api import SequenceId
from kakehashi_common.audit import Actor
from kakehashi_common.auth import origin_of
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Limit

_KEY: Final = TypeAdapter(tuple[str])
_HTML: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}
_PAGE_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
"""The page needs nothing but its own style."""


def router(proofs: ProofsOfConcept) -> APIRouter:
    """Return the routes of proofs of concept."""
    routes = APIRouter(prefix="/v1/proofs-of-concept", tags=["proofs-of-concept"])

    @routes.get("", dependencies=[Reader])
    async def list_proofs_of_concept(
        lead_id: Annotated[LeadId | None, Query()] = None,
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ProofOut]:
        """List the proofs of concept of a contact or municipality, by sequence."""
        after = decode_cursor("proofs-of-concept", cursor, _KEY)
        found = await proofs.list_proofs(
            lead_id=lead_id,
            municipality_code=municipality_code,
            after=None if after is None else after[0],
            limit=limit + 1,
        )
        shown, next_cursor = page(
            "proofs-of-concept", found, limit, lambda each: (each.stored.sequence_id,)
        )
        return Page(items=[ProofOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.put("/{sequence_id}")
    async def agree_proof_of_concept(
        request: Request, sequence_id: SequenceId, body: ProofIn, who: Writer
    ) -> ProofOut:
        """Keep what was agreed: until the first week was measured it can be changed."""
        actor = Actor(body.by or who.subject, origin_of(request, who, body.by))
        return ProofOut.of(await proofs.agree(sequence_id, body.agreed(), actor))

    @routes.get("/{sequence_id}", dependencies=[Reader])
    async def get_proof_of_concept(sequence_id: SequenceId) -> ProofOut:
        """Show what was agreed, what each week came to, and what has become of it."""
        return ProofOut.of(await proofs.get(sequence_id))

    @routes.get(
        "/{sequence_id}/page.html",
        dependencies=[Reader],
        response_class=Response,
        responses=_HTML,
    )
    async def get_proof_of_concept_page(sequence_id: SequenceId) -> Response:
        """Show the same on one A4 page to print, in Japanese."""
        written = proof_page(await proofs.get(sequence_id))
        return Response(written, media_type="text/html; charset=utf-8", headers=_PAGE_HEADERS)

    return routes
