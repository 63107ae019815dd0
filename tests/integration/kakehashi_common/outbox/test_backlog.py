"""The outbox's backlog is measured beside the relay, and a measurement that fails is shown."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Table

from kakehashi_common import db, metrics
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.outbox.backlog import OutboxBacklog
from tests.integration.kakehashi_common.outbox.relays import TABLE, messages, metadata, write
from tests.support.network import proxy_of
from tests.support.postgres import tables

pytestmark = pytest.mark.servers


@pytest_asyncio.fixture(autouse=True)
async def outbox_table(database: Database) -> AsyncIterator[Table]:
    async with tables(database, metadata):
        yield TABLE


class Gauge:
    """Remembers what it was set to last."""

    def __init__(self) -> None:
        self.value: float | None = None

    def set(self, value: float, labels: Mapping[str, str | int]) -> None:
        assert labels == {"outbox": "outbox"}
        self.value = value


@pytest.fixture
def gauges(monkeypatch: pytest.MonkeyPatch) -> dict[str, Gauge]:
    made = {name: Gauge() for name in ("OUTBOX_BACKLOG", "OUTBOX_AGE", "OUTBOX_UNMEASURED")}
    for name, gauge in made.items():
        monkeypatch.setattr(metrics, name, gauge)
    return made


async def test_rows_that_a_relay_holds_are_measured_too(
    database: Database, gauges: dict[str, Gauge]
) -> None:
    await write(database, messages(LEAD_EVENTS, range(30)))
    backlog = OutboxBacklog(database.settings, TABLE)
    async with database.raw_transaction() as relay:  # one that never comes to an end
        await relay.execute("delete from outbox")
        await backlog.measure()
    assert gauges["OUTBOX_BACKLOG"].value == 30
    assert (gauges["OUTBOX_AGE"].value or 0) > 0
    assert gauges["OUTBOX_UNMEASURED"].value == 0

    await backlog.measure()
    assert (gauges["OUTBOX_BACKLOG"].value, gauges["OUTBOX_AGE"].value) == (0, 0)


async def test_a_database_that_does_not_answer_shows_as_seconds_without_a_measurement(
    database: Database, gauges: dict[str, Gauge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ANSWER_TIMEOUT", timedelta(seconds=0.2))
    quick = {"statement_timeout_seconds": 0.3, "connect_timeout_seconds": 0.3}
    now = 1000.0
    async with proxy_of(database.settings) as proxy:
        settings = proxy.database(database.settings).model_copy(update=quick)
        backlog = OutboxBacklog(settings, TABLE, now=lambda: now)
        await backlog.measure()
        assert gauges["OUTBOX_UNMEASURED"].value == 0

        proxy.freeze()
        for now in (1005.0, 1010.0):
            await backlog.measure()
            assert gauges["OUTBOX_UNMEASURED"].value == now - 1000

        proxy.thaw()
        await backlog.measure()
        assert gauges["OUTBOX_UNMEASURED"].value == 0
