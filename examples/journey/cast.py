"""The cast of the journey: a real municipality, and made-up people there and at the seller's."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from kakehashi_common.clock import TOKYO
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.municipalities import Municipality, municipalities

PREFECTURE: Final = "群馬県"
_FIRST: Final = "102032"  # 桐生市

TEAM: Final = "demo-gunma"
SELLER: Final = "demo-fs-gunma"
SELLER_NAME: Final = "中村 直樹"
SELLER_ADDRESS: Final = "naoki.nakamura@seller.example"

_WEB: Final = "https://www.seller.example"
_CRM: Final = "https://crm.seller.example"


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody who works at the municipality."""

    lead_id: str
    name: str
    email: str
    department: str
    role: str


@dataclass(frozen=True, slots=True)
class Cast:
    """One run's municipality and people."""

    run: str
    """Part of every id, so that each run has people of its own."""
    place: Municipality
    manager: Official
    """Comes to the website as a stranger."""
    treasurer: Official
    """Of the finance section: the follow-up is for them."""


def places() -> list[Municipality]:
    """Return the cities of the prefecture, Kiryu first."""
    cities = [
        each
        for each in municipalities().values()
        if each.prefecture == PREFECTURE and each.kind == "city"
    ]
    return sorted(cities, key=lambda each: (each.code != _FIRST, each.code))


def cast(now: datetime, taken: Collection[str]) -> Cast | None:
    """Return the people of a city that no run has gone to; ``None``: there is none left.

    Args:
        now: makes the run's ids.
        taken: codes of the cities of earlier runs.
    """
    place = next((each for each in places() if each.code not in taken), None)
    if place is None:
        return None
    run = f"{now.astimezone(TOKYO):%Y%m%d-%H%M%S}"
    domain = f"lg{place.code}.example"
    manager = Official(
        f"web-{run}", "森 千尋", f"c.mori.{run}@{domain}", "デジタル推進課", "manager"
    )
    treasurer = Official(f"crm-{run}", "前田 浩", f"h.maeda.{run}@{domain}", "財政課", "finance")
    return Cast(run, place, manager, treasurer)


def visits(cast: Cast, now: datetime) -> list[dict[str, Any]]:
    """Return what a stranger reads on the website, over three days."""
    lead_id = cast.manager.lead_id
    read = (
        (timedelta(days=2, hours=1), "page_viewed", "case_study"),
        (timedelta(days=2), "page_viewed", "pricing"),
        (timedelta(hours=3), "page_viewed", "pricing"),
        (timedelta(hours=2), "document_downloaded", "price_list"),
    )
    return [
        event(
            f"{cast.run}-visit-{number}",
            _WEB,
            ActivityRecorded.TYPE,
            now - ago,
            {"lead_id": lead_id, "kind": kind, "category": category},
        )
        for number, (ago, kind, category) in enumerate(read)
    ]


def enquiry(cast: Cast, now: datetime) -> list[dict[str, Any]]:
    """Return how the stranger makes themselves known, and asks for a quote."""
    lead_id = cast.manager.lead_id
    asked = [
        event(
            f"{cast.run}-{kind}",
            _WEB,
            ActivityRecorded.TYPE,
            now - timedelta(minutes=1),
            {"lead_id": lead_id, "kind": kind},
        )
        for kind in ("form_submitted", "reference_quote_requested")
    ]
    return [profile(cast, cast.manager, now), *asked]


def profile(cast: Cast, official: Official, now: datetime) -> dict[str, Any]:
    """Return what a CRM says of somebody."""
    said = {
        "lead_id": official.lead_id,
        "municipality_code": cast.place.code,
        "department": official.department,
        "person_name": official.name,
        "email": official.email,
        "role": official.role,
    }
    return event(
        f"{official.lead_id}-profile", _CRM, ProfileChanged.TYPE, now - timedelta(minutes=2), said
    )


def event(
    event_id: str, source: str, event_type: str, at: datetime, data: dict[str, Any]
) -> dict[str, Any]:
    """Return a CloudEvent."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "time": at.isoformat(),
        "data": data,
    }
