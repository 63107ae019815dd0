"""``python -m handoff.examples organisation | handoff``: what handoff shows of a running stack.

The organisation is entered before the leads qualify, so that their handoffs find somebody. Then
one of them is accepted over HTTP, and the rest comes from events: a call, and a deal that is won.
"""

import json
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import typer
from pydantic import Field
from rich.markup import escape
from rich.table import Table

from handoff.domain.handoff.terms import Status
from handoff.handoffs.names import workflow_id
from handoff.scopes import READ, WRITE, WRITE_EVENTS, WRITE_TEAMS
from kakehashi_common.clock import TOKYO
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.http.client import Api, ApiError, ApiSettings
from kakehashi_common.settings import HttpUrl, TemporalSettings, load, settings_config
from kakehashi_common.terminal import Console

TEAM: Final = "demo"
MEMBERS: Final = {
    "demo-is-1": ("高橋 美咲", "inside_sales"),
    "demo-fs-1": ("佐藤 花子", "field_sales"),
    "demo-fs-2": ("鈴木 一郎", "field_sales"),
}
CAPACITY: Final = 10
_DAY: Final = ["09:00-12:00", "13:00-18:00"]
_WORKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")

ASSIGNED_WITHIN: Final = timedelta(minutes=1)
MOVED_WITHIN: Final = timedelta(minutes=1)
LOOKS_EVERY: Final = 0.3
PAGES: Final = Path(".local")
"""Where the pages are kept that a browser can't ask for, since it has no token."""


class DemoSettings(ApiSettings):
    """Where the pieces of the running stack are; `stack.py env` says so."""

    model_config = settings_config("HANDOFF_")

    api_url: HttpUrl = Field(default="http://127.0.0.1:18280", description="Where the API answers")
    client_id: str = "handoff-demo"
    temporal: TemporalSettings = TemporalSettings(task_queue="handoff")
    workflow_id_prefix: str = ""
    temporal_ui_url: HttpUrl = Field(
        default="http://127.0.0.1:18233", validation_alias="KAKEHASHI_TEMPORAL_UI_URL"
    )


class DemoError(RuntimeError):
    """The demo can't go on; the message says why."""


class Part(StrEnum):
    """What is to be shown."""

    ORGANISATION = "organisation"
    """Enter a team, its members and its territory."""
    HANDOFF = "handoff"
    """Take one handoff from its assignment to a won deal."""


