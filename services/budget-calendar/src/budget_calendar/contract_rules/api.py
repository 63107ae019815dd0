"""``/v1/municipalities/{code}/contract-rules``: rules that differ from law and practice."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from budget_calendar.contract_rules.repository import StoredRules
from budget_calendar.contract_rules.service import ContractRules
from budget_calendar.domain.routes.local_rules import (
    CouncilVotes,
    LocalRules,
    SmallContractCeilings,
)
from budget_calendar.fields import CodeInPath, Reason, Source
from budget_calendar.scopes import CORRECT, READ
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.instants import Day
from kakehashi_common.domain.errors import errors_within
from kakehashi_common.http.etags import NOT_MODIFIED, etag, require_match, require_no_match
from kakehashi_common.http.fields import IfMatch, IfNoneMatch
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

Yen = Annotated[Whole, Field(ge=0, le=10**12, description="Yen, consumption tax included")]
Published = Annotated[
    str,
    Field(max_length=500, description="Which rule, where published", examples=["桐生市財務規則"]),
]


class CeilingsIn(RequestBody):
    """Up to which price a contract needs no competition (少額随意契約), by its contract rules."""

    works: Yen = Field(examples=[2_000_000])
    purchase: Yen = Field(examples=[1_500_000])
    lease: Yen = Field(examples=[800_000])
    services: Yen = Field(examples=[1_000_000])
    valid_from: Day = Field(description="The first day on which they hold")
    source: Published


class CouncilVotesIn(RequestBody):
    """From which price the council votes on a contract, by ordinance."""

    works: Yen = Field(examples=[150_000_000])
    purchase: Yen = Field(examples=[20_000_000])
    source: Published


class ContractRulesIn(RequestBody):
    """A municipality's complete contract rules; they replace those entered before."""

    ceilings: list[CeilingsIn] = Field(
        default_factory=list,
        max_length=20,
        description="The newest that is valid on a day counts; before the first, what the law "
        "allows",
    )
    long_term_years: Whole = Field(
        default=5, description="The longest 長期継続契約 that its ordinance allows"
    )
    council_votes: CouncilVotesIn | None = Field(
        default=None, description="Null: from the price that the law sets"
    )
    source: Source
    reason: Reason

    def rules(self) -> LocalRules:
        """As the domain knows them.

        Raises:
            DomainError: a value breaks its rule.
        """
        ceilings = []
        for position, each in enumerate(self.ceilings):
            with errors_within(f"ceilings/{position}"):
                ceilings.append(SmallContractCeilings(**dict(each)))
        votes = None
        if self.council_votes is not None:
            with errors_within("council_votes"):
                votes = CouncilVotes(**dict(self.council_votes))
        return LocalRules(tuple(ceilings), self.long_term_years, votes)


class CeilingsOut(ResponseBody):
    """Up to which price a contract needs no competition, in yen."""

    works: int
    purchase: int
    lease: int
    services: int
    valid_from: date
    source: str


class CouncilVotesOut(ResponseBody):
    """From which price the council votes on a contract, in yen."""

    works: int
    purchase: int
    source: str


class ContractRulesOut(ResponseBody):
    """The contract rules entered for a municipality."""

    ceilings: list[CeilingsOut] = Field(description="Oldest first; none: what the law allows")
    long_term_years: int = Field(description="5 where nobody has entered it (published practice)")
    council_votes: CouncilVotesOut | None = Field(description="Null: from the law's price")

    @classmethod
    def of(cls, rules: LocalRules) -> "ContractRulesOut":
        """Show them."""
        votes = rules.council_votes
        return cls(
            ceilings=[
                CeilingsOut(**asdict(each))
                for each in sorted(rules.ceilings, key=lambda each: each.valid_from)
            ],
            long_term_years=rules.long_term_years,
            council_votes=None if votes is None else CouncilVotesOut(**asdict(votes)),
        )


def router(contract_rules: ContractRules) -> APIRouter:
    """The routes of local rules."""
    routes = APIRouter(prefix="/v1/municipalities/{code}/contract-rules", tags=["registry"])

    @routes.get(
        "",
        dependencies=[Depends(require_scope(READ))],
        responses=NOT_MODIFIED,
    )
    async def get_contract_rules(
        response: Response, code: CodeInPath, if_none_match: IfNoneMatch = None
    ) -> ContractRulesOut:
        """Its ceilings of small contracts, longest terms and prices that need a vote."""
        stored = await contract_rules.get(code)
        response.headers.update(require_no_match(if_none_match, _tag(stored)))
        return ContractRulesOut.of(stored.rules)

    @routes.put("")
    async def enter_contract_rules(
        request: Request,
        response: Response,
        code: CodeInPath,
        entered: ContractRulesIn,
        who: Annotated[Principal, Depends(require_scope(CORRECT))],
        if_match: IfMatch = None,
    ) -> ContractRulesOut:
        """Say what its contract rules and ordinances set. Its pursuits plan again.

        Needs `If-Match` with the ETag of what was entered before. A ceiling above what the law
        allows is refused, and so is a vote of the council below the law's price.
        """
        stored = await contract_rules.enter(
            code,
            entered.rules(),
            source=entered.source,
            reason=entered.reason,
            actor=actor_of(request, who),
            precondition=lambda before: require_match(if_match, _tag(before)),
        )
        response.headers["ETag"] = _tag(stored)
        return ContractRulesOut.of(stored.rules)

    return routes


def _tag(stored: StoredRules) -> str:
    return etag(stored.version)
