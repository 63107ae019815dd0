"""A handoff without what people wrote into it, for a person whose data are erased."""

from dataclasses import replace
from typing import Final

from handoff.domain.handoff.facts import (
    Closed,
    Fact,
    Paused,
    Rated,
    ReadinessOverridden,
    Reassigned,
    Rejected,
    Resubmitted,
    Returned,
    Withdrawn,
)
from handoff.domain.handoff.state import HandoffState

ERASED: Final = "消去済み"
"""In the place of a text that was erased."""


def without_texts(state: HandoffState) -> HandoffState:
    """Return the state without texts that people wrote: notes, reasons, names of facts."""
    return replace(
        state,
        missing_facts=_each(state.missing_facts),
        rejections=tuple(
            replace(each, missing_facts=_each(each.missing_facts)) for each in state.rejections
        ),
        ratings=tuple(replace(each, reason=ERASED) for each in state.ratings),
        overrides=tuple(replace(each, reason=ERASED) for each in state.overrides),
        history=tuple(map(fact_without_texts, state.history)),
    )


def fact_without_texts(fact: Fact) -> Fact:
    """Return a fact without texts that people wrote."""
    match fact:
        case Rejected(note=note) | Paused(note=note) | Reassigned(note=note) if note:
            return replace(fact, note=ERASED)
        case Rated() | ReadinessOverridden() | Closed() | Withdrawn() if fact.reason:
            return replace(fact, reason=ERASED)
        case Returned():
            return replace(fact, missing_facts=_each(fact.missing_facts))
        case Resubmitted():
            return replace(fact, supplied_facts=_each(fact.supplied_facts))
        case _:
            return fact


def _each(facts: tuple[str, ...]) -> tuple[str, ...]:
    return (ERASED,) if facts else ()
