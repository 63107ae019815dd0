"""``/v1/consents``, ``/v1/suppressions``, ``/v1/sending-pauses``: who may be written to."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from pydantic import TypeAdapter

from followup.consents.files import CONSENTS, SUPPRESSIONS
from followup.consents.schemas import (
    ConsentIn,
    ConsentsImportOut,
    ConsentsOut,
    LiftIn,
    SendingPauseIn,
    SuppressionIn,
    SuppressionOut,
    SuppressionsImportOut,
)
from followup.consents.service import Consents
from followup.domain.consents.consent import check_consent
from followup.fields import DryRun, Writer
from followup.scopes import PERSONAL_DATA
from kakehashi_common.auth import actor_of, require_scope
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.csv_files import REFUSED, document, rows_of
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, Limit

_KEY: Final = TypeAdapter(tuple[str, str])


def router(consents: Consents, clock: Clock) -> APIRouter:
    """Return the routes of consents, suppressions and pauses."""
    routes = APIRouter(prefix="/v1")
    _consent_routes(routes, consents)
    _suppression_routes(routes, consents, clock)
    _pause_routes(routes, consents, clock)
    _import_routes(routes, consents, clock)
    return routes


def _consent_routes(routes: APIRouter, consents: Consents) -> None:
    private = [Depends(require_scope(PERSONAL_DATA))]

    @routes.post("/consents", tags=["consents"])
    async def record_consent(request: Request, body: ConsentIn, who: Writer) -> ConsentsOut:
        """Record on which basis an address may be written to; a basis replaces its record."""
        recorded = await consents.record(
            body.address,
            body.consent(),
            actor_of(request, who),
            page_refuses_advertising=body.page_refuses_advertising,
        )
        return ConsentsOut.of(recorded)

    @routes.get("/consents", tags=["consents"], dependencies=private)
    async def get_consents(
        response: Response, address: Annotated[EmailAddress, Query()]
    ) -> ConsentsOut:
        """Return the records of one address."""
        response.headers["Cache-Control"] = "no-store"
        return ConsentsOut.of(await consents.of_address(address))


def _import_routes(routes: APIRouter, consents: Consents, clock: Clock) -> None:
    @routes.post(
        "/consents/import", tags=["consents"], openapi_extra=document(CONSENTS), responses=REFUSED
    )
    async def import_consents(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> ConsentsImportOut:
        """Record every consent of a file, or none; a basis replaces its record."""
        found, mistakes = {}, []
        today = japan_day(clock.now())
        for row in await rows_of(request, CONSENTS):
            refuses = row.said.page_refuses_advertising
            try:
                found[row.row_id] = check_consent(
                    row.said.consent(), today=today, page_refuses_advertising=refuses
                )
            except DomainError as error:
                mistakes.append(row.mistake(error.field or "", error.message))
        if mistakes:
            raise CONSENTS.error(mistakes)
        if not dry_run:
            await consents.record_all(found, actor_of(request, who))
        return ConsentsImportOut(dry_run=dry_run, rows=len(found))

    @routes.post(
        "/suppressions/import",
        tags=["suppressions"],
        openapi_extra=document(SUPPRESSIONS),
        responses=REFUSED,
    )
    async def import_suppressions(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> SuppressionsImportOut:
        """Send nothing any more to anybody in a file; it holds at once, for all of it or none.

        The sequences of all whom it names end.
        """
        found, mistakes = [], []
        for row in await rows_of(request, SUPPRESSIONS):
            try:
                found.append(row.said.suppression(row.row_id, clock.now()))
            except DomainError as error:
                mistakes.append(row.mistake(error.field or "", error.message))
        if mistakes:
            raise SUPPRESSIONS.error(mistakes)
        added = await consents.suppress_all(found, actor_of(request, who), dry_run=dry_run)
        return SuppressionsImportOut(dry_run=dry_run, rows=len(found), added=added)


def _suppression_routes(routes: APIRouter, consents: Consents, clock: Clock) -> None:
    @routes.post("/suppressions", tags=["suppressions"])
    async def add_suppression(request: Request, body: SuppressionIn, who: Writer) -> SuppressionOut:
        """Send nothing any more to a person, an address, a domain or an organisation.

        It holds at once, whether Temporal is there or not, and ends the sequences of all whom it
        names, tasks and calls among them: as `opted_out`, for the cause `bounce` as `bounced`, for
        `seller` and `erasure` as `suppressed`. Nobody whom it names enters a playbook. Doing it
        again changes nothing: the first record stays.
        """
        suppression = body.suppression(clock.now())
        await consents.suppress(suppression, actor_of(request, who))
        return SuppressionOut.of(suppression)

    @routes.post(
        "/suppressions/lift", tags=["suppressions"], status_code=status.HTTP_204_NO_CONTENT
    )
    async def lift_suppression(request: Request, body: LiftIn, who: Writer) -> None:
        """Allow mail again, since the person says so; the reason is audited.

        A sequence that has ended stays ended: the contact may enter another one.
        """
        await consents.lift(body.key(), body.reason, actor_of(request, who))

    @routes.get(
        "/suppressions",
        tags=["suppressions"],
        dependencies=[Depends(require_scope(PERSONAL_DATA))],
    )
    async def list_suppressions(
        response: Response, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[SuppressionOut]:
        """List the suppressions: everybody who must not be written to."""
        response.headers["Cache-Control"] = "no-store"
        after = decode_cursor("suppressions", cursor, _KEY)
        rows = await consents.list_suppressions(after=after, limit=limit + 1)
        shown, next_cursor = page(
            "suppressions", rows, limit, lambda row: (row.key.scope.value, row.key.value)
        )
        return Page(items=[SuppressionOut.of(row) for row in shown], next_cursor=next_cursor)


def _pause_routes(routes: APIRouter, consents: Consents, clock: Clock) -> None:
    @routes.put(
        "/sending-pauses/{pause_id}",
        tags=["sending-pauses"],
        status_code=status.HTTP_204_NO_CONTENT,
    )
    async def pause_sending(
        request: Request, pause_id: Annotated[Id, Path()], body: SendingPauseIn, who: Writer
    ) -> None:
        """Send nothing to a municipality, or to nobody at all, for a time.

        Mails wait, and go when it ends; so do the tasks of a municipality, but for what follows
        from a disaster or an enquiry. It ends no sequence: a suppression does.
        """
        await consents.pause(pause_id, body.pause(clock.now()), actor_of(request, who))

    @routes.delete(
        "/sending-pauses/{pause_id}",
        tags=["sending-pauses"],
        status_code=status.HTTP_204_NO_CONTENT,
    )
    async def end_sending_pause(
        request: Request, pause_id: Annotated[Id, Path()], who: Writer
    ) -> None:
        """Let mail go again."""
        await consents.end_pause(pause_id, actor_of(request, who))
