"""Usage, as the API and files say it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from followup.domain.usage import FallingUse, Series, Usage, check_usage, judge
from followup.usage.service import ReportedUsage
from kakehashi_common.contracts.events import MunicipalityCode, Slug
from kakehashi_common.http.fields import DayWithinReach, Id
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

_A_YEAR = timedelta(days=365)

Users = Annotated[Whole, Field(ge=0, le=10**7)]


class UsageIn(RequestBody):
    """A municipality's use of a product or service, in one period that is over."""

    municipality_code: MunicipalityCode
    contract_id: Id | None = Field(default=None, description="Such as the deal's id")
    metric: Slug = Field(description="What is counted", examples=["logins"])
    begins: DayWithinReach = Field(description="First day of the period in Japan")
    ends: DayWithinReach = Field(description="Its last day; at most a quarter later")
    value: Whole = Field(ge=0, le=10**12, description="How much it was in the period")
    licensed_users: Users | None = None
    active_users: Users | None = Field(
        default=None, description="Of the users those who used it at all"
    )
    source: str = Field(
        min_length=1,
        max_length=500,
        description="Where the figure is from, in one line: reports quote it",
        examples=["利用ログ集計（2026年11月）"],
    )
    owner: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Who looks after the customer: team or staff number, never a name",
    )

    @property
    def series(self) -> Series:
        """The series with which it is compared over time."""
        return Series(self.municipality_code, self.contract_id or "", self.metric)

    def usage(self, today: date) -> Usage:
        """Return what is reported.

        Raises:
            DomainError: the period can't be reported.
        """
        return check_usage(
            Usage(
                self.begins,
                self.ends,
                self.value,
                self.licensed_users,
                self.active_users,
                self.source,
                self.owner,
            ),
            today,
        )


class PeriodOut(ResponseBody):
    """One period."""

    begins: date
    ends: date
    value: int
    licensed_users: int | None
    active_users: int | None
    source: str | None = Field(description="Where the figure is from")

    @classmethod
    def of(cls, usage: Usage) -> "PeriodOut":
        """Show it."""
        return cls(
            begins=usage.begins,
            ends=usage.ends,
            value=usage.value,
            licensed_users=usage.licensed_users,
            active_users=usage.active_users,
            source=usage.source,
        )


class YearOut(ResponseBody):
    """The year until the last period, for a review with the customer."""

    begins: date = Field(description="First day of the first period that is known of it")
    ends: date
    periods: int
    total: int
    mean: float = Field(description="Of a period")


class FallOut(ResponseBody):
    """Whether use falls, by the rule."""

    falls: bool
    recent: float | None = Field(description="Mean of the last weeks; null: too few to say")
    before: float | None = Field(description="Mean of the weeks before; null: too few to say")
    why: str = Field(description="The figures and the rule in words, in Japanese")


class SeriesOut(ResponseBody):
    """One metric of a municipality over time."""

    contract_id: str | None
    metric: str
    last_year: YearOut
    fall: FallOut
    periods: list[PeriodOut] = Field(description="The newest last; 400 days at most")

    @classmethod
    def of(cls, series: Series, periods: Sequence[Usage], rule: FallingUse) -> "SeriesOut":
        """Show it."""
        ends = periods[-1].ends
        year = [each for each in periods if each.ends > ends - _A_YEAR]
        total = sum(each.value for each in year)
        judged = judge(periods, rule)
        return cls(
            contract_id=series.contract_id or None,
            metric=series.metric,
            last_year=YearOut(
                begins=min(each.begins for each in year),
                ends=ends,
                periods=len(year),
                total=total,
                mean=total / len(year),
            ),
            fall=FallOut(
                falls=judged.falls,
                recent=judged.recent,
                before=judged.before,
                why=judged.why.ja,
            ),
            periods=[PeriodOut.of(each) for each in periods],
        )


class UsageOut(ResponseBody):
    """A municipality's use of what it bought."""

    municipality_code: str
    series: list[SeriesOut] = Field(description="By contract and metric")

    @classmethod
    def of(cls, code: str, found: Mapping[Series, Sequence[Usage]], rule: FallingUse) -> "UsageOut":
        """Show it."""
        return cls(
            municipality_code=code,
            series=[SeriesOut.of(series, periods, rule) for series, periods in found.items()],
        )


class ReportedUsageOut(ResponseBody):
    """The result for a reported period."""

    report_id: str
    outcome: str = Field(
        description="`taken`, or `known`: it was reported before", examples=["taken"]
    )

    @classmethod
    def of(cls, reported: ReportedUsage) -> "ReportedUsageOut":
        """Show it."""
        return cls(report_id=reported.report_id, outcome="taken" if reported.new else "known")


class UsageImportOut(ResponseBody):
    """The result of importing a file."""

    dry_run: bool = Field(description="True: nothing was stored")
    reported: list[ReportedUsageOut]
