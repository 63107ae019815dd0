"""PostgreSQL's plans for reading the facts of some weeks out of 100,000 in eight years."""

from datetime import date

import pytest

from handoff.measures import repository
from handoff.measures.repository import BEGINNINGS, Chosen
from kakehashi_common.domain.weeks import Span, Week
from tests.support.explaining import Explaining
from tests.support.handoff_api import Service
from tests.support.many_handoffs import FACTS_OF_EACH, store_many

LAST = Week(date(2026, 11, 23))


@pytest.mark.parametrize("weeks", [1, 13])
async def test_a_report_reads_the_facts_of_its_weeks_by_their_indexes(
    service: Service, weeks: int
) -> None:
    await store_many(service.database, 100_000 // FACTS_OF_EACH, LAST.ends, years=8)
    span = Span.until(LAST, weeks)
    chosen = Chosen(BEGINNINGS, span.first.begins, span.last.ends)
    async with service.database.raw_transaction() as connection:
        explaining = Explaining(connection)
        await repository.entries(explaining.as_connection, chosen)
    assert "ix_handoff_fact_kind" in explaining.plan
    assert "pk_handoff_fact" in explaining.plan
    assert "Seq Scan on handoff_fact" not in explaining.plan
