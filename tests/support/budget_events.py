"""Events of municipalities' budget years, as budget-calendar publishes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.budget_phases import CalendarRevised, MilestoneNear, PhaseEntered
from tests.support.received import received


def phase_entered(
    phase: str, *, at: datetime, municipality_code: str = "102032", ends: str | None = None
) -> Received[PhaseEntered]:
    """Return that a municipality has entered a phase."""
    day = at.date().isoformat()
    data = PhaseEntered.model_validate(
        {
            "municipality_code": municipality_code,
            "fiscal_year": 2026,
            "phase": phase,
            "label": {"ja": phase, "en": phase},
            "begins": _window(day),
            "ends_likely_on": ends or day,
        }
    )
    return received(data, at, source="//kakehashi/budget-calendar")


def milestone_near(
    milestone: str,
    likely: str,
    *,
    at: datetime,
    session: tuple[str, str] | None = None,
    municipality_code: str = "102032",
) -> Received[MilestoneNear]:
    """Return that a milestone is near, and between which days its session lies."""
    stated: dict[str, Any] = {
        "municipality_code": municipality_code,
        "fiscal_year": 2026,
        "milestone": milestone,
        "label": {"ja": milestone, "en": milestone},
        "window": _window(likely),
        "business_days_left": 7,
    }
    if session is not None:
        stated["session"] = dict(zip(("opens", "votes"), map(_window, session), strict=True))
    return received(MilestoneNear.model_validate(stated), at, source="//kakehashi/budget-calendar")


def calendar_revised(
    moved: Mapping[str, str | None], *, at: datetime, municipality_code: str = "102032"
) -> Received[CalendarRevised]:
    """Return to which days milestones have moved; without a day, one fell away."""
    data = CalendarRevised.model_validate(
        {
            "municipality_code": municipality_code,
            "fiscal_year": 2026,
            "version": 2,
            "cause": "correction",
            "moved": [
                {
                    "milestone": milestone,
                    "label": {"ja": milestone, "en": milestone},
                    "after": None if day is None else _window(day),
                }
                for milestone, day in moved.items()
            ],
        }
    )
    return received(data, at, source="//kakehashi/budget-calendar")


def _window(day: str) -> dict[str, object]:
    return {
        **dict.fromkeys(("earliest", "likely", "latest"), day),
        "basis": "practice",
        "source": "common practice",
        "confidence": 0.9,
    }
