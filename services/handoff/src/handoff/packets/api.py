"""``/v1/handoffs/{handoff_id}/packet``: read, entered, judged."""

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from handoff.domain.teams.members import Role
from handoff.packets.page import html, markdown, page
from handoff.packets.schemas import EntryIn, FieldInPath, PacketOut, VerdictIn
from handoff.packets.service import Packets, ShownPacket
from handoff.scopes import READ, WRITE
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.clock import Clock
from kakehashi_common.http.etags import (
    NOT_MODIFIED,
    REVALIDATE,
    Precondition,
    digest,
    etag,
    require_match,
    require_no_match,
)
from kakehashi_common.http.fields import Id, IfMatch, IfNoneMatch

Reader = Depends(require_scope(READ))
Writer = Annotated[Principal, Depends(require_scope(WRITE))]
HandoffIdInPath = Annotated[Id, Path()]


class Format(StrEnum):
    """In what a packet is written."""

    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


MEDIA_TYPES: Final = {
    "application/json": Format.JSON,
    "text/markdown": Format.MARKDOWN,
    "text/html": Format.HTML,
}
_WRITTEN: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "text/markdown": {"schema": {"type": "string"}},
            "text/html": {"schema": {"type": "string"}},
        }
    }
}
_LOCKED_DOWN: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def router(packets: Packets, clock: Clock) -> APIRouter:
    """Return the routes of packets."""
    routes = APIRouter(prefix="/v1/handoffs/{handoff_id}/packet", tags=["packets"])
    _read_route(routes, packets, clock)

    @routes.put("/{field}")
    async def enter_packet_field(
        request: Request,
        response: Response,
        handoff_id: HandoffIdInPath,
        field: FieldInPath,
        body: EntryIn,
        who: Writer,
        if_match: IfMatch = None,
    ) -> PacketOut:
        """Enter a text into a field, or clear it.

        What a person enters stands instead of what is prepared from events, until it is cleared.
        `If-Match: *` takes any version of the packet.
        """
        actor = actor_of(request, who)
        shown = await packets.enter(
            handoff_id,
            field,
            body.text,
            by=body.by or actor.who,
            precondition=_as_seen(if_match),
            actor=actor,
        )
        return _tagged(response, shown)

    @routes.post("/{field}/verdict")
    async def judge_packet_field(
        request: Request,
        response: Response,
        handoff_id: HandoffIdInPath,
        field: FieldInPath,
        body: VerdictIn,
        who: Writer,
        if_match: IfMatch = None,
    ) -> PacketOut:
        """Say whether a field's text was confirmed, wrong, or could not be found out.

        Only the owners of the handoff judge. The verdict belongs to the text as it stands now: once
        the text changes, it has none.
        """
        actor = actor_of(request, who)
        shown = await packets.judge(
            handoff_id,
            field,
            body.verdict,
            by=body.by or actor.who,
            precondition=_as_seen(if_match),
            actor=actor,
        )
        return _tagged(response, shown)

    return routes


def _read_route(routes: APIRouter, packets: Packets, clock: Clock) -> None:
    @routes.get(
        "",
        dependencies=[Reader],
        response_model=PacketOut,
        responses=NOT_MODIFIED | _WRITTEN,
    )
    async def get_packet(
        response: Response,
        handoff_id: HandoffIdInPath,
        written: Annotated[
            Format | None, Query(alias="format", description="Goes before `Accept`")
        ] = None,
        reader: Annotated[
            Role | None,
            Query(alias="for", description="Who reads it; the receiving role if absent"),
        ] = None,
        *,
        internal: Annotated[
            bool, Query(description="False: the municipality's copy, such as for a successor")
        ] = True,
        accept: Annotated[str | None, Header(include_in_schema=False)] = None,
        if_none_match: IfNoneMatch = None,
    ) -> PacketOut | Response:
        """Show the packet as JSON, Markdown, or HTML that prints on one sheet of A4.

        The five first lines are the same for every reader; the sections follow in the order in
        which the role needs them. `internal=false` leaves out how the seller sees the municipality:
        score, rivals, risks, people, notes.
        """
        shown = await packets.show(handoff_id)
        role = reader or shown.state.kind.to_role
        chosen = written or preferred(accept)
        headers = {**REVALIDATE, "Vary": "Accept"}
        if chosen is Format.JSON:
            out = PacketOut.of(shown, role, internal=internal)
            response.headers.update(require_no_match(if_none_match, _tag(shown), headers))
            return out
        shown_page = page(
            shown.state,
            shown.assembled.packet,
            shown.assembled.completeness,
            shown.names,
            role=role,
            lead=shown.assembled.lead,
            internal=internal,
            now=clock.now(),
        )
        if chosen is Format.MARKDOWN:
            return Response(markdown(shown_page), media_type="text/markdown", headers=headers)
        return Response(html(shown_page), media_type="text/html", headers=headers | _LOCKED_DOWN)


def preferred(accept: str | None) -> Format:
    """Return the format that an ``Accept`` header prefers; JSON if it names none of ours."""
    weights: dict[Format, float] = {}
    for part in (accept or "").split(","):
        media_type, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        if (offered := MEDIA_TYPES.get(media_type)) and weight.replace(".", "", 1).isdecimal():
            weights[offered] = float(weight)
    return max(weights, key=weights.__getitem__, default=Format.JSON)


def _tag(shown: ShownPacket) -> str:
    """Return the tag of all that stands in the packet, whoever reads it."""
    everything = PacketOut.of(shown, shown.state.kind.to_role, internal=True)
    written = everything.model_dump_json() + repr(shown.assembled.packet.entries)
    return etag(digest(written.encode()))


def _as_seen(if_match: str | None) -> Precondition[ShownPacket]:
    return lambda shown: require_match(if_match, _tag(shown))


def _tagged(response: Response, shown: ShownPacket) -> PacketOut:
    response.headers["ETag"] = _tag(shown)
    return PacketOut.of(shown, shown.state.kind.to_role, internal=True)