def main(part: Part) -> None:
    """Enter an organisation, or take one handoff to a won deal."""
    console = Console()
    settings = load(DemoSettings)
    try:
        with Api(settings, (READ, WRITE, WRITE_EVENTS, WRITE_TEAMS)) as api:
            if part is Part.ORGANISATION:
                _enter_organisation(api)
            else:
                _take_one_to_its_end(console, api, settings)
    except (ApiError, DemoError) as error:
        console.print(f"[red]Stopped:[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from None


def _enter_organisation(api: Api) -> None:
    hours = dict.fromkeys(_WORKDAYS, _DAY)
    _put(api, f"/v1/teams/{TEAM}", {"name": "自治体営業部", "hours": hours})
    for member_id, (name, role) in MEMBERS.items():
        member = {"team_id": TEAM, "name": name, "roles": [role], "capacity": CAPACITY}
        _put(api, f"/v1/members/{member_id}", member)
    _put(api, f"/v1/territories/{TEAM}", {"team_id": TEAM})  # no condition: all of Japan


def _put(api: Api, path: str, body: dict[str, Any]) -> None:
    api.put(path, json.dumps(body).encode(), "application/json")


def _take_one_to_its_end(console: Console, api: Api, settings: DemoSettings) -> None:
    with console.status("Waiting for a handoff …") as status:
        handoff = _assigned(api)
        path, owner = f"/v1/handoffs/{handoff['handoff_id']}", handoff["owner"]
        status.update(f"{owner} accepts, calls and wins …")
        api.post(f"{path}/accept", json.dumps({"by": owner}).encode(), "application/json")
        (deal,) = api.get("/v1/deals", lead_id=handoff["lead_id"], open="true")["items"]
        _tell(api, "/v1/seller-activities", SellerActivityRecorded.TYPE, _call(handoff))
        _wait_until(api, path, Status.CONTACTED)
        _tell(api, "/v1/deal-events", DealChanged.TYPE, _won(handoff, deal))
        _wait_until(api, path, Status.CLOSED)
    _show(console, api, settings, handoff)


def _call(handoff: dict[str, Any]) -> dict[str, Any]:
    """Return what a telephone system says of a call."""
    return {
        "activity_id": f"{handoff['handoff_id']}-call",
        "member_id": handoff["owner"],
        "role": handoff["to_role"],
        "kind": "call",
        "reached": True,
        "lead_id": handoff["lead_id"],
    }


def _won(handoff: dict[str, Any], deal: dict[str, Any]) -> dict[str, Any]:
    """Return what a CRM says of the deal that was opened when the handoff was accepted."""
    return {
        "deal_id": deal["deal_id"],
        "stage": "decision",
        "municipality_code": handoff["municipality_code"],
        "lead_ids": [handoff["lead_id"]],
        "owner": handoff["owner"],
        "amount_yen": 4_800_000,
        "outcome": "won",
    }


def _tell(api: Api, path: str, event_type: str, data: dict[str, Any]) -> None:
    """Send an event as another system does."""
    event = {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "https://www.example.co.jp/demo",
        "type": event_type,
        "time": datetime.now(UTC).isoformat(),
        "data": data,
    }
    api.post(path, json.dumps(event).encode(), "application/cloudevents+json")


def _wait_until(api: Api, path: str, status: Status) -> None:
    """Wait until an event has moved a handoff."""
    started = time.monotonic()
    while (now := api.get(path)["status"]) != status.value:
        if time.monotonic() - started > MOVED_WITHIN.total_seconds():
            raise DemoError(f"{path} is {now} and not {status.value}: see `make logs`")
        time.sleep(LOOKS_EVERY)


def _assigned(api: Api) -> dict[str, Any]:
    """Return the handoff with the best grade of those that wait for their owner's answer."""
    started = time.monotonic()
    while True:
        waiting = api.pages("/v1/handoffs", status=Status.ASSIGNED.value, limit=200)
        found = sorted(
            (each for each in waiting if each["owner"] in MEMBERS and each["municipality_code"]),
            key=lambda each: (each["grade"] or "C3", each["requested_at"]),
        )
        if found:
            return dict(found[0])
        if time.monotonic() - started > ASSIGNED_WITHIN.total_seconds():
            raise DemoError(
                "no handoff waits for an answer of the demo's members: is their capacity "
                f"({CAPACITY}) taken? `make reset` deletes all data"
            )
        time.sleep(LOOKS_EVERY)


def _show(console: Console, api: Api, settings: DemoSettings, handoff: dict[str, Any]) -> None:
    """Print what has happened to the handoff, and where to look."""
    handoff_id, owner = handoff["handoff_id"], handoff["owner"]
    console.print()
    console.rule("[bold]From inside sales to field sales: one handoff", align="left")
    console.print(
        f"[bold green]{handoff['grade']}[/]  "
        f"[bold]{municipality_name(handoff['municipality_code'])}[/]  "
        f"[dim]{escape(handoff['lead_id'])}[/]  to {MEMBERS[owner][0]}, field sales",
        highlight=False,
    )
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for fact in api.pages(f"/v1/handoffs/{handoff_id}/history", limit=100):
        at = datetime.fromisoformat(fact["at"]).astimezone(TOKYO)
        table.add_row(f"{at:%a %d %b %H:%M:%S}", fact["kind"].replace("_", " "), fact["ja"])
    console.print(table)
    console.print()
    address = f"{settings.api_url}/v1"
    running = quote(workflow_id(handoff_id, settings.workflow_id_prefix), safe="")
    temporal = f"{settings.temporal_ui_url}/namespaces/{settings.temporal.namespace}"
    packet = _kept(api, f"/v1/handoffs/{handoff_id}/packet?format=html", "handoff-packet.html")
    agenda = _kept(api, "/v1/agenda.html", "handoff-agenda.html")
    for name, url in (
        ("Handoff", f"{address}/handoffs/{handoff_id}"),
        ("Its packet, one A4 page", f"{address}/handoffs/{handoff_id}/packet?format=html"),
        ("", packet),
        ("The week's agenda", f"{address}/agenda.html"),
        ("", agenda),
        ("Its workflow", f"{temporal}/workflows/{running}"),
    ):
        # Unwrapped, so that it can be copied.
        console.print(f"  {name:24} {url}", highlight=False, soft_wrap=True)


def _kept(api: Api, path: str, name: str) -> str:
    """Keep a page for a browser, and return the page's address."""
    PAGES.mkdir(exist_ok=True)
    file = (PAGES / name).resolve()
    file.write_text(api.page(path), encoding="utf-8")
    return file.as_uri()


if __name__ == "__main__":
    typer.run(main)
