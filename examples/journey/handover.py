"""Inside sales hands the lead to field sales, who accept, call and win."""

from datetime import UTC, datetime
from typing import Any, Final

from examples.journey import cast as people
from examples.journey.cast import event
from examples.journey.context import Journey
from examples.journey.services import Services, publish, put
from examples.journey.steps import NotYet
from kakehashi_common.clock import TOKYO
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.http.client import Api

_SOURCE: Final = "https://crm.seller.example"
_AMOUNT_YEN: Final = 4_800_000
_WORKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")
_DAY: Final = ["09:00-12:00", "13:00-18:00"]
_MANY: Final = 1_000
"""The demo seller's capacity: large enough that other handoffs don't get in the way."""


def enter_team(services: Services) -> None:
    """Enter the team that sells to the cities of the journey."""
    api = services.handoff
    hours = dict.fromkeys(_WORKDAYS, _DAY)
    put(api, f"/v1/teams/{people.TEAM}", {"name": "群馬チーム", "hours": hours})
    member = {
        "team_id": people.TEAM,
        "name": people.SELLER_NAME,
        "roles": ["field_sales"],
        "capacity": _MANY,
    }
    put(api, f"/v1/members/{people.SELLER}", member)
    covers = {
        "team_id": people.TEAM,
        "municipality_codes": [place.code for place in people.places()],
    }
    put(api, f"/v1/territories/{people.TEAM}", covers)


def accept(journey: Journey) -> dict[str, Any]:
    """Accept the handoff that the qualification has begun, as its owner."""
    steps, cast, api = journey.steps, journey.cast, journey.services.handoff
    steps.begin(f"Inside sales hands off to {people.SELLER_NAME}, who accepts")

    def assigned() -> dict[str, Any] | NotYet:
        found = api.get("/v1/handoffs", lead_id=cast.manager.lead_id)["items"]
        if not found:
            return NotYet("no handoff of the lead")
        handoff: dict[str, Any] = found[0]
        if handoff["owner"] != people.SELLER:
            return NotYet(f"it is {handoff['status']}, its owner {handoff['owner']}")
        return handoff

    handoff = steps.wait("a handoff that is assigned", assigned)
    path = f"/v1/handoffs/{handoff['handoff_id']}"
    journey.ask("the acceptance", api, f"{path}/accept", {"by": people.SELLER})
    _show_history(journey, path)
    steps.page("Packet, one A4 page", "journey-packet.html", api.page(f"{path}/packet?format=html"))
    steps.link("Its workflow", journey.stack.workflow(f"handoff/{handoff['handoff_id']}"))
    return handoff


def win(journey: Journey, handoff: dict[str, Any]) -> None:
    """Report the seller's call and the won deal as events of other systems."""
    steps, cast, api = journey.steps, journey.cast, journey.services.handoff
    steps.begin(f"{people.SELLER_NAME} calls, and the deal is won")
    path, lead_id = f"/v1/handoffs/{handoff['handoff_id']}", cast.manager.lead_id

    def wait_until(status: str) -> None:
        def look() -> str | NotYet:
            found = api.get(path)["status"]
            return status if found == status else NotYet(f"it is {found}")

        steps.wait(f"the handoff to be {status}", look)

    def opened() -> dict[str, Any] | NotYet:
        deals = api.get("/v1/deals", lead_id=lead_id, open="true")["items"]
        return dict(deals[0]) if deals else NotYet("no open deal of the lead")

    called = {
        "activity_id": f"{cast.run}-call",
        "member_id": people.SELLER,
        "role": "field_sales",
        "kind": "call",
        "reached": True,
        "lead_id": lead_id,
    }
    _report(api, "/v1/seller-activities", SellerActivityRecorded.TYPE, f"{cast.run}-call", called)
    wait_until("contacted")
    deal = steps.wait("the deal that the acceptance has opened", opened)
    won = {
        "deal_id": deal["deal_id"],
        "stage": "decision",
        "municipality_code": cast.place.code,
        "lead_ids": [lead_id],
        "owner": people.SELLER,
        "amount_yen": _AMOUNT_YEN,
        "outcome": "won",
    }
    _report(api, "/v1/deal-events", DealChanged.TYPE, f"{cast.run}-won", won)
    wait_until("closed")
    _show_history(journey, path, since="accepted")
    steps.link("Handoff", f"{api.settings.api_url}{path}")
    steps.page("The week's agenda", "journey-agenda.html", api.page("/v1/agenda.html"))


def _report(api: Api, path: str, event_type: str, event_id: str, data: dict[str, Any]) -> None:
    publish(api, path, [event(event_id, _SOURCE, event_type, datetime.now(UTC), data)])


def _show_history(journey: Journey, path: str, since: str = "") -> None:
    facts = list(journey.services.handoff.pages(f"{path}/history", limit=100))
    kinds = [fact["kind"] for fact in facts]
    first = kinds.index(since) + 1 if since else 0
    journey.steps.lines(
        (
            f"{datetime.fromisoformat(fact['at']).astimezone(TOKYO):%H:%M:%S}",
            fact["kind"].replace("_", " "),
            fact["ja"],
        )
        for fact in facts[first:]
    )
