"""Occurrences that are news to a sequence."""

from dataclasses import replace

import pytest

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.playbooks.walk import Occurrence
from tests.support.sequences import Life, at

START = "2026-11-30 10:00"
BEFORE, AFTER = at("2026-11-30 09:59"), at("2026-12-01 10:00")
ACCEPTED = Occurrence(OccurrenceKind.HANDOFF_ACCEPTED, AFTER)
ASSESSMENT = Occurrence(OccurrenceKind.PHASE_BEGAN, AFTER, "finance_assessment")
DELIBERATION = Occurrence(OccurrenceKind.PHASE_BEGAN, AFTER, "council_deliberation")


@pytest.mark.parametrize(
    ("known", "occurrence", "news"),
    [
        ((), ACCEPTED, True),
        ((), replace(ACCEPTED, at=at(START)), True),
        ((), replace(ACCEPTED, at=BEFORE), False),
        ((ACCEPTED,), ACCEPTED, False),
        ((ACCEPTED,), replace(ACCEPTED, at=at("2026-12-02 10:00")), True),
        ((), ASSESSMENT, True),
        ((), replace(ASSESSMENT, at=BEFORE), True),
        ((ASSESSMENT,), replace(ASSESSMENT, at=BEFORE), False),
        ((ASSESSMENT,), DELIBERATION, True),
        ((DELIBERATION, ASSESSMENT), DELIBERATION, False),
        ((DELIBERATION, ASSESSMENT), replace(DELIBERATION, at=at("2027-12-01 10:00")), True),
        ((DELIBERATION, ACCEPTED), DELIBERATION, False),
    ],
)
def test_what_an_open_sequence_does_not_know_is_news(
    known: tuple[Occurrence, ...], occurrence: Occurrence, *, news: bool
) -> None:
    state = replace(Life(START).state, occurrences=known)
    assert state.has_news_of(occurrence) is news


def test_nothing_is_news_to_one_that_has_ended() -> None:
    life = Life(START)
    life.react(OccurrenceKind.OPTED_OUT)
    assert not life.state.has_news_of(ACCEPTED)
    assert not life.state.has_news_of(ASSESSMENT)
