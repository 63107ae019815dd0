"""The HTTP application of budget-calendar."""

from functools import partial
from importlib import metadata

from fastapi import FastAPI

from budget_calendar.calendars import api as calendars
from budget_calendar.container import Container
from budget_calendar.contract_rules import api as contract_rules
from budget_calendar.council_sessions import api as sessions
from budget_calendar.feeds import api as feeds
from budget_calendar.follows import api as follows
from budget_calendar.http import examples
from budget_calendar.municipalities import api as municipalities
from budget_calendar.overview import api as standings
from budget_calendar.pictures import api as pictures
from budget_calendar.pursuits import api as pursuits
from budget_calendar.subsidies import api as subsidies
from kakehashi_common.clock import japan_day
from kakehashi_common.http import app as http_app
from kakehashi_common.http.domain_errors import answer_domain_errors
from kakehashi_common.http.openapi import describe_examples, name_operations
from kakehashi_common.temporal.client import ping

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


def create_app(container: Container) -> FastAPI:
    """Return the application that serves the use cases of ``container``."""
    settings, clock = container.settings.http, container.clock
    queries, commands = container.calendar_queries, container.calendars
    routers = [
        municipalities.router(container.registry, queries, commands, clock),
        contract_rules.router(container.contract_rules),
        sessions.router(queries, commands),
        subsidies.router(container.subsidies, queries),
        feeds.router(container.subscriptions, settings.url),
        pictures.router(queries, container.overview),
        calendars.router(queries, commands, clock),
        follows.router(container.follows, container.follow_queries),
        standings.router(container.overview),
        pursuits.router(container.pursuits, clock),
    ]
    name_operations(routers)
    app = http_app.create_app(
        title="Kakehashi budget-calendar",
        version=metadata.version("budget-calendar"),
        description=DESCRIPTION,
        settings=settings,
        checks={
            "database": container.database.ping,
            "temporal": partial(ping, container.temporal),
            "tokens": container.verifier.ping,
        },
        routers=routers,
        verifier=container.verifier,
    )
    answer_domain_errors(app, in_body={"window": "latest", "cap": "cap_yen"})
    describe_examples(
        app,
        lambda: examples.bodies(japan_day(clock.now())),
        lambda: examples.path_values(japan_day(clock.now())),
    )
    return app
