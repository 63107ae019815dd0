"""``/v1/usage``: how much customers use what they bought."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from followup.fields import DryRun, Reader, Writer
from followup.triggers.schemas import ReportId
from followup.usage.schemas import ReportedUsageOut, UsageImportOut, UsageIn, UsageOut
from followup.usage.service import CustomerUsage
from followup.usage.usage_file import USAGE
from kakehashi_common.auth import actor_of
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.http.csv_files import REFUSED, document, rows_of


def router(customers: CustomerUsage, clock: Clock) -> APIRouter:
    """Return the routes of usage."""
    routes = APIRouter(prefix="/v1/usage", tags=["usage"])

    @routes.get("", dependencies=[Reader])
    async def get_usage(municipality_code: Annotated[MunicipalityCode, Query()]) -> UsageOut:
        """Show how much a municipality uses what it bought, with the source of each figure.

        `last_year` is for a review with the customer; `fall` says whether use falls, and why or
        why not.
        """
        found = await customers.of_municipality(municipality_code)
        return UsageOut.of(municipality_code, found, customers.rule)

    @routes.post("/import", openapi_extra=document(USAGE), responses=REFUSED)
    async def import_usage(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> UsageImportOut:
        """Report every period of a file, or none; what was reported before changes nothing."""
        today = japan_day(clock.now())
        reported = USAGE.convert(
            await rows_of(request, USAGE),
            lambda row: (row.row_id, row.said.series, row.said.usage(today)),
        )
        done = await customers.report(reported, actor_of(request, who), dry_run=dry_run)
        return UsageImportOut(
            dry_run=dry_run, reported=[ReportedUsageOut.of(each) for each in done]
        )

    @routes.put("/{report_id}")
    async def report_usage(
        request: Request, report_id: ReportId, body: UsageIn, who: Writer
    ) -> ReportedUsageOut:
        """Report a period; what was reported before under this id changes nothing.

        A correction of a period comes under another id.
        """
        reported = (report_id, body.series, body.usage(japan_day(clock.now())))
        (done,) = await customers.report([reported], actor_of(request, who), dry_run=False)
        return ReportedUsageOut.of(done)

    return routes
