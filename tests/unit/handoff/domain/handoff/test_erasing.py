"""Of a handoff whose person is erased, what happened stays, and no text that people wrote."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handoff.domain.handoff.erasing import ERASED, fact_without_texts, without_texts
from handoff.domain.handoff.facts import (
    ClockResult,
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
from handoff.domain.handoff.rejections import Consequence, RejectionReason
from handoff.domain.handoff.state import Rating, Rejection
from handoff.domain.handoff.terms import ClockName, Direction, Outcome, PauseReason, ReassignReason
from handoff.domain.readiness import Answer, Criterion, Override
from tests.support.handoffs import Life

WORDS = "田中さんは4月に異動"
AT = datetime(2026, 11, 30, 1, tzinfo=UTC)
CLOCK = ClockResult(ClockName.SUPPLEMENT, AT, AT, AT, kept=True)
FACTS: tuple[Fact, ...] = (
    Rejected(
        AT,
        "fs-1",
        RejectionReason.FACTS_MISSING,
        Consequence.RETURN,
        after_acceptance=False,
        note=WORDS,
    ),
    Paused(AT, "fs-1", PauseReason.INTERNAL, AT, WORDS),
    Reassigned(AT, "lead-1", ReassignReason.DECIDED, "fs-1", "fs-2", WORDS),
    Rated(AT, "fs-1", Direction.RECEIVER_RATES_SENDER, 3, WORDS),
    ReadinessOverridden(AT, "fs-1", Criterion.CONSENT, Answer.MET, WORDS),
    Closed(AT, "fs-1", Outcome.LOST, WORDS),
    Withdrawn(AT, "fs-1", WORDS),
    Returned(AT, "fs-1", (WORDS,)),
    Resubmitted(AT, "is-1", (WORDS,), CLOCK),
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_a_text_is_erased_and_the_rest_stays(fact: Fact) -> None:
    erased = fact_without_texts(fact)
    assert WORDS not in str(erased)
    assert ERASED in str(erased)
    assert (type(erased), erased.at) == (type(fact), fact.at)


def test_a_fact_without_a_text_stays_as_it_is() -> None:
    fact = Closed(AT, "deals", Outcome.WON)
    assert fact_without_texts(fact) == fact


def test_nothing_is_left_in_the_state_and_it_can_be_read_again() -> None:
    state = replace(
        Life("2026-11-30 10:00").state,
        missing_facts=(WORDS,),
        rejections=(Rejection("fs-1", RejectionReason.FACTS_MISSING, None, None, (WORDS,)),),
        ratings=(Rating(Direction.RECEIVER_RATES_SENDER, 3, WORDS, "fs-1", AT),),
        overrides=(Override(Criterion.CONSENT, Answer.MET, WORDS, "fs-1", AT),),
        history=FACTS,
    )
    erased = without_texts(state)
    assert WORDS not in str(erased)
    assert len(erased.history) == len(FACTS)
    assert without_texts(erased) == erased
