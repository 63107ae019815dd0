"""``/v1/reports/criteria``, ``/v1/reports/packet-quality``."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from handoff.domain.handoff.labels import CRITERIA
from handoff.domain.packet.fields import FIELDS
from handoff.domain.packet.packet import Verdict
from handoff.domain.packet.quality import (
    ENTRY_RATE_TARGET,
    QUALITY_TARGET,
    Entered,
    Verdicts,
)
from handoff.domain.readiness import Answer, Criterion, CriterionOutcome
from handoff.domain.teams.members import Role
from handoff.packets.reports import PacketQuality, PacketReports, Reviewed
from handoff.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.http.fields import DayWithinReach
from kakehashi_common.http.rates import RateOut
from kakehashi_common.http.requests import ResponseBody

_YEAR: Final = 365
_QUARTER: Final = 91
_WEEK: Final = 7


Since = Annotated[DayWithinReach | None, Query(description="The first day, in Japan")]
Until = Annotated[
    DayWithinReach | None, Query(description="The last day, in Japan; today when absent")
]
ToRole = Annotated[Role | None, Query(description="Who received; all when absent")]


class CriterionOutcomeOut(ResponseBody):
    """The outcomes of handoffs for which a criterion had the same answer."""

    criterion: Criterion
    label: str
    answer: Answer = Field(description="As computed when the handoff was requested")
    in_force: Answer = Field(description="Another one: a person overrode it")
    accepted: RateOut = Field(description="Of those that were answered")
    won: RateOut = Field(description="Of those whose deal has an outcome")

    @classmethod
    def of(cls, found: CriterionOutcome) -> "CriterionOutcomeOut":
        """Show it."""
        return cls(
            criterion=found.criterion,
            label=CRITERIA[found.criterion],
            answer=found.answer,
            in_force=found.in_force,
            accepted=RateOut.of(found.accepted),
            won=RateOut.of(found.won),
        )


class CriteriaOut(ResponseBody):
    """Each criterion of readiness against acceptance and win."""

    since: date
    until: date
    items: list[CriterionOutcomeOut]


class VerdictsOut(ResponseBody):
    """Verdicts of the receiving side."""

    n: int
    confirmed: RateOut
    wrong: RateOut
    unknown: RateOut

    @classmethod
    def of(cls, found: Verdicts) -> "VerdictsOut":
        """Show it."""
        return cls(n=found.n, **{each.value: RateOut.of(found.share(each)) for each in Verdict})


class EntryRateOut(ResponseBody):
    """The share of accepted handoffs for which a required field was filled."""

    field: str
    label: str
    filled: RateOut

    @classmethod
    def of(cls, key: str, found: Entered) -> "EntryRateOut":
        """Show it."""
        return cls(field=key, label=_label(key), filled=RateOut.of(found.rate))


class FieldQualityOut(ResponseBody):
    """The verdicts on the texts of one field."""

    field: str
    label: str
    verdicts: VerdictsOut


class SourceQualityOut(ResponseBody):
    """The verdicts on what one source or person has said."""

    source: str = Field(description="The source of events, or a member's id")
    verdicts: VerdictsOut


class PacketQualityOut(ResponseBody):
    """The quality of packets: the required fields filled, and the texts confirmed."""

    since: date
    until: date
    entry_rate: RateOut = Field(description="Of required fields, when handoffs were accepted")
    entry_rate_target: float
    entry_rates: list[EntryRateOut]
    quality: RateOut = Field(description="Confirmed, of all texts that were judged")
    quality_target: float
    fields: list[FieldQualityOut]
    sources: list[SourceQualityOut] = Field(description="Of what was prepared from events")
    people: list[SourceQualityOut] = Field(description="Of what people entered")

    @classmethod
    def of(cls, since: date, until: date, found: PacketQuality) -> "PacketQualityOut":
        """Show it."""
        entered, verdicts = found.entered, found.verdicts
        return cls(
            since=since,
            until=until,
            entry_rate=RateOut.of(
                Proportion(
                    sum(each.filled for each in entered.values()),
                    sum(each.required for each in entered.values()),
                )
            ),
            entry_rate_target=ENTRY_RATE_TARGET,
            entry_rates=[EntryRateOut.of(key, each) for key, each in entered.items()],
            quality=RateOut.of(verdicts.total.share(Verdict.CONFIRMED)),
            quality_target=QUALITY_TARGET,
            fields=[
                FieldQualityOut(field=key, label=_label(key), verdicts=VerdictsOut.of(each))
                for key, each in verdicts.fields.items()
            ],
            sources=_by_source(verdicts.sources),
            people=_by_source(verdicts.people),
        )


class ReviewedOut(ResponseBody):
    """A handoff to talk about in the week's review."""

    handoff_id: str
    lead_id: str
    sender: str | None
    owner: str | None
    missing: list[str] = Field(description="Required fields that were empty")
    wrong: list[str] = Field(description="Fields that the receiving side found wrong")

    @classmethod
    def of(cls, found: Reviewed) -> "ReviewedOut":
        """Show it."""
        return cls(
            handoff_id=found.handoff_id,
            lead_id=found.lead_id,
            sender=found.sender,
            owner=found.owner,
            missing=list(found.missing),
            wrong=list(found.wrong),
        )


class ReviewOut(ResponseBody):
    """The packets that a week's review looks at."""

    since: date
    until: date
    items: list[ReviewedOut] = Field(description="By handoff; the first 200")


def router(reports: PacketReports) -> APIRouter:
    """Return the routes of reports over packets."""
    routes = APIRouter(
        prefix="/v1/reports", tags=["reports"], dependencies=[Depends(require_scope(READ))]
    )

    @routes.get("/criteria")
    async def get_criteria_report(
        since: Since = None, until: Until = None, to_role: ToRole = None
    ) -> CriteriaOut:
        """Compare each criterion of readiness with acceptance and win; the last year if not said.

        A criterion that tells nothing has about the same rate whether it is met or not. Rates are
        associations, not causes.
        """
        period = reports.period(_YEAR, since, until, to_role)
        found = await reports.criteria(period)
        return CriteriaOut(
            since=period.since,
            until=period.until,
            items=[CriterionOutcomeOut.of(each) for each in found],
        )

    @routes.get("/packet-quality")
    async def get_packet_quality(
        since: Since = None, until: Until = None, to_role: ToRole = None
    ) -> PacketQualityOut:
        """Show how complete packets were at acceptance, and what was confirmed of them.

        By field, by source of what was prepared, and by person; the last 91 days if not said.
        """
        period = reports.period(_QUARTER, since, until, to_role)
        return PacketQualityOut.of(period.since, period.until, await reports.quality(period))

    @routes.get("/packet-review")
    async def get_packet_review(
        since: Since = None, until: Until = None, to_role: ToRole = None
    ) -> ReviewOut:
        """List handoffs whose packets lacked a required field, or had something wrong in it.

        For the weekly review: the last seven days if not said.
        """
        period = reports.period(_WEEK, since, until, to_role)
        found = await reports.review(period)
        return ReviewOut(
            since=period.since,
            until=period.until,
            items=[ReviewedOut.of(each) for each in found],
        )

    return routes


def _label(key: str) -> str:
    return FIELDS[key].label if key in FIELDS else key


def _by_source(found: Mapping[str, Verdicts]) -> list[SourceQualityOut]:
    return [
        SourceQualityOut(source=source, verdicts=VerdictsOut.of(each))
        for source, each in found.items()
    ]
