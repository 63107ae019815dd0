"""The processes with a PostgreSQL that accepts connections and never answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.kafka.producer import idempotent_producer
from lead_scoring.http import examples
from tests.support.installations import Installation, Process
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.lead_scoring import installation
from tests.support.network import Proxy, proxy_of
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(240, func_only=True)

QUICK = {
    "DATABASE__STATEMENT_TIMEOUT_SECONDS": "1",
    "DATABASE__CONNECT_TIMEOUT_SECONDS": "1",
    "CONSUMER__RETRY_BUDGET_SECONDS": "10",
    "CONSUMER__STOP_TIMEOUT_SECONDS": "2",
}


@asynccontextmanager
async def behind_a_proxy(name: str, **settings: str) -> AsyncIterator[tuple[Process, Proxy]]:
    """One process of an installation, with a proxy between it and PostgreSQL."""
    async with (
        installation(**QUICK, **settings) as installed,
        proxy_of(installed.database) as proxy,
    ):
        process = installed.launch(name, DATABASE__URL=proxy.database(installed.database).url)
        await process.ready()
        yield process, proxy


async def says_so(process: Process) -> None:
    async def names_the_database() -> bool:
        return "database" in await process.failing()

    await eventually(names_the_database, what=f"{process.name} names the database")


def log_of(process: Process) -> str:
    return process.log.read_text()


@pytest.mark.parametrize("name", ["consumer", "relay", "worker"])
async def test_a_process_says_so_and_obeys_sigterm(name: str) -> None:
    async with behind_a_proxy(name) as (process, proxy):
        proxy.freeze()
        await says_so(process)
        assert process.popen.poll() is None
        await process.stop()


async def test_a_process_works_again_when_the_database_answers_again() -> None:
    async with issuing() as issuer, behind_a_proxy("api", **settings_of(issuer)) as (api, proxy):
        token = issuer.token("tester", list(SCOPES))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=api.address, headers=headers, timeout=30) as http:

            async def statuses() -> set[int]:
                answers = await asyncio.gather(*(http.get("/v1/leads") for _ in range(10)))
                return {answer.status_code for answer in answers}

            assert await statuses() == {200}
            proxy.freeze()
            assert await statuses() == {503}
            await says_so(api)
            proxy.thaw()
            assert await statuses() == {200}
        assert await api.stop() == 0


async def publish(installed: Installation, number: int) -> None:
    event = examples.several_events(datetime.now(UTC))["several"]["value"][number]
    async with idempotent_producer(installed.broker.settings) as producer:
        await producer.send_and_wait(
            installed.topic(LEAD_EVENTS).name,
            httpx.Request("POST", "http://events", json=event).content,
            key=event["data"]["lead_id"].encode(),
            headers=[("content-type", b"application/cloudevents+json")],
        )


@pytest.mark.parametrize("ends", ["by itself", "by SIGTERM"])
async def test_a_consumer_with_a_batch_in_hand_gives_up_and_loses_nothing(ends: str) -> None:
    async with installation(**QUICK) as installed, proxy_of(installed.database) as proxy:
        consumer = installed.launch(
            "consumer", DATABASE__URL=proxy.database(installed.database).url
        )
        await consumer.ready()
        await publish(installed, 0)
        await installed.handled()
        proxy.freeze()
        await publish(installed, 1)
        await eventually(lambda: proxy.held_back, what="a statement waits for PostgreSQL")
        if ends == "by SIGTERM":
            assert await consumer.stop() == 1
        else:
            assert await asyncio.to_thread(consumer.popen.wait, 120) == 1
        assert "the process ends" in log_of(consumer)

        await installed.start("consumer")
        await installed.handled()
        assert len(await installed.fetch("select from event_log")) == 2
        assert await installed.broker.read(installed.topic(LEAD_EVENTS).dead_letter_topic) == []
