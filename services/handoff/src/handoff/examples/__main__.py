"""``python -m handoff.examples``: enter a small organisation into a running stack.

Before leads qualify, so that their handoffs find somebody.
"""

import json
from typing import Any, Final

import typer
from pydantic import Field
from rich.markup import escape

from handoff.scopes import READ, WRITE_TEAMS
from kakehashi_common.http.client import Api, ApiError, ApiSettings
from kakehashi_common.settings import HttpUrl, load, settings_config
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


class DemoSettings(ApiSettings):
    """The address of the API, as `stack.py env` prints it."""

    model_config = settings_config("HANDOFF_")

    api_url: HttpUrl = Field(default="http://127.0.0.1:18280", description="Where the API answers")
    client_id: str = "handoff-demo"


def main() -> None:
    """Enter a team, its members and its territory."""
    try:
        with Api(load(DemoSettings), (READ, WRITE_TEAMS)) as api:
            _enter_organisation(api)
    except ApiError as error:
        Console().print(f"[red]Stopped:[/] {escape(str(error))}", highlight=False)
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


if __name__ == "__main__":
    typer.run(main)
