import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.domain.playbooks.experiment import (
    Experiment,
    Variant,
    Verdict,
    variant_of,
    verdict,
)
from followup.domain.playbooks.steps import OccurrenceKind
from kakehashi_common.domain.proportions import Proportion

HALF = Experiment(OccurrenceKind.ANSWERED, mails_per_variant=100)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=30), st.text(max_size=30), st.floats(0.01, 0.99))
def test_a_contact_always_gets_the_same_variant_and_never_the_other_by_a_larger_share(
    playbook: str, contact: str, share: float
) -> None:
    smaller = Experiment(OccurrenceKind.ANSWERED, 100, share)
    larger = Experiment(OccurrenceKind.ANSWERED, 100, (1 + share) / 2)
    variant = variant_of(playbook, contact, smaller)
    assert variant_of(playbook, contact, smaller) is variant
    if variant is Variant.B:
        assert variant_of(playbook, contact, larger) is Variant.B


@pytest.mark.parametrize(("share", "low", "high"), [(0.5, 450, 550), (0.1, 70, 130)])
def test_contacts_are_spread_by_the_declared_share(share: float, low: int, high: int) -> None:
    experiment = Experiment(OccurrenceKind.ANSWERED, 100, share)
    drawn = [variant_of("welcome", f"crm-{n}", experiment) for n in range(1000)]
    assert low < drawn.count(Variant.B) < high


def test_two_playbooks_draw_apart() -> None:
    drawn = [[variant_of(name, f"crm-{n}", HALF) for n in range(100)] for name in ("one", "two")]
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0, 0), (0, 0), Verdict.TOO_FEW),
        ((60, 99), (1, 500), Verdict.TOO_FEW),  # however clear it looks
        ((40, 100), (10, 100), Verdict.A),
        ((10, 100), (40, 100), Verdict.B),
        ((10, 100), (15, 100), Verdict.NO_DIFFERENCE),
        ((0, 100), (0, 100), Verdict.NO_DIFFERENCE),
    ],
)
def test_verdict(a: tuple[int, int], b: tuple[int, int], expected: Verdict) -> None:
    assert verdict(HALF, Proportion(*a), Proportion(*b)) is expected
