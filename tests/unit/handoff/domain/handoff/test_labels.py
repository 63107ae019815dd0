"""Every term that people see has a Japanese name, and every reason says what follows."""

import re
from collections.abc import Mapping
from enum import StrEnum

import pytest

from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.handoff import labels
from handoff.domain.handoff.rejections import (
    REASONS,
    Consequence,
    RejectionReason,
    consequence_of,
)
from handoff.domain.handoff.terms import (
    CLOCK_OF,
    ENDED,
    OWNED,
    WAITING,
    ClockName,
    Direction,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
    Status,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function, Role

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠ー、・]+|SDR")


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        (ClockName, labels.CLOCKS),
        (Direction, labels.RATINGS),
        (Exclusion, labels.EXCLUSIONS),
        (Function, labels.FUNCTIONS),
        (Level, labels.LEVELS),
        (Outcome, labels.OUTCOMES),
        (PauseReason, labels.PAUSES),
        (ReassignReason, labels.REASSIGNMENTS),
        (Role, labels.ROLES),
        (Answer, labels.ANSWERS),
        (Criterion, labels.CRITERIA),
        (RejectionReason, {reason: terms.label for reason, terms in REASONS.items()}),
    ],
)
def test_every_term_has_a_japanese_name(terms: type[StrEnum], names: Mapping[StrEnum, str]) -> None:
    assert set(names) == set(terms)
    assert len(set(names.values())) == len(names)
    assert all(JAPANESE.fullmatch(name) for name in names.values())


def test_every_consequence_has_a_reason() -> None:
    assert {consequence_of(reason) for reason in RejectionReason} == set(Consequence)


def test_every_status_waits_is_owned_ended_or_rests() -> None:
    assert {*WAITING, *OWNED, *ENDED, Status.RECYCLED, Status.RETURNED} == set(Status)
    assert set(CLOCK_OF) == {*WAITING, *OWNED, Status.RETURNED} - {Status.MET}
