"""``/v1/subsidies``: programmes that pay a share, and the municipalities that can apply."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from pydantic import Field, TypeAdapter

from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.schemas import DatesIn, WindowOut
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.routes.subsidies import OwnShare, Subsidy
from budget_calendar.fields import CodeInPath, Day
from budget_calendar.scopes import READ, WRITE_SUBSIDIES
from budget_calendar.subsidies.repository import StoredSubsidy
from budget_calendar.subsidies.service import Subsidies
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts import instants
from kakehashi_common.contracts.events import Slug
from kakehashi_common.domain.errors import DomainError, errors_within
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import NOT_MODIFIED, digest, etag, require_match, require_no_match
from kakehashi_common.http.fields import Cursor, IdempotencyKey, IfMatch, IfNoneMatch, Limit
from kakehashi_common.http.idempotency import idempotent_request
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

MOST_YEN: Final = 10**15

SubsidyId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
        description="Chosen by who enters it",
        examples=["digital-2027"],
    ),
]
IdInPath = Annotated[SubsidyId, Path()]
Yen = Annotated[Whole, Field(ge=1, le=MOST_YEN)]
_KEY: Final = TypeAdapter(tuple[SubsidyId])


class SubsidyContentIn(RequestBody):
    """The content of one round of a programme."""

    name: str = Field(max_length=200)
    ministry: str = Field(max_length=200)
    rate: str = Field(
        pattern=r"^[0-9]{1,4}(/[1-9][0-9]{0,3})?$",
        description="Share of the eligible cost, as a fraction",
        examples=["1/2"],
    )
    cap_yen: Yen | None = Field(default=None, description="The highest grant; null: none is set")
    eligible_types: list[MunicipalityType] = Field(
        default_factory=list, max_length=20, description="Empty: all types"
    )
    policy_areas: list[Slug] = Field(
        default_factory=list, max_length=100, description="Empty: all areas"
    )
    call_opens: instants.Day
    call_closes: instants.Day = Field(description="The last day for applications")
    consultation: DatesIn | None = Field(default=None, description="事前相談")
    decision: DatesIn = Field(description="交付決定: work before it is generally not eligible")
    completed_by: instants.Day = Field(description="By when the funded work must be done")
    source: str = Field(max_length=500, description="Where it was published")

    def of(self, subsidy_id: str) -> Subsidy:
        """As the domain knows it.

        Raises:
            DomainError: a value breaks its rule.
        """
        consultation = None
        if self.consultation is not None:
            with errors_within("consultation"):
                consultation = self.consultation.window()
        with errors_within("decision"):
            decision = self.decision.window()
        return Subsidy(
            id=subsidy_id,
            name=self.name,
            ministry=self.ministry,
            rate=Fraction(self.rate),
            cap=self.cap_yen,
            eligible_types=frozenset(self.eligible_types),
            policy_areas=frozenset(self.policy_areas),
            call_opens=self.call_opens,
            call_closes=self.call_closes,
            consultation=consultation,
            decision=decision,
            completed_by=self.completed_by,
            source=self.source,
        )


class SubsidyIn(SubsidyContentIn):
    """A new subsidy."""

    id: SubsidyId


class EditedSubsidyIn(SubsidyContentIn):
    """A subsidy as it should be: what was read can be sent back, its id included."""

    id: SubsidyId | None = Field(default=None, description="That of the path, if it is sent")

    def of(self, subsidy_id: str) -> Subsidy:
        """As the domain knows it.

        Raises:
            DomainError: a value breaks its rule, or it is another subsidy's content.
        """
        if self.id not in {None, subsidy_id}:
            raise DomainError(
                f"the body is of {self.id}, the path of {subsidy_id}; a subsidy keeps its id",
                field="id",
                code="id_differs",
            )
        return super().of(subsidy_id)


class SubsidyOut(ResponseBody):
    """One round of a programme."""

    id: str
    name: str
    ministry: str
    rate: str = Field(examples=["1/2"])
    cap_yen: int | None
    eligible_types: list[MunicipalityType] = Field(description="Empty: all types")
    policy_areas: list[str] = Field(description="Empty: all areas")
    call_opens: date
    call_closes: date
    consultation: WindowOut | None
    decision: WindowOut
    completed_by: date
    source: str

    @classmethod
    def of(cls, subsidy: Subsidy) -> "SubsidyOut":
        """Show it."""
        consultation = subsidy.consultation
        return cls(
            id=subsidy.id,
            name=subsidy.name,
            ministry=subsidy.ministry,
            rate=str(subsidy.rate),
            cap_yen=subsidy.cap,
            eligible_types=sorted(subsidy.eligible_types),
            policy_areas=sorted(subsidy.policy_areas),
            call_opens=subsidy.call_opens,
            call_closes=subsidy.call_closes,
            consultation=None if consultation is None else WindowOut.of(consultation),
            decision=WindowOut.of(subsidy.decision),
            completed_by=subsidy.completed_by,
            source=subsidy.source,
        )


class MatchOut(ResponseBody):
    """A subsidy that a municipality can apply for."""

    subsidy: SubsidyOut
    grant_yen: int | None = Field(description="Rounded down to 1,000 yen; null without an amount")
    own_share_yen: int | None = Field(
        description="What the municipality has to budget itself; null without an amount"
    )

    @classmethod
    def of(cls, subsidy: Subsidy, share: OwnShare | None) -> "MatchOut":
        """Show it."""
        return cls(
            subsidy=SubsidyOut.of(subsidy),
            grant_yen=None if share is None else share.grant,
            own_share_yen=None if share is None else share.own,
        )


def router(subsidies: Subsidies, calendar_queries: CalendarQueries) -> APIRouter:
    """The routes of subsidies."""
    routes = APIRouter(prefix="/v1", tags=["subsidies"])
    may_read = [Depends(require_scope(READ))]
    Writer = Annotated[Principal, Depends(require_scope(WRITE_SUBSIDIES))]  # noqa: N806 - a type

    @routes.get("/subsidies", dependencies=may_read)
    async def list_subsidies(
        *,
        policy_area: Annotated[Slug | None, Query()] = None,
        municipality_type: Annotated[MunicipalityType | None, Query(alias="type")] = None,
        closes_from: Annotated[
            instants.Day | None,
            Query(description="Calls that close on this day or later, open or not yet"),
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[SubsidyOut]:
        """Subsidies by id; those without types or areas are for all of them."""
        after = decode_cursor("subsidies", cursor, _KEY)
        found = [
            each.subsidy
            for each in await subsidies.list_all()
            if (after is None or each.subsidy.id > after[0])
            and each.subsidy.is_for(municipality_type, policy_area)
            and (closes_from is None or closes_from <= each.subsidy.call_closes)
        ]
        shown, next_cursor = page("subsidies", found, limit, lambda each: (each.id,))
        return Page(items=[SubsidyOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/municipalities/{code}/subsidies", dependencies=may_read)
    async def match_subsidies(
        code: CodeInPath,
        policy_area: Annotated[Slug, Query(examples=["digital"])],
        amount_yen: Annotated[int | None, Query(ge=0, le=MOST_YEN)] = None,
        day: Day = None,
    ) -> list[MatchOut]:
        """List subsidies open to a municipality, with its share, the next to close first."""
        found = await subsidies.list_matching(
            code, policy_area, day or calendar_queries.today, amount_yen
        )
        return [MatchOut.of(subsidy, share) for subsidy, share in found]

    @routes.post("/subsidies", status_code=status.HTTP_201_CREATED)
    async def add_subsidy(
        request: Request,
        response: Response,
        subsidy: SubsidyIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> SubsidyOut:
        """Enter a subsidy."""
        stored = await subsidies.add(
            subsidy.of(subsidy.id),
            actor_of(request, who),
            await idempotent_request(request, who, idempotency_key),
        )
        response.headers["Location"] = f"/v1/subsidies/{subsidy.id}"
        response.headers["ETag"] = _tag(stored)
        return SubsidyOut.of(stored.subsidy)

    @routes.get(
        "/subsidies/{subsidy_id}",
        dependencies=may_read,
        responses=NOT_MODIFIED,
    )
    async def get_subsidy(
        response: Response, subsidy_id: IdInPath, if_none_match: IfNoneMatch = None
    ) -> SubsidyOut:
        """One subsidy."""
        stored = await subsidies.get(subsidy_id)
        response.headers.update(require_no_match(if_none_match, _tag(stored)))
        return SubsidyOut.of(stored.subsidy)

    @routes.put("/subsidies/{subsidy_id}")
    async def edit_subsidy(
        *,
        request: Request,
        response: Response,
        subsidy_id: IdInPath,
        content: EditedSubsidyIn,
        who: Writer,
        if_match: IfMatch = None,
    ) -> SubsidyOut:
        """Replace a subsidy. Needs `If-Match` with its ETag."""
        stored = await subsidies.edit(
            content.of(subsidy_id),
            actor_of(request, who),
            lambda present: require_match(if_match, _tag(present)),
        )
        response.headers["ETag"] = _tag(stored)
        return SubsidyOut.of(stored.subsidy)

    @routes.delete("/subsidies/{subsidy_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def remove_subsidy(
        request: Request, subsidy_id: IdInPath, who: Writer, if_match: IfMatch = None
    ) -> None:
        """Delete a subsidy. Needs `If-Match` with its ETag."""
        await subsidies.remove(
            subsidy_id,
            actor_of(request, who),
            lambda present: require_match(if_match, _tag(present)),
        )

    return routes


def _tag(stored: StoredSubsidy) -> str:
    """Its content too: a subsidy deleted and entered again counts its versions from the start."""
    content = SubsidyOut.of(stored.subsidy).model_dump_json().encode()
    return etag(f"{stored.version}-{digest(content)}")
