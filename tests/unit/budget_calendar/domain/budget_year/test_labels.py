import pytest

from budget_calendar.domain.budget_year.calendar import MilestoneKind
from budget_calendar.domain.budget_year.labels import BASES, MILESTONES, PHASES, milestone_label
from budget_calendar.domain.windows import Basis
from kakehashi_common.domain.budget_phases import BudgetPhase


def test_everything_that_is_shown_has_a_name_in_both_languages() -> None:
    assert set(PHASES) == set(BudgetPhase)
    assert set(MILESTONES) == set(MilestoneKind)
    assert set(BASES) == set(Basis)
    for names in (PHASES, MILESTONES, BASES):
        japanese, english = ([getattr(n, lang) for n in names.values()] for lang in ("ja", "en"))
        assert all(japanese)
        assert all(english)
        assert len(set(japanese)) == len(japanese)
        assert len(set(english)) == len(english)


@pytest.mark.parametrize(
    ("kind", "number", "ja", "en"),
    [
        (MilestoneKind.REQUEST_DEADLINE, None, "予算要求締切", "Request deadline"),
        (MilestoneKind.SESSION_OPENS, 2, "第2回定例会 開会", "Session opens (session 2)"),
        (
            MilestoneKind.EXTRAORDINARY_SESSION,
            202601,
            "2026年第1回臨時会",
            "Extraordinary session 2026-1",
        ),
    ],
)
def test_a_session_is_named_with_its_number(
    kind: MilestoneKind, number: int | None, ja: str, en: str
) -> None:
    label = milestone_label(kind, number)
    assert (label.ja, label.en) == (ja, en)
