"""``python -m budget_calendar.examples``: what budget-calendar shows of a running stack.

The council sessions are real, and go in by HTTP as any client would send them. The prefecture is
followed on the stack's Temporal.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import typer
from pydantic import Field
from rich.markup import escape

from budget_calendar.council_sessions.client import BudgetCalendarApi
from budget_calendar.council_sessions.files import read_session_files
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.examples import report
from budget_calendar.scopes import CORRECT, FOLLOW, READ
from kakehashi_common.clock import TOKYO
from kakehashi_common.errors import FaultError, TransientError
from kakehashi_common.http.client import Api, ApiError
from kakehashi_common.settings import HttpUrl, TemporalSettings, load
from kakehashi_common.temporal.client import connect
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.terminal import Console

KIRYU: Final = "102032"
SESSIONS: Final = Path("examples/kiryu_council_sessions")
PREFECTURE: Final = "群馬県"

FOLLOWED_WITHIN: Final = timedelta(minutes=2)
LOOKS_EVERY: Final = 0.3


class DemoSettings(BudgetCalendarApi):
    """The addresses of the running stack, as `stack.py env` prints them."""

    temporal: TemporalSettings = TemporalSettings(task_queue="budget-calendar")
    workflow_id_prefix: str = ""
    temporal_ui_url: HttpUrl = Field(
        default="http://127.0.0.1:18233", validation_alias="KAKEHASHI_TEMPORAL_UI_URL"
    )


class DemoError(RuntimeError):
    """The demo can't go on; the message says why."""


def main() -> None:
    """Show a town's predicted year, and follow a prefecture."""
    console = Console()
    settings = load(DemoSettings)
    try:
        with Api(settings, (READ, FOLLOW, CORRECT)) as api:
            year = fiscal_year_of(datetime.now(TOKYO).date())
            _show_year(console, api, year)
            _follow(console, api, settings)
    except (ApiError, DemoError, FaultError, TransientError) as error:
        console.print(f"[red]Stopped:[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from None


def _show_year(console: Console, api: Api, year: int) -> None:
    """Store Kiryu's council sessions by HTTP, and read back the year predicted from them."""
    if not SESSIONS.exists():
        raise DemoError(f"run it in the checkout: there is no {SESSIONS}")
    read = read_session_files(SESSIONS, KIRYU, "桐生市")
    sessions = [_as_sent(asdict(each)) for each in read.sessions]
    stored = api.post(
        f"/v1/municipalities/{KIRYU}/sessions",
        json.dumps({"sessions": sessions}, default=str).encode(),
        "application/json",
    )
    calendar = api.get(f"/v1/calendars/{KIRYU}/{year}")
    report.show_sessions(console, read, stored["stored"])
    report.show_calendar(console, calendar, year)


def _as_sent(session: dict[str, Any]) -> dict[str, Any]:
    """A session without what the path says."""
    return {name: value for name, value in session.items() if name != "code"}


def _follow(console: Console, api: Api, settings: DemoSettings) -> None:
    """Follow a prefecture, and wait until a workflow runs for each of its municipalities."""
    started = time.monotonic()
    followed = api.post(
        "/v1/follows", json.dumps({"prefecture": PREFECTURE}).encode(), "application/json"
    )
    wanted = len(followed["changed"]) + len(followed["unchanged"])
    with console.status(f"Starting {wanted} workflows …"):
        states = _states(api)
        while states.get("following", 0) < wanted:
            if time.monotonic() - started > FOLLOWED_WITHIN.total_seconds():
                raise DemoError(f"of {wanted} followed municipalities are {dict(states)}")
            time.sleep(LOOKS_EVERY)
            states = _states(api)
        standings = _standings(api, wanted, started)
    took = time.monotonic() - started
    running = asyncio.run(_running(settings))
    report.show_prefecture(console, PREFECTURE, len(followed["changed"]), wanted, took)
    report.show_standings(console, standings)
    workflows = f"{settings.temporal_ui_url}/namespaces/{settings.temporal.namespace}/workflows"
    query = quote(f'WorkflowType="{report.CYCLE}"')
    console.print(
        f"\nTemporal runs {running:,} budget cycles: {workflows}?query={query}",
        highlight=False,
        soft_wrap=True,
    )


def _states(api: Api) -> Mapping[str, int]:
    pages = api.pages("/v1/follows", prefecture=PREFECTURE, limit=200)
    return Counter(each["state"] for each in pages)


def _standings(api: Api, wanted: int, started: float) -> Sequence[dict[str, Any]]:
    """Where they stand, once their workflows have opened their calendars."""
    while True:
        answer = api.get("/v1/standings", prefecture=PREFECTURE, language="ja")
        if answer["total"] >= wanted and not answer["without_calendar"]:
            found: Sequence[dict[str, Any]] = answer["items"]
            return found
        if time.monotonic() - started > FOLLOWED_WITHIN.total_seconds():
            raise DemoError(f"{answer['without_calendar']} calendars have not been opened")
        time.sleep(LOOKS_EVERY)


async def _running(settings: DemoSettings) -> int:
    """Return how many budget cycles are running, by Temporal's count."""
    client = await connect(settings.temporal)
    query = f'WorkflowType="{report.CYCLE}" AND ExecutionStatus="Running"'
    if settings.workflow_id_prefix:
        query += f' AND WorkflowId STARTS_WITH "{settings.workflow_id_prefix}"'
    with rpc_errors():
        return (await client.count_workflows(query)).count


if __name__ == "__main__":
    typer.run(main)
