"""Servers restart or stay away for a while, and the processes work on without a hand.

They are the servers that all tests share: these tests run last.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from tests.e2e import stream
from tests.e2e.outcome import Outcome, assert_nothing_lost_or_doubled
from tests.e2e.running import fed, finished, undisturbed_outcome
from tests.e2e.stream import Stream
from tests.support import stack
from tests.support.installations import Process
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.lead_scoring import installation
from tests.support.waiting import eventually

AWAY_SECONDS = float(os.environ.get("TEST_AWAY_SECONDS", "0"))
"""The shortest outage: a server stays away at least until every process has reported it.

``TEST_AWAY_SECONDS=60`` takes three minutes more.
"""

pytestmark = [
    pytest.mark.disruptive,
    # Without what comes of the undisturbed stream, which whatever test is first has to wait for.
    pytest.mark.timeout(300 + AWAY_SECONDS, func_only=True),
]


LEADS = 400
"""A quarter of the stream in which processes are killed: a server that becomes unavailable meets
a process wherever it is, and its return takes longer than thousands of events."""


@pytest.fixture(scope="module")
def made_stream() -> Stream:
    return stream.made(leads=LEADS)


@pytest_asyncio.fixture(scope="module")
async def undisturbed(made_stream: Stream) -> Outcome:
    return await undisturbed_outcome(made_stream)


@pytest.mark.parametrize("server", ["kafka", "postgres"])
async def test_a_server_restarts_mid_stream(
    server: str, sent: Stream, undisturbed: Outcome
) -> None:
    async with fed(sent) as (installed, feed):
        processes = await installed.start("consumer", "relay")
        await feed.send(0.5)
        sending = asyncio.create_task(feed.send(1.0))
        await asyncio.to_thread(stack.restart, server)
        await sending
        assert [process.popen.poll() for process in processes] == [None, None]
        outcome = await finished(installed)
    assert_nothing_lost_or_doubled(outcome, sent, undisturbed)


@dataclass(frozen=True)
class Away:
    """One server's outage, and the reports of processes."""

    server: str
    checks: Mapping[str, str]
    """Process → the check that fails."""
    reason: str
    """The name in the reason."""


AWAY = [
    Away("kafka", {"api": "kafka", "consumer": "consumer", "relay": "relay"}, "Kafka"),
    Away("postgres", {"api": "database", "consumer": "database", "relay": "relay"}, "PostgreSQL"),
    Away("temporal", {"api": "temporal", "worker": "temporal"}, "Temporal"),
]


@pytest.mark.parametrize("away", AWAY[:2], ids=lambda away: away.server)
async def test_a_server_stays_away_mid_stream(
    away: Away, sent: Stream, undisturbed: Outcome
) -> None:
    async with issuing() as issuer, fed(sent, **settings_of(issuer)) as (installed, feed):
        processes = await installed.start("api", "consumer", "relay")
        token = issuer.token("tester", list(SCOPES))
        async with httpx.AsyncClient(
            base_url=processes[0].address, headers={"authorization": f"Bearer {token}"}, timeout=30
        ) as http:
            await feed.send(0.5)
            sending = asyncio.create_task(feed.send(1.0))
            async with _stopped(away.server):
                await _all_say(processes, away)
                answer = await _ask(http, away, sent)
                assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            for process in processes:
                await process.ready()
                assert process.popen.poll() is None

            async def answers_again() -> bool:
                return (await _ask(http, away, sent)).is_success

            await eventually(answers_again, within=60, every=0.2)
        await sending
        outcome = await finished(installed)
    assert_nothing_lost_or_doubled(outcome, sent, undisturbed)


async def _ask(http: httpx.AsyncClient, away: Away, sent: Stream) -> httpx.Response:
    """Ask the API for what needs the server: to take in an event, or to show leads."""
    if away.server == "postgres":
        return await http.get("/v1/leads", params={"limit": 1})
    # An event that is in the stream too, so that it counts once however often it is sent.
    structured = next(each for each in sent.records if each.event and len(each.headers) == 1)
    return await http.post(
        "/v1/lead-events",
        content=structured.value or b"",
        headers={"content-type": "application/cloudevents+json"},
    )


async def test_kafka_freezes_mid_stream_and_processes_obey_all_the_same(
    sent: Stream, undisturbed: Outcome
) -> None:
    impatient = {"CONSUMER__STOP_TIMEOUT_SECONDS": "2"}  # the batch in hand can't be committed
    async with (
        issuing() as issuer,
        fed(sent, **settings_of(issuer), **impatient) as (installed, feed),
    ):
        processes = await installed.start("api", "consumer", "relay")
        token = issuer.token("tester", list(SCOPES))
        async with httpx.AsyncClient(
            base_url=processes[0].address, headers={"authorization": f"Bearer {token}"}, timeout=60
        ) as http:
            await feed.send(0.5)
            with stack.frozen("kafka"):
                async with asyncio.TaskGroup() as at_once:
                    asked = at_once.create_task(_ask(http, AWAY[0], sent))
                    for process in processes:
                        at_once.create_task(_says(process, AWAY[0].checks[process.name]))
                answer = asked.result()
                assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
                await asyncio.gather(*(process.stop() for process in processes))
        await installed.start("consumer", "relay")
        await feed.send(1.0)
        outcome = await finished(installed)
    assert_nothing_lost_or_doubled(outcome, sent, undisturbed)


async def _says(process: Process, check: str) -> None:
    async def fails() -> bool:
        return check in await process.failing()

    await eventually(fails, within=60, what=f"{process.name}: {check} fails")


async def test_temporal_stays_away() -> None:
    async with issuing() as issuer, installation(**settings_of(issuer)) as installed:
        processes = await installed.start("api", "worker")
        async with _stopped("temporal"):
            await _all_say(processes, AWAY[2])
            assert await processes[0].failing() == {"temporal"}
            assert await processes[1].failing() == {"temporal"}
        for process in processes:
            await process.ready()
            assert process.popen.poll() is None


@asynccontextmanager
async def _stopped(server: str) -> AsyncIterator[None]:
    """Stop a server for ``AWAY_SECONDS`` at least, and start it whatever happens meanwhile."""
    await asyncio.to_thread(stack.stop, server)
    back_at = asyncio.get_running_loop().time() + AWAY_SECONDS
    try:
        yield
        # The fault itself takes its time, however fast everybody has noticed it.
        await asyncio.sleep(back_at - asyncio.get_running_loop().time())
    finally:
        await asyncio.to_thread(stack.start, server)


async def _all_say(processes: list[Process], away: Away) -> None:
    """Wait until every process says by name what it lacks, and check that it lives."""
    for process in processes:
        check = away.checks[process.name]

        async def says_so(process: Process = process, check: str = check) -> bool:
            found = await process.readiness()
            if found is None:
                return False
            reasons = {name: each["reason"] for name, each in found["checks"].items()}
            said = " ".join(filter(None, reasons.values()))
            others = [each.reason for each in AWAY if each != away]
            return away.reason in (reasons[check] or "") and not any(o in said for o in others)

        await eventually(says_so, within=60, what=f"{process.name}: {check} names {away.reason}")
