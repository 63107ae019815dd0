"""The municipality's budget year: the route to the money now, and how it ends years later."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS
from budget_calendar.pictures.events import EventKind
from budget_calendar.registry.search import Registry
from budget_calendar.registry.snapshot import shipped
from budget_calendar.simulation.player import Played, play
from budget_calendar.simulation.scenario_file import read_scenario
from budget_calendar.simulation.sequence import lines_of
from examples.journey.cast import SELLER
from examples.journey.context import Journey
from examples.journey.steps import NotYet, StepError
from kakehashi_common.contracts.budget_phases import PursuitBudgeted

_SCENARIO: Final = Path(__file__).with_name("years.yaml")
_AMOUNT_YEN: Final = 4_800_000
_WANTED_WITHIN: Final = timedelta(days=120)
_FISCAL_YEAR_BEGINS: Final = 4
"""April."""


def open_pursuit(journey: Journey) -> date:
    """The seller opens a pursuit; the municipality's year says by when to act.

    Returns the day by which the money has to be requested.
    """
    steps, cast, today = journey.steps, journey.cast, journey.today
    steps.begin(f"The budget year of {cast.place.name} says by when to act")
    api = journey.services.budget_calendar
    pursuit_id = f"demo-{cast.run}"
    wanted = {
        "id": pursuit_id,
        "municipality_code": cast.place.code,
        "owner": SELLER,
        "goal": {
            "policy_area": "digital",
            "amount": _AMOUNT_YEN,
            "wanted_start": str(today + _WANTED_WITHIN),
            "category": "services",
            "description": "窓口予約システム",
        },
    }
    journey.ask("the pursuit to be opened", api, "/v1/pursuits", wanted)

    def arisen() -> dict[str, Any] | NotYet:
        reasons = journey.services.followup.get("/v1/reasons", municipality_code=cast.place.code)[
            "items"
        ]
        mine = [each for each in reasons if each["pursuit_id"] == pursuit_id]
        taken = [each for each in mine if each["kind"] == "route_taken"]
        return taken[0] if taken else NotYet(f"{len(mine)} reasons of the pursuit")

    reason = steps.wait("the reason in followup that budget-calendar raises", arisen)
    pursuit = api.get(f"/v1/pursuits/{pursuit_id}")
    steps.lines(
        (
            ("route", pursuit["route"]["label"]["ja"], pursuit["route"]["label"]["en"]),
            ("next", pursuit["summary"]["ja"], pursuit["summary"]["en"]),
            ("reason", reason["text"], f"good until {reason['good_until']}"),
        )
    )
    year = today.year - (today.month < _FISCAL_YEAR_BEGINS)
    picture = api.page(f"/v1/calendars/{cast.place.code}/{year}/timeline.svg")
    steps.page("The year, as a picture", "journey-year.svg", picture)
    steps.link("Its workflow", journey.stack.workflow(f"pursuit/{pursuit_id}"))
    return date.fromisoformat(reason["good_until"])


def let_years_pass(journey: Journey) -> None:
    """Years pass for such a pursuit, by the same workflows on a server that skips time."""
    steps, place = journey.steps, journey.cast.place
    steps.begin("Years pass: budgeted, contracted, and renewed")
    scenario = read_scenario(
        _SCENARIO.read_text(encoding="utf-8")
        .replace("102032", place.code)
        .replace("桐生市", place.name),
        _SCENARIO.parent,
        Registry(shipped()),
        journey.today,
    )
    with steps.console.status("Years pass …") as status:
        played: Played = asyncio.run(
            play(
                scenario,
                journey.stack.time_skipping_server,
                template="published",
                lead_business_days=LEAD_BUSINESS_DAYS,
                on_day=lambda day: status.update(f"Years pass … {day}"),
            )
        )
    budgeted = [each for each in played.published if isinstance(each.data, PursuitBudgeted)]
    if not budgeted or played.refused:
        refused = "; ".join(str(each.refused) for each in played.refused) or "nothing"
        raise StepError(
            f"awaited that the pursuit is budgeted; found: {len(budgeted)} budgeted, and "
            f"{refused} refused"
        )
    steps.lines(
        (f"{line.on:%a %d %b %Y}", line.pursuit_id or "", line.what.ja, line.what.en)
        for line in lines_of(played)
        if line.kind is EventKind.SUCCESS
    )
    steps.print(
        f"{scenario.years} years on a server that skips time, by the workflows that run here; the "
        "pursuit above waits for them in real time."
    )
    steps.link("The pursuit above", journey.stack.workflow(f"pursuit/demo-{journey.cast.run}"))
