"""A deal is kept in full: a statement has a column for all that it says."""

from handoff.deals.schemas import DealIn, DealOut
from handoff.tables import deal
from kakehashi_common.contracts.deal_events import DealChanged

STATED = set(DealChanged.model_fields)


def test_whatever_is_stated_of_a_deal_is_stored_shown_and_taken() -> None:
    assert set(deal.c.keys()) >= STATED
    assert set(DealOut.model_fields) >= STATED
    assert set(DealIn.model_fields) == STATED - {"deal_id"}
