"""``python -m budget_calendar.http.openapi > docs/openapi/budget-calendar.json``: the contract.

Clients are generated from the committed file; ``tests/contract`` holds that it is current.
"""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import FastAPI

from budget_calendar.calendars.calculator import CalendarCalculator
from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.service import Calendars
from budget_calendar.contract_rules.service import ContractRules
from budget_calendar.feeds.service import Subscriptions
from budget_calendar.follows.queries import FollowQueries
from budget_calendar.follows.service import Follows
from budget_calendar.http.app import Parts, create_app
from budget_calendar.notifications.service import Notifier
from budget_calendar.overview.queries import OverviewQueries
from budget_calendar.pursuits.messages import PursuitStatus
from budget_calendar.pursuits.service import PursuitRequests
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.subsidies.service import Subsidies
from kakehashi_common.auth import TokenVerifier
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.http import openapi
from kakehashi_common.settings import HttpSettings

_AS_OF: Final = datetime(2026, 11, 21, tzinfo=UTC)
"""A file that is committed stays as it is; a running API shows examples of the year to come."""


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return application().openapi()


def application() -> FastAPI:
    """Return the application that is described. Nothing connects: it is its routes alone."""
    database = Database(openapi.DATABASE, application="openapi")
    clock = FixedClock(_AS_OF)
    computing = CalendarCalculator("published")
    notifier = Notifier(database, None)
    calendars = Calendars(database, clock, computing, notifier)
    registry = RegistryQueries(database, clock)
    overview = OverviewQueries(database, clock, registry)
    calendar_queries = CalendarQueries(database, clock, computing, calendars)
    return create_app(
        settings=HttpSettings(),
        verifier=TokenVerifier(openapi.AUTH),
        checks={},
        parts=Parts(
            clock=clock,
            registry=registry,
            follow_queries=FollowQueries(database, registry),
            calendar_queries=calendar_queries,
            calendars=calendars,
            contract_rules=ContractRules(database, notifier),
            following=Follows(database, clock, notifier),
            overview=overview,
            subsidies=Subsidies(database, notifier),
            subscriptions=Subscriptions(database, clock, registry, calendar_queries, overview),
            pursuits=PursuitRequests(database, calendars, _away, _away),
        ),
    )


async def _away(*_: object) -> PursuitStatus:
    """No workflow is reached here."""
    raise TransientError("nothing is connected")


if __name__ == "__main__":
    openapi.write(document())
