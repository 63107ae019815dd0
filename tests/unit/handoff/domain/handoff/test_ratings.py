"""One side rates the other's work."""

from dataclasses import replace

from handoff.domain.handoff.commands import Rate
from handoff.domain.handoff.facts import Rated
from handoff.domain.handoff.terms import Direction
from tests.support.handoff_examples import ELSEWHERE, MEETING, MONDAY, NOW, WON, after, refused
from tests.support.handoffs import Life


class TestRatings:
    def test_they_can_be_changed_until_two_weeks_after_the_end(self) -> None:
        life = after(MEETING, WON)()
        good = Rate("is-1", Direction.SENDER_RATES_RECEIVER, 5, "対応が早い")
        life.do(good)
        life.then("2026-12-14 11:00")
        life.do(replace(good, score=4))
        assert [fact.changed for fact in life.facts(Rated)] == [False, True]
        assert [(each.score, each.by) for each in life.state.ratings] == [(4, "is-1")]
        life.then("2026-12-14 11:01")
        assert refused(life, good).code == "rating_closed"
        assert life.decide(replace(good, score=4)).unchanged

    def test_whoever_does_both_does_not_rate(self) -> None:
        life = Life(MONDAY, sender="fs-1").until(NOW)
        error = refused(life, Rate("fs-1", Direction.SENDER_RATES_RECEIVER, 5, "良い"))
        assert error.code == "own_rating"

    def test_whoever_gave_it_away_rates_what_was_handed_over(self) -> None:
        life = after(ELSEWHERE)()
        life.do(Rate("fs-1", Direction.RECEIVER_RATES_SENDER, 2, "地域の確認不足"))
        assert life.state.ratings[0].score == 2
