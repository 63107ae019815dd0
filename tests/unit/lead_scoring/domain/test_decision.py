"""Announcements of scores and qualifications: once, and again only after a cool-down."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lead_scoring.domain.days import day_start, japan_day
from lead_scoring.domain.decision import Cause, Decision, decide, lead_as_of, record
from lead_scoring.domain.lead import (
    ActivityRecorded,
    Fact,
    Lead,
    OutcomeRecorded,
    ProfileChanged,
    Published,
    Qualification,
)
from lead_scoring.domain.rules import QualificationRule
from lead_scoring.domain.scoring import CompiledRules
from tests.support.lead_histories import NOW, SMALL_RULES, municipality_fields


def compiled(version: int = 1, **changes: object) -> CompiledRules:
    return CompiledRules(replace(SMALL_RULES, **changes), version, municipality_fields)  # type: ignore[arg-type]


def later(days: float) -> datetime:
    return NOW + timedelta(days=days)


def met(days: float = 0) -> Fact:
    return ActivityRecorded(later(days), "meeting_held")


def viewed(days: float = 0) -> Fact:
    return ActivityRecorded(later(days), "page_viewed")


def told(decision: Decision) -> tuple[str | None, str, int, int, Cause] | None:
    change = decision.score_changed
    return change and (
        change.previous_grade,
        change.grade,
        change.fit,
        change.engagement,
        change.cause,
    )


def test_the_first_score_is_announced_even_if_it_is_zero() -> None:
    lead = Lead("crm-1")
    decision = record(lead, [ActivityRecorded(NOW, "unheard_of")], compiled(), NOW)
    assert told(decision) == (None, "C3", 0, 0, "events")
    assert lead.published == Published(0, 0, "C3")


def test_others_hear_of_a_move_by_a_point_and_of_nothing_less() -> None:
    lead, rules = Lead("crm-1"), compiled()
    record(lead, [viewed()], rules, NOW)
    # 0.6 points more are not told, 1.2 points more since the last time are.
    assert record(lead, [viewed()], rules, later(1 / 24)) == Decision(None, None)
    assert lead.score is not None
    assert lead.score.engagement == 12
    assert lead.published == Published(0, 6, "C3")
    assert told(record(lead, [viewed()], rules, later(2 / 24))) == ("C3", "C3", 0, 18, "events")
    # 0.9 points of fit are too little, too.
    changed = ProfileChanged(NOW, b"k", {"role": "manager"})
    assert record(lead, [changed], rules, later(3 / 24)) == Decision(None, None)


def test_a_grade_is_announced_however_small_the_move() -> None:
    lead, rules = Lead("crm-1"), compiled()
    record(lead, [viewed() for _ in range(16)], rules, NOW)
    assert told(record(lead, [viewed()], rules, NOW)) == ("C3", "C2", 0, 102, "events")


def test_a_batch_is_notified_once() -> None:
    lead = Lead("crm-1")
    facts = [viewed(), met(), ProfileChanged(NOW, b"k", {"role": "manager"}), viewed()]
    assert told(record(lead, facts, compiled(), NOW)) == (None, "C1", 9, 412, "events")


def test_what_is_announced_is_explained() -> None:
    lead, rules = Lead("crm-1"), compiled()
    decision = record(lead, [viewed(), met()], rules, NOW)
    assert decision.score_changed is not None
    assert decision.lead_qualified is not None
    explained = rules.explain(lead, japan_day(NOW))
    assert decision.score_changed.contributions == explained
    assert decision.lead_qualified.contributions == explained


def test_decay_is_announced_by_the_sweep_at_the_predicted_instant() -> None:
    lead, rules = Lead("crm-1"), compiled()
    record(lead, [met()], rules, NOW)
    assert lead.score is not None
    due = lead.score.next_grade_change_at
    # 40 points are below 30 after 8.3 days.
    assert due == day_start(japan_day(NOW) + 9)
    before = due - timedelta(seconds=1)
    assert told(decide(lead, rules, before, "decay")) == ("C1", "C1", 0, 303, "decay")
    assert lead.score.next_grade_change_at == due
    assert told(decide(lead, rules, due, "decay")) == ("C1", "C2", 0, 292, "decay")
    assert lead.qualification == Qualification(
        inside=False, number=1, last_qualified_at=NOW, left_at=due
    )


def test_a_replay_scores_a_lead_as_of_its_own_latest_fact() -> None:
    lead, rules = Lead("crm-1"), compiled()
    record(lead, [met(0)], rules, None)
    record(lead, [OutcomeRecorded(later(20), b"o", "won")], rules, None)
    assert lead.score is not None
    assert (lead.score.scored_at, lead.score.engagement) == (later(20), 200)
    # An older fact that arrives late counts, and does not turn the clock back.
    record(lead, [viewed(3)], rules, None)
    assert (lead.score.scored_at, lead.score.engagement) == (later(20), 206)


def test_a_replay_needs_a_fact_to_know_the_time() -> None:
    with pytest.raises(ValueError, match="empty"):
        record(Lead("crm-1"), [], compiled(), None)


STEPS = [
    # (days, facts or None for the sweep) → numbers of the qualifications that are told
    pytest.param([(0, [met()])], [1], id="entering qualifies"),
    pytest.param([(0, [viewed()])], [], id="another grade does not"),
    pytest.param([(0, [met()]), (1, [met(1)]), (2, None)], [1], id="staying tells nothing new"),
    pytest.param(
        [(0, [met()]), (9, None), (20, [met(20)])], [1], id="soon back: the same qualification"
    ),
    pytest.param([(0, [met()]), (9, None), (39, [met(39)])], [1, 2], id="back after the cool-down"),
    pytest.param(
        # It left at the start of a day, 8.5 days after noon.
        [(0, [met()]), (9, None), (38.4, [met(38.4)])],
        [1],
        id="back hours before the cool-down ends",
    ),
    pytest.param(
        [(0, [met()]), (9, None), (38.5, [met(38.5)])], [1, 2], id="back as the cool-down ends"
    ),
    pytest.param(
        [(0, [met()]), (39, [met(39)])], [1, 2], id="left unnoticed, back after the cool-down"
    ),
    pytest.param(
        [(0, [met()]), (20, [met(20)])], [1], id="left unnoticed, back within the cool-down"
    ),
    pytest.param(
        [(0, [met()]), (9, None), (20, [met(20)]), (41, None), (45, [met(45)])],
        [1],
        id="the cool-down starts again with each leaving",
    ),
    pytest.param(
        [(0, [met()]), (9, None), (20, [met(20)]), (34, None), (75, [met(75)])],
        [1, 2],
        id="after a continued one, too",
    ),
    pytest.param(
        [(0, [met()]), (60, None), (61, [met(61)])],
        [1, 2],
        id="a late sweep dates the leaving to the instant it was due",
    ),
]


@pytest.mark.parametrize(("steps", "numbers"), STEPS)
def test_a_lead_qualifies_once_until_it_left_for_longer_than_the_cool_down(
    steps: list[tuple[float, list[Fact] | None]], numbers: list[int]
) -> None:
    lead, rules = Lead("crm-1"), compiled()
    qualified = []
    for days, facts in steps:
        if facts is None:
            decision = decide(lead, rules, later(days), "decay")
        else:
            decision = record(lead, facts, rules, later(days))
        if decision.lead_qualified is not None:
            assert decision.lead_qualified.qualified_at == later(days)
            assert decision.lead_qualified.grade == "C1"
            qualified.append(decision.lead_qualified.number)
    assert qualified == numbers


def test_a_continued_qualification_keeps_its_number_and_start() -> None:
    lead, rules = Lead("crm-1"), compiled()
    record(lead, [met()], rules, NOW)
    left_at = day_start(japan_day(NOW) + 9)
    record(lead, [met(20)], rules, later(20))
    assert lead.qualification == Qualification(
        inside=True, number=1, last_qualified_at=NOW, left_at=left_at
    )


def test_without_a_cool_down_every_return_qualifies() -> None:
    lead = Lead("crm-1")
    rules = compiled(qualification=QualificationRule(frozenset({"C1"}), 0))
    record(lead, [met()], rules, NOW)
    assert decide(lead, rules, later(9), "decay").lead_qualified is None
    again = record(lead, [met(9)], rules, later(9)).lead_qualified
    assert again is not None
    assert again.number == 2


def test_new_rules_can_qualify_a_lead_and_take_it_out() -> None:
    lead = Lead("crm-1")
    record(lead, [met()], compiled(), NOW)
    other = compiled(2, qualification=QualificationRule(frozenset({"A1"}), 30))
    assert decide(lead, other, later(1), "rules").lead_qualified is None
    assert lead.qualification == Qualification(
        inside=False, number=1, last_qualified_at=NOW, left_at=later(1)
    )
    assert lead.score is not None
    assert lead.score.rule_version == 2

    wider = compiled(3, qualification=QualificationRule(frozenset({"C1", "C2"}), 0))
    decision = decide(lead, wider, later(2), "rules")
    assert decision.lead_qualified is not None
    assert decision.lead_qualified.number == 2


def test_a_change_foretold_by_other_rules_is_no_leaving() -> None:
    lead = Lead("crm-1")
    record(lead, [met()], compiled(), NOW)
    # By the old rules it would have left on day 9; the new ones let it stay.
    slower = replace(SMALL_RULES.engagement_rules[0], half_life_days=None)
    rules = compiled(2, engagement_rules=(slower,))
    assert decide(lead, rules, later(60), "rules") == Decision(None, None)
    assert lead.qualification.inside


def test_by_other_rules_a_lead_leaves_when_they_first_score_it() -> None:
    lead = Lead("crm-1")
    record(lead, [met()], compiled(), NOW)
    decide(lead, compiled(2), later(60), "rules")
    assert lead.qualification.left_at == later(60)


def test_a_lead_that_decays_through_a_qualifying_grade_between_sweeps_is_not_announced() -> None:
    lead = Lead("crm-1")
    rules = compiled(qualification=QualificationRule(frozenset({"C2"}), 30))
    assert record(lead, [met()], rules, NOW).lead_qualified is None
    assert decide(lead, rules, later(300), "decay").lead_qualified is None
    assert lead.qualification == Qualification()


def test_a_lead_that_decays_into_a_qualifying_grade_qualifies() -> None:
    lead = Lead("crm-1")
    rules = compiled(qualification=QualificationRule(frozenset({"C2"}), 30))
    record(lead, [met()], rules, NOW)
    qualified = decide(lead, rules, later(9), "decay").lead_qualified
    assert qualified is not None
    assert (qualified.number, qualified.grade, qualified.qualified_at) == (1, "C2", later(9))


def test_the_latest_outcome_is_kept() -> None:
    lost, won = OutcomeRecorded(later(2), b"a", "lost"), OutcomeRecorded(later(1), b"z", "won", 5)
    same_time = OutcomeRecorded(later(2), b"b", "cancelled")
    for facts in ([lost, won], [won, lost]):
        assert lead_as_of("crm-1", facts, later(3)).outcome == lost
    assert lead_as_of("crm-1", [lost, same_time, won], later(3)).outcome == same_time
    assert lead_as_of("crm-1", [lost, won], later(1)).outcome == won
    assert lead_as_of("crm-1", [lost, won], later(0)).outcome is None
