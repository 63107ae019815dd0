"""Measures, as the API shows them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import ClockName, Status
from handoff.domain.measures import durations
from handoff.domain.measures.pairs import Pair, Shrunk
from handoff.domain.measures.report import Cut, RejectedFor, Row, StayedIn, Transition
from handoff.domain.measures.rounds import Step
from handoff.measures.names import Names
from kakehashi_common.http.fields import WeekName
from kakehashi_common.http.rates import RateOut
from kakehashi_common.http.requests import ResponseBody

Hours = Annotated[float, Field(ge=0, description="Hours")]


StepName = Literal["requested", "assigned", "accepted", "contacted", "met", "won"]
_STEPS: Mapping[Step, StepName] = {
    Step.REQUESTED: "requested",
    Step.ASSIGNED: "assigned",
    Step.ACCEPTED: "accepted",
    Step.CONTACTED: "contacted",
    Step.MET: "met",
    Step.WON: "won",
}


def step_name(step: Step) -> StepName:
    """Return the API's name of a step."""
    return _STEPS[step]


class HoursOut(ResponseBody):
    """A summary of durations in hours."""

    median: Hours
    p90: Hours = Field(description="Nine of ten took at most so long")
    mean: Hours

    @classmethod
    def of(cls, found: durations.Hours) -> "HoursOut":
        """Show it."""
        return cls(median=found.median, p90=found.p90, mean=found.mean)


class DurationsOut(ResponseBody):
    """A summary of durations; null where there is nothing to measure."""

    n: int
    business_hours: HoursOut | None
    hours: HoursOut | None = Field(description="On the clock on the wall")

    @classmethod
    def of(cls, found: durations.Durations) -> "DurationsOut":
        """Show it."""
        return cls(
            n=found.n,
            business_hours=found.business and HoursOut.of(found.business),
            hours=found.wall_clock and HoursOut.of(found.wall_clock),
        )


class ClockOut(ResponseBody):
    """The share of one clock's deadlines that were kept."""

    clock: ClockName
    kept: RateOut


class StayedInOut(ResponseBody):
    """The time that handoffs spent in a status."""

    status: Status
    n: int = Field(description="Stays that have ended")
    open: int = Field(description="Stays that last")
    hours: HoursOut | None = Field(description="Of those that have ended")

    @classmethod
    def of(cls, found: StayedIn) -> "StayedInOut":
        """Show it."""
        return cls(
            status=found.status,
            n=found.n,
            open=found.open,
            hours=found.took and HoursOut.of(found.took),
        )


class LossOut(ResponseBody):
    """The number of rounds that were lost for one reason."""

    reason: str = Field(description="Of a rejection, `lost`, `no_decision` or `withdrawn`")
    count: int


def losses(lost: Mapping[str, int]) -> list[LossOut]:
    """Show the reasons for which rounds were lost."""
    return [LossOut(reason=reason, count=count) for reason, count in lost.items()]


class TransitionOut(ResponseBody):
    """The outcome of the rounds that reached a step."""

    step: StepName
    went_on: RateOut = Field(description="Of those that have left the step")
    open: int = Field(description="Those that are still there")
    lost: list[LossOut]

    @classmethod
    def of(cls, found: Transition) -> "TransitionOut":
        """Show it."""
        return cls(
            step=step_name(found.step),
            went_on=RateOut.of(found.went_on),
            open=found.open,
            lost=losses(found.lost),
        )


class RejectedForOut(ResponseBody):
    """The number of rejections for one reason."""

    reason: RejectionReason
    count: int
    after_acceptance: int = Field(description="How many of them only after acceptance")

    @classmethod
    def of(cls, found: RejectedFor) -> "RejectedForOut":
        """Show it."""
        return cls(reason=found.reason, count=found.count, after_acceptance=found.after_acceptance)


class MeasuresRowOut(ResponseBody):
    """The measures of one part of the rounds."""

    key: str | None = Field(
        description="Of the cut: an id, a pair of ids with a slash, a week; null for what has none",
        examples=["s-1042"],
    )
    name: str | None = Field(description="What people call it", examples=["佐藤 花子"])
    rounds: int = Field(
        description="Handoffs that were requested, or woke from a recycle, in these weeks"
    )
    open: int = Field(description="Rounds that go on")
    acceptance: RateOut = Field(description="Accepted of the offers that were answered or ran out")
    awaited: int = Field(description="Offers whose answer is still awaited")
    time_to_accept: DurationsOut = Field(description="Offered → accepted")
    time_to_contact: DurationsOut = Field(description="The round began → first contact")
    lead_response: DurationsOut = Field(description="The lead came in → it was answered")
    leads_unanswered: int
    clocks: list[ClockOut]
    stays: list[StayedInOut]
    transitions: list[TransitionOut]
    rejections: list[RejectedForOut]

    @classmethod
    def of(cls, row: Row, name: str | None) -> "MeasuresRowOut":
        """Show it."""
        return cls(
            key=row.key,
            name=name,
            rounds=row.rounds,
            open=row.open,
            acceptance=RateOut.of(row.acceptance),
            awaited=row.awaited,
            time_to_accept=DurationsOut.of(row.time_to_accept),
            time_to_contact=DurationsOut.of(row.time_to_contact),
            lead_response=DurationsOut.of(row.lead_response),
            leads_unanswered=row.leads_unanswered,
            clocks=[
                ClockOut(clock=clock, kept=RateOut.of(kept)) for clock, kept in row.clocks.items()
            ],
            stays=[StayedInOut.of(each) for each in row.stays],
            transitions=[TransitionOut.of(each) for each in row.transitions],
            rejections=[RejectedForOut.of(each) for each in row.rejections],
        )


class MeasuresOut(ResponseBody):
    """One page of measures."""

    first_week: WeekName
    last_week: WeekName
    cut: Cut
    items: list[MeasuresRowOut]
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; absent on the last one"
    )


class ShrunkOut(ResponseBody):
    """A pair's rate, and its estimate between that and the rate of all."""

    own: RateOut
    estimate: float | None = Field(
        ge=0, le=1, description="Drawn toward the rate of all pairs; null: too few to say"
    )

    @classmethod
    def of(cls, found: Shrunk) -> "ShrunkOut":
        """Show it."""
        return cls(own=RateOut.of(found.proportion), estimate=found.estimate)


class PairOut(ResponseBody):
    """The success of one sender's handoffs to one owner."""

    sender: str
    sender_name: str | None
    owner: str
    owner_name: str | None
    accepted: ShrunkOut = Field(description="Of answered offers")
    met: ShrunkOut = Field(description="First meetings, of rounds that had one or ended without")
    won: ShrunkOut = Field(description="Of rounds whose deal was decided")

    @classmethod
    def of(cls, pair: Pair, names: Names) -> "PairOut":
        """Show it."""
        return cls(
            sender=pair.sender,
            sender_name=names.members.get(pair.sender),
            owner=pair.owner,
            owner_name=names.members.get(pair.owner),
            accepted=ShrunkOut.of(pair.accepted),
            met=ShrunkOut.of(pair.met),
            won=ShrunkOut.of(pair.won),
        )


class PairsOut(ResponseBody):
    """One page of pairs, the most successful first."""

    first_week: WeekName
    last_week: WeekName
    accepted: RateOut = Field(description="Of all pairs")
    met: RateOut
    won: RateOut
    left_out: int = Field(description="Pairs with too few cases to say anything")
    items: list[PairOut]
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; absent on the last one"
    )
