from datetime import UTC, datetime, timedelta

import pytest

from followup.domain.measures.experiments import Counted, Standing, judge
from followup.domain.playbooks.experiment import Experiment, Variant, Verdict
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.send_times.answer_rates import ANSWERED_WITHIN
from kakehashi_common.domain.proportions import Proportion

DECLARED = Experiment(OccurrenceKind.ANSWERED, mails_per_variant=100)
LAST = datetime(2026, 12, 1, tzinfo=UTC)


def counted(variant: Variant, reacted: int, n: int) -> Counted:
    return Counted(variant, Proportion(reacted, n), n, LAST)


@pytest.mark.parametrize(
    ("a", "b", "after", "standing", "verdict"),
    [
        ((50, 99), (10, 400), ANSWERED_WITHIN, Standing.RUNNING, None),
        ((40, 100), (10, 100), timedelta(days=13), Standing.AWAITING_ANSWERS, None),
        ((40, 100), (10, 100), ANSWERED_WITHIN, Standing.DECIDED, Verdict.A),
        ((10, 100), (40, 100), ANSWERED_WITHIN, Standing.DECIDED, Verdict.B),
        ((20, 100), (25, 100), timedelta(days=365), Standing.DECIDED, Verdict.NO_DIFFERENCE),
    ],
)
def test_an_experiment_says_nothing_before_its_rule_decides_it(
    a: tuple[int, int],
    b: tuple[int, int],
    after: timedelta,
    standing: Standing,
    verdict: Verdict | None,
) -> None:
    found = judge(DECLARED, counted(Variant.A, *a), counted(Variant.B, *b), LAST + after)
    assert (found.standing, found.verdict) == (standing, verdict)
    decided_at = LAST + ANSWERED_WITHIN if standing is Standing.DECIDED else None
    assert found.decided_at == decided_at


def test_an_experiment_without_mails_runs() -> None:
    a, b = (Counted(each, Proportion(0, 0), 0, None) for each in Variant)
    assert judge(DECLARED, a, b, LAST).standing is Standing.RUNNING
