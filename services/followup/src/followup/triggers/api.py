"""``/v1/reasons``: reasons to contact somebody, reported and listed."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request

from followup.fields import DryRun
from followup.scopes import READ, WRITE
from followup.triggers.reason_file import REASONS
from followup.triggers.reasons import OtherMunicipalityError, Reasons
from followup.triggers.schemas import (
    ReasonIn,
    ReasonsImportOut,
    ReasonsOut,
    ReportedOut,
    ReportId,
)
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.http.csv_files import REFUSED, document, rows_of

Writer = Annotated[Principal, Depends(require_scope(WRITE))]
_READERS: Final = [Depends(require_scope(READ))]


def router(reasons: Reasons) -> APIRouter:
    """Return the routes of reasons."""
    routes = APIRouter(prefix="/v1/reasons", tags=["reasons"])

    @routes.get("", dependencies=_READERS)
    async def list_reasons(
        municipality_code: MunicipalityCode | None = None, lead_id: LeadId | None = None
    ) -> ReasonsOut:
        """List the reasons to act on today, the most important first.

        And those that came today and are not acted on, with the cause.
        """
        good = await reasons.good_today(municipality_code=municipality_code, lead_id=lead_id)
        aside = await reasons.set_aside_today(municipality_code=municipality_code, lead_id=lead_id)
        return ReasonsOut.of(good, aside)

    @routes.post("/import", openapi_extra=document(REASONS), responses=REFUSED)
    async def import_reasons(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> ReasonsImportOut:
        """Report every reason of a file, or none; what was reported before changes nothing."""
        rows = await rows_of(request, REASONS)
        reported = REASONS.convert(rows, lambda row: (row.row_id, row.said.reason()))
        try:
            done = await reasons.report(reported, actor_of(request, who), dry_run=dry_run)
        except OtherMunicipalityError as error:
            raise REASONS.error(
                [
                    row.mistake("municipality_code", error.why[row.row_id])
                    for row in rows
                    if row.row_id in error.why
                ]
            ) from error
        return ReasonsImportOut(dry_run=dry_run, reported=[ReportedOut.of(each) for each in done])

    @routes.put("/{report_id}")
    async def report_reason(
        request: Request, report_id: ReportId, body: ReasonIn, who: Writer
    ) -> ReportedOut:
        """Report a reason; what was reported before under this id changes nothing."""
        (done,) = await reasons.report(
            [(report_id, body.reason())], actor_of(request, who), dry_run=False
        )
        return ReportedOut.of(done)

    return routes
