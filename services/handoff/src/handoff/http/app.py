"""The HTTP application of handoff."""

from importlib import metadata

from fastapi import FastAPI

from handoff.assignment import api as assignment
from handoff.container import Container
from handoff.deals import api as deals
from handoff.deals import collector as deal_events
from handoff.handoffs import api as handoffs
from handoff.handoffs import commands_api
from handoff.http import examples
from handoff.leads import api as leads
from handoff.measures import agenda_api
from handoff.measures import api as measures
from handoff.notifications import api as notifications
from handoff.packets import api as packets
from handoff.packets import policies_api as packet_policies
from handoff.packets import readiness_api as readiness
from handoff.packets import reports_api as packet_reports
from handoff.policies import api as policies
from handoff.reassignments import api as reassignments
from handoff.seller_activities import api as seller_activities
from handoff.teams import api as teams
from handoff.teams import import_api, presets_api
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.collector.api import rejected
from kakehashi_common.collector.description import Described, describe_events
from kakehashi_common.contracts.topics import DEAL_EVENTS, SELLER_ACTIVITIES, Topic
from kakehashi_common.csv_file import FileError
from kakehashi_common.http import app as http_app
from kakehashi_common.http import csv_files
from kakehashi_common.http.domain_errors import answer_domain_errors
from kakehashi_common.http.lead_ids import EncodedSlashes
from kakehashi_common.http.openapi import describe_examples, name_operations

DESCRIPTION = """\
From one sales role to the next without a dropped lead: who sells what where, and when they work.

* **Enter** teams with `PUT /v1/teams/{team_id}`, who is in them with
  `PUT /v1/members/{member_id}`, and where they sell with `PUT /v1/territories/{territory_id}`.
* **Begin** with one of `GET /v1/presets`, by how many people sell, and bring everybody at once
  with `POST /v1/members/import` and `POST /v1/territories/import` (CSV; `dry_run=true` says what
  they would change).
* **Reassign** with `POST /v1/members/{member_id}/reassignment` what a member has who leaves.
* **See** with `GET /v1/coverage` what nobody covers, and with `GET /v1/leads/{lead_id}` what is
  known of a lead; `DELETE /v1/leads/{lead_id}/personal-data` erases it.
* **Measure** with `GET /v1/measures` how fast and how far handoffs go, cut by team, member, pair,
  grade and more; `format=csv` is for spreadsheets.
* **Meet** every week over `GET /v1/agenda`, as JSON, on one A4 page (`/v1/agenda.html`) or as a
  picture (`/v1/agenda.png`, `/v1/agenda.svg`).
* **Ask** with `GET /v1/handoffs/{handoff_id}/assignments` why one member got a handoff and another
  did not, and with `GET /v1/rotations/{team_id}/{role}` whose turn it is;
  `POST /v1/assignment/dry-runs` says who would have got the last ones under other rules.
* **Tell** what sellers did with `POST /v1/seller-activities`, and of deals with
  `POST /v1/deal-events`, or by hand with `PUT /v1/deals/{deal_id}`.

Errors are problem details (RFC 9457); decide by their `code`. Lists go on with `next_cursor`.
A parameter that an operation doesn't have is refused by name, never passed over.
Every operation needs a bearer token with the scope that it names.
"""


def create_app(container: Container) -> FastAPI:
    """Return the application that serves the use cases of ``container``."""
    routers = [
        assignment.router(container.assignment_queries, container.dry_runs),
        packets.router(container.packets, container.clock),
        packet_policies.router(container.packet_policies, container.readiness_policies),
        packet_reports.router(container.packet_reports),
        readiness.router(container.packets),
        leads.router(container.leads),
        reassignments.router(container.reassignments),
        teams.router(container.teams, container.team_queries),
        import_api.router(container.teams),
        presets_api.router(),
        measures.router(container.measure_queries),
        agenda_api.router(container.agenda_queries),
        handoffs.router(container.handoffs),
        commands_api.router(container.handoffs),
        policies.router(container.clock_policies),
        notifications.router(container.notifications, container.notification_queries),
        deal_events.router(container.deal_collector),
        deals.router(container.deals),
        seller_activities.router(container.seller_activity_queries, container.activity_collector),
    ]
    name_operations(routers)
    app = http_app.create_app(
        title="Kakehashi handoff",
        version=metadata.version("handoff"),
        description=DESCRIPTION,
        settings=container.settings.http,
        checks={
            "database": container.database.ping,
            "kafka": container.deal_publisher.ping,
            "tokens": container.verifier.ping,
        },
        routers=routers,
        verifier=container.verifier,
    )
    app.add_middleware(EncodedSlashes)
    answer_domain_errors(app)
    app.add_exception_handler(FileError, csv_files.refused)
    app.add_exception_handler(RejectedEventError, rejected)
    describe_examples(app, examples.bodies, examples.path_values)
    describe_events(
        app,
        _described(deal_events.PATH, DEAL_EVENTS, deal_events.EVENT_SCHEMA, "publish_deal_events"),
        _described(
            seller_activities.PATH,
            SELLER_ACTIVITIES,
            seller_activities.EVENT_SCHEMA,
            "publish_seller_activities",
        ),
    )
    return app


def _described(path: str, topic: Topic, schema: str, operation: str) -> Described:
    return Described(
        path,
        topic,
        schema,
        lambda: examples.bodies()[operation],
        lambda: examples.several_events()[operation],
    )
