"""The HTTP application of budget-calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from fastapi import FastAPI

from budget_calendar.calendars import api as calendars
from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.service import Calendars
from budget_calendar.contract_rules import api as contract_rules
from budget_calendar.contract_rules.service import ContractRules
from budget_calendar.council_sessions import api as sessions
from budget_calendar.domain.errors import DomainError
from budget_calendar.feeds import api as feeds
from budget_calendar.feeds.service import Subscriptions
from budget_calendar.follows import api as follows
from budget_calendar.follows.queries import FollowQueries
from budget_calendar.follows.service import Follows
from budget_calendar.http.description import describe_examples
from budget_calendar.http.domain_errors import domain_error
from budget_calendar.municipalities import api as municipalities
from budget_calendar.overview import api as standings
from budget_calendar.overview.queries import OverviewQueries
from budget_calendar.pictures import api as pictures
from budget_calendar.pursuits import api as pursuits
from budget_calendar.pursuits.service import PursuitRequests
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.subsidies import api as subsidies
from budget_calendar.subsidies.service import Subsidies
from kakehashi_common.auth import TokenVerifier
from kakehashi_common.clock import Clock
from kakehashi_common.http import app as http_app
from kakehashi_common.http.app import Lifespan
from kakehashi_common.http.health import Check
from kakehashi_common.http.operations import name_operations
from kakehashi_common.settings import HttpSettings

DESCRIPTION = """\
Every municipality's budget year: where it stands, what comes next, and how sure that is.

* **Find** municipalities with `GET /v1/municipalities`.
* **Follow** them with `POST /v1/follows`, a prefecture at a time if you like; then
  `GET /v1/standings` says who is in which phase and whose deadline is next, and
  `GET /v1/milestones` what comes in the next days.
* **Read** a year with `GET /v1/calendars/{code}/{fiscal_year}`: every date is a window and says
  how it is known; **correct** what you know better, and see what would move before you do.
* **See** it: a year as a picture, a whole prefecture in one, or in your calendar program by the URL
  that `POST /v1/feeds` makes.
* **Match** subsidies with `GET /v1/municipalities/{code}/subsidies`.
* **Pursue** a deal with `POST /v1/pursuits`: it takes the best route to the money, reminds, and
  finds another way when one fails. `POST /v1/plans` shows the routes beforehand.

Fiscal year N runs from 1 April N to 31 March N+1. Days are days in Japan. Dates are estimates and
no legal advice: confirm what matters with the municipality.

Errors are problem details (RFC 9457); decide by their `code`. Lists go on with `next_cursor`.
A parameter that an operation doesn't have is refused by name, never passed over.
Every operation needs a bearer token with the scope that it names.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes hand requests to."""

    clock: Clock
    registry: RegistryQueries
    follow_queries: FollowQueries
    calendar_queries: CalendarQueries
    calendars: Calendars
    contract_rules: ContractRules
    following: Follows
    overview: OverviewQueries
    subsidies: Subsidies
    subscriptions: Subscriptions
    pursuits: PursuitRequests


def create_app(
    *,
    settings: HttpSettings,
    verifier: TokenVerifier,
    checks: Mapping[str, Check],
    parts: Parts,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Return the application.

    Args:
        settings: limits and origins.
        verifier: proves bearer tokens.
        checks: what ``/readyz`` asks, by name.
        parts: what the routes hand requests to.
        lifespan: opens and closes what the routes need.
    """
    routers = [
        municipalities.router(parts.registry, parts.calendar_queries, parts.calendars, parts.clock),
        contract_rules.router(parts.contract_rules),
        sessions.router(parts.calendar_queries, parts.calendars),
        subsidies.router(parts.subsidies, parts.calendar_queries),
        feeds.router(parts.subscriptions, settings.url),
        pictures.router(parts.calendar_queries, parts.overview),
        calendars.router(parts.calendar_queries, parts.calendars, parts.clock),
        follows.router(parts.following, parts.follow_queries),
        standings.router(parts.overview),
        pursuits.router(parts.pursuits, parts.clock),
    ]
    name_operations(routers)
    app = http_app.create_app(
        title="Kakehashi budget-calendar",
        version=metadata.version("budget-calendar"),
        description=DESCRIPTION,
        settings=settings,
        checks=checks,
        routers=routers,
        verifier=verifier,
        lifespan=lifespan,
    )
    app.add_exception_handler(DomainError, domain_error)
    describe_examples(app, parts.clock)
    return app
