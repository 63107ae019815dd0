"""The subsidies of a scenario file: on record from its first day on, named as HTTP names them."""

import re
from fractions import Fraction
from typing import Final

from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.domain.windows import Window
from budget_calendar.simulation.scenario_values import checked, window_of
from kakehashi_common.yaml_reader import Section

REQUIRED: Final = "id name ministry rate call_opens call_closes decision completed_by source"
OPTIONAL: Final = "cap_yen eligible_types policy_areas consultation"

_RATE: Final = re.compile(r"[0-9]{1,4}(/[1-9][0-9]{0,3})?")


def subsidies_of(top: Section) -> tuple[Subsidy, ...]:
    """Return all subsidies but those with problems, which are reported."""
    found: dict[str, Subsidy] = {}
    for section in top.sections("subsidies", required=REQUIRED, optional=OPTIONAL):
        subsidy = _subsidy(section)
        if subsidy is None:
            continue
        if subsidy.id in found:
            section.problem("id", f"subsidy {subsidy.id!r} is given twice")
        found[subsidy.id] = subsidy
    return tuple(found.values())


def _subsidy(section: Section) -> Subsidy | None:
    rate, opens, closes = _rate(section), section.day("call_opens"), section.day("call_closes")
    decision, completed_by = _days(section, "decision"), section.day("completed_by")
    consultation = _days(section, "consultation") if "consultation" in section else None
    types = _types(section)
    cap = section.whole("cap_yen")
    identity, name = section.text("id"), section.text("name")
    ministry, source = section.text("ministry"), section.text("source")
    areas = frozenset(section.texts("policy_areas"))
    if rate is None or not opens or not closes or decision is None or not completed_by:
        return None
    if not section.sound:
        return None
    return checked(
        section,
        "id",
        Subsidy,
        id=identity,
        name=name,
        ministry=ministry,
        rate=rate,
        cap=cap,
        eligible_types=types,
        policy_areas=areas,
        call_opens=opens,
        call_closes=closes,
        consultation=consultation,
        decision=decision,
        completed_by=completed_by,
        source=source,
    )


def _rate(section: Section) -> Fraction | None:
    text = section.text("rate")
    if not text:
        return None
    if not _RATE.fullmatch(text):
        section.problem("rate", f"rate must be a fraction such as 1/2, not {text!r}")
        return None
    return Fraction(text)


def _days(section: Section, key: str) -> Window | None:
    window = section.section(key, optional="day earliest likely latest")
    return window_of(window, "likely") if key in section else None


def _types(section: Section) -> frozenset[MunicipalityType]:
    names = section.texts("eligible_types")
    unknown = [name for name in names if name not in tuple(MunicipalityType)]
    if unknown:
        known = ", ".join(MunicipalityType)
        section.problem("eligible_types", f"{', '.join(unknown)}: known are {known}")
    return frozenset(MunicipalityType(name) for name in names if name not in unknown)
