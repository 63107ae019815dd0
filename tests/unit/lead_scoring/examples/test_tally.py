"""The demo's counts are read from the consumer's metrics."""

from lead_scoring.examples.tally import Tally, tally

METRICS = """\
# HELP lead_scoring_events_scored_total New events that were stored and scored
# TYPE lead_scoring_events_scored_total counter
lead_scoring_events_scored_total 40.0
# TYPE kakehashi_inbox_duplicates_total counter
kakehashi_inbox_duplicates_total{topic="lead-events-v1"} 3.0
# TYPE lead_scoring_scores_changed_total counter
lead_scoring_scores_changed_total{cause="events"} 5.0
lead_scoring_scores_changed_total{cause="decay"} 2.0
# TYPE something_else gauge
something_else 1.0
"""


def test_series_are_summed_and_what_has_not_happened_is_0() -> None:
    assert tally(METRICS, dead_letters=7) == Tally(
        scored=40,
        unscored=0,
        duplicates=3,
        conflicts=0,
        scores_changed=7,
        qualified=0,
        dead_letters=7,
    )


def test_the_difference_of_two_tallies_is_what_was_added() -> None:
    before, after = tally("", 2), tally(METRICS, 7)
    assert (after - before).dead_letters == 5
    assert (after - before).scored == 40
