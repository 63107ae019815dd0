"""PostgreSQL's plans for reading the facts of some weeks out of 100,000 in eight years."""

import pytest

from followup.container import Container
from followup.domain.measures.report import ContactChannel, Cut
from followup.measures import repository
from kakehashi_common.domain.weeks import Span, Week
from tests.support.explaining import Explaining
from tests.support.many_sequences import FACTS_OF_EACH, store_many
from tests.support.sequences import at

LAST = Week.of(at("2026-11-25 12:00"))


@pytest.mark.parametrize("weeks", [1, 4])
async def test_a_report_reads_the_facts_of_its_weeks_by_their_indexes(
    container: Container, weeks: int
) -> None:
    await store_many(container.database, 100_000 // FACTS_OF_EACH, LAST.ends, years=8)
    span = Span.until(LAST, weeks)
    async with container.database.raw_transaction() as connection:
        explaining = Explaining(connection)
        await repository.rows(
            explaining.as_connection,
            begins=span.first.begins,
            ends=span.last.ends,
            playbook_id=None,
            channel=ContactChannel.MAIL,
            cut=Cut.STEP,
            now=LAST.ends,
        )
    assert "ix_sequence_fact_kind" in explaining.plan
    assert "pk_sequence_fact" in explaining.plan
    assert "Seq Scan on sequence_fact" not in explaining.plan
