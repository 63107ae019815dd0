"""The agenda of the weekly meeting, as the API shows it."""

from datetime import date
from typing import Final

from pydantic import Field

from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import ClockName, Direction, Outcome, Status
from handoff.domain.measures import agenda as domain
from handoff.domain.measures.rounds import Round
from handoff.measures.schemas import LossOut, StepName, losses, step_name
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.http.fields import JapanTime, WeekName
from kakehashi_common.http.requests import ResponseBody

MOST_OPEN: Final = 200


class AboutOut(ResponseBody):
    """The handoff that an item is about."""

    handoff_id: str
    municipality: str = Field(examples=["群馬県桐生市"])
    grade: str | None
    sender: str | None
    owner: str | None = Field(description="The last one of the round")

    @classmethod
    def of(cls, round_: Round) -> "AboutOut":
        """Show it."""
        subject = round_.subject
        return cls(
            handoff_id=subject.handoff_id,
            municipality=municipality_name(subject.municipality_code),
            grade=subject.grade,
            sender=subject.sender,
            owner=round_.owner,
        )


class PassageOut(ResponseBody):
    """The week's figures for one step."""

    step: StepName
    reached: int = Field(description="Rounds that reached it for the first time")
    lost: list[LossOut] = Field(description="Rounds that fell out there")


class LateOut(ResponseBody):
    """A clock that has run out."""

    handoff: AboutOut
    clock: ClockName
    due_at: JapanTime
    member_id: str | None = Field(description="Who is expected to act; null: the team")


class RejectedOut(ResponseBody):
    """A rejection of the week."""

    handoff: AboutOut
    reason: RejectionReason
    by: str | None
    at: JapanTime
    after_acceptance: bool


class ReturnedOut(ResponseBody):
    """A handoff whose sender has to supply facts."""

    handoff: AboutOut
    since: JapanTime
    missing_facts: list[str]


class WakingOut(ResponseBody):
    """A recycled handoff that wakes within two weeks after the week."""

    handoff: AboutOut
    until: date
    phase: str | None = Field(description="The budget phase that ends its rest earlier")


class DecidedOut(ResponseBody):
    """A deal that was decided in the week."""

    handoff: AboutOut
    outcome: Outcome
    at: JapanTime


class RatedLowOut(ResponseBody):
    """A rating of 1 or 2."""

    handoff_id: str
    municipality: str
    direction: Direction
    score: int
    by: str
    reason: str
    at: JapanTime


class OpenOut(ResponseBody):
    """An open handoff."""

    handoff: AboutOut
    status: Status
    since: JapanTime


class AgendaOut(ResponseBody):
    """The agenda of a week. Late, returned, waking and open are as of now."""

    week: WeekName
    team: str | None = Field(description="The name of the team that meets")
    as_of: JapanTime
    flow: list[PassageOut]
    late: list[LateOut] = Field(description="The longest overdue first")
    rejected: list[RejectedOut]
    returned: list[ReturnedOut]
    waking: list[WakingOut]
    decided: list[DecidedOut]
    rated_low: list[RatedLowOut]
    open_count: int = Field(description="Open handoffs without what is recycled or returned")
    open: list[OpenOut] = Field(description="The 200 that have waited longest")

    @classmethod
    def of(cls, found: domain.Agenda, team: str | None, as_of: JapanTime) -> "AgendaOut":
        """Show it."""
        return cls(
            week=found.week.name,
            team=team,
            as_of=as_of,
            flow=[
                PassageOut(step=step_name(each.step), reached=each.reached, lost=losses(each.lost))
                for each in found.flow
            ],
            late=[
                LateOut(
                    handoff=AboutOut.of(each.round),
                    clock=each.clock,
                    due_at=each.due_at,
                    member_id=each.member_id,
                )
                for each in found.late
            ],
            rejected=[
                RejectedOut(
                    handoff=AboutOut.of(each.round),
                    reason=each.rejection.reason,
                    by=each.rejection.member_id,
                    at=each.rejection.at,
                    after_acceptance=each.rejection.after_acceptance,
                )
                for each in found.rejected
            ],
            returned=[
                ReturnedOut(
                    handoff=AboutOut.of(each.round),
                    since=each.since,
                    missing_facts=list(each.missing_facts),
                )
                for each in found.returned
            ],
            waking=[
                WakingOut(
                    handoff=AboutOut.of(each.round), until=each.rest.until, phase=each.rest.phase
                )
                for each in found.waking
            ],
            decided=[
                DecidedOut(handoff=AboutOut.of(each.round), outcome=each.outcome, at=each.at)
                for each in found.decided
            ],
            rated_low=[
                RatedLowOut(
                    handoff_id=each.subject.handoff_id,
                    municipality=municipality_name(each.subject.municipality_code),
                    direction=each.direction,
                    score=each.score,
                    by=each.by,
                    reason=each.reason,
                    at=each.at,
                )
                for each in found.rated_low
            ],
            open_count=len(found.open),
            open=[
                OpenOut(handoff=AboutOut.of(each.round), status=each.status, since=each.since)
                for each in found.open[:MOST_OPEN]
            ],
        )
