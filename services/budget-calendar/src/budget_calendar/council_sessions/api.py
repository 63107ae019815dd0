"""``/v1/municipalities/{code}/sessions``: council sessions as they were held."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.schemas import RevisionOut
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.council.sessions import (
    BudgetBill,
    BudgetBillKind,
    ObservedSession,
    SessionKind,
)
from budget_calendar.fields import CodeInPath
from budget_calendar.scopes import CORRECT, READ
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.instants import Day
from kakehashi_common.http.fields import IdempotencyKey
from kakehashi_common.http.idempotency import idempotent_request
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody, Whole

MOST_SESSIONS = 200
MOST_BILLS = 200

_Year = Annotated[Whole, Field(ge=1989, le=2099)]


class BillIn(RequestBody):
    """One bill that is a budget."""

    kind: BudgetBillKind
    fiscal_year: _Year
    account: str = Field(max_length=100, description="会計", examples=["一般会計"])
    number: Whole | None = Field(
        default=None, ge=1, le=99, description="第n号 of a supplementary budget"
    )
    decided_by_head: Flag = Field(default=False, description="専決処分 (地方自治法179条)")
    passed: Flag
    title: str = Field(max_length=500, description="As published")


class SessionIn(RequestBody):
    """One session as it was held, or as the council has announced it."""

    kind: SessionKind
    year: _Year = Field(description="The calendar year in which the council counts it")
    number: Whole = Field(ge=1, le=99, description="第n回 within the year and kind")
    opens_on: Day | None = Field(default=None, description="Null where it is not known")
    last_vote_on: Day
    bills: list[BillIn] = Field(default_factory=list, max_length=MOST_BILLS)
    source: str = Field(max_length=500, description="Where it was published")

    def of(self, code: str) -> ObservedSession:
        """As the domain knows it."""
        return ObservedSession(
            code=code,
            kind=self.kind,
            year=self.year,
            number=self.number,
            opens_on=self.opens_on,
            last_vote_on=self.last_vote_on,
            bills=tuple(BudgetBill(**dict(bill)) for bill in self.bills),
            source=self.source,
        )


class SessionsIn(RequestBody):
    """Sessions of one council; they replace stored ones of the same number."""

    sessions: list[SessionIn] = Field(min_length=1, max_length=MOST_SESSIONS)


class SessionOut(ResponseBody):
    """One council session."""

    kind: SessionKind
    year: int
    number: int
    label: str = Field(examples=["2026年第3回定例会"])
    opens_on: date | None
    last_vote_on: date
    supplementary_passed: int = Field(
        description="Supplementary budgets (補正予算) that the council itself passed"
    )
    incomplete: bool = Field(
        description="A spring session without an initial budget (当初予算): bills are missing, so "
        "its supplementary budgets are not counted when later ones are predicted"
    )
    bills: list[BillIn]
    source: str

    @classmethod
    def of(cls, session: ObservedSession) -> "SessionOut":
        """Show it."""
        return cls(
            kind=session.kind,
            year=session.year,
            number=session.number,
            label=session.label,
            opens_on=session.opens_on,
            last_vote_on=session.last_vote_on,
            supplementary_passed=session.supplementary_passed,
            incomplete=session.lacks_initial_budget,
            bills=[BillIn.model_validate(bill, from_attributes=True) for bill in session.bills],
            source=session.source,
        )


class SessionsStoredOut(ResponseBody):
    """The result of storing sessions."""

    stored: int
    incomplete: list[str] = Field(
        description="Labels of the spring sessions among them that hold no initial budget "
        "(当初予算): enter their bills again, with all budgets",
        examples=[["2026年第1回定例会"]],
    )
    revision: RevisionOut


def router(calendar_queries: CalendarQueries, calendars: Calendars) -> APIRouter:
    """The routes of observed sessions."""
    routes = APIRouter(prefix="/v1/municipalities/{code}/sessions", tags=["registry"])

    @routes.get("", dependencies=[Depends(require_scope(READ))])
    async def list_sessions(code: CodeInPath) -> list[SessionOut]:
        """The council's sessions as observed, oldest first, with the budgets they voted on."""
        return [SessionOut.of(each) for each in await calendar_queries.list_sessions(code)]

    @routes.post("")
    async def observe_sessions(
        request: Request,
        code: CodeInPath,
        observed: SessionsIn,
        who: Annotated[Principal, Depends(require_scope(CORRECT))],
        idempotency_key: IdempotencyKey = None,
    ) -> SessionsStoredOut:
        """Enter council sessions. The calendars that they touch are computed again.

        Either all are stored or none.
        """
        sessions = [each.of(code) for each in observed.sessions]
        revised = await calendars.observe(
            code,
            sessions,
            actor_of(request, who),
            await idempotent_request(request, who, idempotency_key),
        )
        return SessionsStoredOut(
            stored=len(sessions),
            incomplete=[each.label for each in sessions if each.lacks_initial_budget],
            revision=RevisionOut.of(revised),
        )

    return routes
