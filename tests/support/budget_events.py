"""Events of municipalities' budget years, as budget-calendar publishes them."""

from datetime import datetime

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.budget_phases import PhaseEntered
from tests.support.received import received


def phase_entered(
    phase: str, *, at: datetime, municipality_code: str = "102032"
) -> Received[PhaseEntered]:
    """Return that a municipality has entered a phase."""
    day = at.date().isoformat()
    data = PhaseEntered.model_validate(
        {
            "municipality_code": municipality_code,
            "fiscal_year": 2026,
            "phase": phase,
            "label": {"ja": phase, "en": phase},
            "begins": {
                **dict.fromkeys(("earliest", "likely", "latest"), day),
                "basis": "practice",
                "source": "common practice",
                "confidence": 0.9,
            },
            "ends_likely_on": day,
        }
    )
    return received(data, at, source="//kakehashi/budget-calendar")
