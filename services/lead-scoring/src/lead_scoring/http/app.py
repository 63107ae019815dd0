"""The HTTP application of lead-scoring."""

from functools import partial
from importlib import metadata

from fastapi import FastAPI, Request, Response

from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.collector.api import rejected
from kakehashi_common.collector.description import Described, describe_events
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.http import app as http_app
from kakehashi_common.http.lead_ids import EncodedSlashes
from kakehashi_common.http.openapi import name_operations
from kakehashi_common.temporal.client import ping
from lead_scoring.collector import api as events
from lead_scoring.container import Container
from lead_scoring.feedback import api as feedback
from lead_scoring.http import examples
from lead_scoring.leads import api as leads
from lead_scoring.personal_data import api as personal
from lead_scoring.rule_publishing import api as rules
from lead_scoring.rules.file import RulesFileError

DESCRIPTION = """\
What leads at Japanese local governments do, in; explained scores, out.

* **Publish events** with `POST /v1/lead-events`: a CloudEvent, or up to 1,000 of them.
* **Read scores** with `GET /v1/leads`, and why a lead has its score with
  `GET /v1/leads/{lead_id}`: the lines' points sum to the score exactly.
* **Change the rules** with `POST /v1/rules`: every lead is then scored again.
* **Judge the rules** with `GET /v1/reports/rejections`, by what field sales made of the leads that
  they qualified.

Errors are problem details (RFC 9457); decide by their `code`. Lists go on with `next_cursor`.
A parameter that an operation doesn't have is refused by name, never passed over.
Every operation needs a bearer token with the scope that it names.
"""


def create_app(container: Container) -> FastAPI:
    """Return the application that serves the use cases of ``container``."""
    settings = container.settings
    # A lead's id may hold slashes: the path that ends in /personal-data comes first.
    routers = [
        events.router(container.collector),
        personal.router(container.personal_data),
        leads.router(container.lead_queries, container.personal_data),
        rules.router(
            container.rule_queries,
            container.rule_publishing,
            id_prefix=settings.workflow_id_prefix,
        ),
        feedback.router(container.feedback_queries),
    ]
    name_operations(routers)
    app = http_app.create_app(
        title="Kakehashi lead-scoring",
        version=metadata.version("lead-scoring"),
        description=DESCRIPTION,
        settings=settings.http,
        checks={
            "database": container.database.ping,
            "kafka": container.publisher.ping,
            "temporal": partial(ping, container.temporal),
            "tokens": container.verifier.ping,
        },
        routers=routers,
        verifier=container.verifier,
    )
    app.add_middleware(EncodedSlashes)
    app.add_exception_handler(RejectedEventError, rejected)
    app.add_exception_handler(RulesFileError, _refused_rules)
    clock = container.clock
    describe_events(
        app,
        Described(
            events.PATH,
            LEAD_EVENTS,
            events.EVENT_SCHEMA,
            lambda: examples.one_event(clock.now()),
            lambda: examples.several_events(clock.now()),
        ),
    )
    return app


async def _refused_rules(request: Request, error: Exception) -> Response:
    if not isinstance(error, RulesFileError):
        raise TypeError(type(error))
    return rules.refused(request, error)
