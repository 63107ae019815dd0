"""Handoffs whose processes are killed in the middle of each step: nothing is lost or doubled."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
import pytest_asyncio

from kakehashi_common.contracts.handoffs import HandoffChanged
from kakehashi_common.contracts.topics import HANDOFFS
from tests.e2e.outcome import text_headers
from tests.support.handoff_processes import HandoffInstallation, installation, qualified
from tests.support.handoff_receivers import OK, Posted, Receiver, receiver
from tests.support.installations import Process
from tests.support.issuing import issuing
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # processes start five times, and activities time out

PROCESSES: Final = ("api", "consumer", "relay", "worker")
LIFE: Final = (
    "requested",
    "assigned",
    "accepted",
    "first_contact_made",
    "meeting_held",
    "closed",
)


async def say(
    installed: HandoffInstallation, handoff: dict[str, Any], what: str, **body: Any
) -> dict[str, Any]:
    """Send a message of the owner to a handoff over HTTP, until it is answered."""
    path = f"/handoffs/{handoff['handoff_id']}/{what}"
    body["by"] = handoff["owner"]
    return await installed.call("POST", path, body, key=f"{handoff['handoff_id']}/{what}")


async def steps(
    installed: HandoffInstallation, lead_id: str
) -> AsyncIterator[Awaitable[dict[str, Any]]]:
    """One life in steps, each to be awaited until it is done; it returns the handoff."""

    async def assigned() -> dict[str, Any]:
        await installed.qualify(qualified(lead_id))
        return await installed.handoff_of(lead_id, "assigned")

    first = asyncio.ensure_future(assigned())
    yield first
    handoff = await first
    at = handoff["assigned_at"]
    yield say(installed, handoff, "accept")
    yield say(installed, handoff, "contact", at=at)
    yield say(installed, handoff, "meeting", at=at)
    yield say(installed, handoff, "close", outcome="won")


async def told(installed: HandoffInstallation, lead_id: str) -> list[HandoffChanged]:
    """Return the events of a lead in ``handoffs-v1``, each at its first delivery."""
    contents: dict[str, set[bytes | None]] = {}
    found = []
    for record in await installed.broker.read(installed.topic(HANDOFFS).name):
        if record.key != lead_id.encode():
            continue
        event_id = text_headers(record)["ce_id"]
        if event_id not in contents:
            found.append(HandoffChanged.model_validate_json(record.value or b""))
        contents.setdefault(event_id, set()).add(record.value)
    assert {len(each) for each in contents.values()} == {1}, "an id stands for one content"
    return found


async def facts(installed: HandoffInstallation, lead_id: str) -> list[tuple[int, str]]:
    """Return the recorded facts of a lead's handoffs: version and kind."""
    rows = await installed.fetch(
        "select f.version, f.kind from handoff_fact f join handoff using (handoff_id) "
        "where lead_id = $1 order by requested_at, f.version, f.position",
        lead_id,
    )
    return [(row["version"], row["kind"]) for row in rows]


async def test_all_processes_killed_in_the_middle_of_each_step() -> None:
    async with issuing() as issuer, installation(issuer) as installed:
        await installed.start(*PROCESSES)
        await installed.hire()
        async for step in steps(installed, "undisturbed"):
            await step

        async for step in steps(installed, "disturbed"):
            async with in_the_middle(installed, installed.end):
                doing = asyncio.ensure_future(step)
            for name in PROCESSES:
                installed.launch(name)
            await doing

        await end_alike(installed, "undisturbed", "disturbed")


async def end_alike(installed: HandoffInstallation, undisturbed: str, disturbed: str) -> None:
    """Wait until all is done: both leads' handoffs ended alike, each step was said once by id."""
    await installed.handled()
    await installed.published()
    for lead_id in (undisturbed, disturbed):
        recorded = await facts(installed, lead_id)
        assert [kind for _, kind in recorded] == list(LIFE)
        events = await told(installed, lead_id)
        assert [(each.version, each.step.kind) for each in events] == recorded
    ended = await installed.fetch(
        "select version, status, outcome, round, "
        "(select array_agg(what order by at, id) from audit "
        " where subject = 'handoff/' || handoff_id) as acts "
        "from handoff cross join lateral (select (state->>'round')::int as round) as its "
        "where lead_id = any($1)",
        [undisturbed, disturbed],
    )
    assert len(ended) == 2
    assert ended[0] == ended[1], "the same as without a kill"


@dataclass
class Notified:
    """An installation, the web server that its notices are posted to, and one undisturbed life."""

    installed: HandoffInstallation
    server: Receiver
    undisturbed: str = "undisturbed"

    async def posted(self, lead_id: str) -> list[Posted]:
        """The notices of a lead's handoffs, as often as they came, once all are delivered."""

        async def all_are_delivered() -> bool:
            return not await self.installed.fetch(
                "select from delivery where webhook_id is not null and state <> 'delivered'"
            )

        await eventually(all_are_delivered, within=90, every=0.1)
        return [
            each
            for each in self.server.posted
            if json.loads(each.body)["data"]["lead_id"] == lead_id
        ]


@pytest_asyncio.fixture(scope="module")
async def notified() -> AsyncIterator[Notified]:
    """All processes, started once."""
    async with (
        issuing() as issuer,
        receiver() as server,
        installation(
            issuer,
            WEBHOOKS__HTTP_TO_LOCALHOST="true",
            NOTIFICATIONS__HANDOFF_URL="https://crm.example.jp/handoffs",
        ) as installed,
    ):
        await installed.start(*PROCESSES, "notifier")
        await installed.hire()
        url = server.url.replace("127.0.0.1", "localhost")
        secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        await installed.call("PUT", "/webhooks/chat", {"url": url, "secrets": secrets})
        made = Notified(installed, server)
        async for step in steps(installed, made.undisturbed):
            await step
        yield made


@pytest.mark.parametrize(
    ("name", "in_step"),
    [("consumer", 0), ("worker", 1), ("relay", 1), ("api", 1), ("notifier", 0)],
)
async def test_one_process_killed_while_the_others_live(
    notified: Notified, name: str, in_step: int
) -> None:
    installed, lead_id = notified.installed, f"without-{name}-{in_step}"
    middle = while_a_notice_is_posted if name == "notifier" else while_a_step_is_recorded
    number = 0
    async for step in steps(installed, lead_id):
        if number == in_step:
            async with middle(notified, name):
                doing = asyncio.ensure_future(step)
            installed.launch(name)
            await doing
        else:
            await step
        number += 1

    await end_alike(installed, notified.undisturbed, lead_id)
    contents = defaultdict(set)
    for posted in await notified.posted(lead_id):
        contents[posted.headers["webhook-id"]].add(posted.body)
    queued = await installed.fetch(
        "select notification_id::text from notification join handoff using (handoff_id) "
        "where lead_id = $1",
        lead_id,
    )
    assert set(contents) == {each["notification_id"] for each in queued}
    assert {len(each) for each in contents.values()} == {1}, "an id stands for one notice"


@asynccontextmanager
async def while_a_step_is_recorded(notified: Notified, name: str) -> AsyncIterator[None]:
    """Kill a process in the middle of what is done."""
    async with in_the_middle(notified.installed, newest(notified.installed, name).kill):
        yield


@asynccontextmanager
async def while_a_notice_is_posted(notified: Notified, name: str) -> AsyncIterator[None]:
    """Kill a process when a notice has reached the web server, which hasn't said so."""
    server, already = notified.server, len(notified.server.posted)
    server.answer = lambda _: None
    yield
    await eventually(lambda: len(server.posted) > already, within=90, every=0.1)
    newest(notified.installed, name).kill()
    server.answer = lambda _: OK
    # The lease has ended.
    await notified.installed.fetch("update delivery set due_at = now() where state = 'pending'")


def newest(installed: HandoffInstallation, name: str) -> Process:
    """The process of that name which was started last."""
    return next(each for each in reversed(installed.processes) if each.name == name)


@asynccontextmanager
async def in_the_middle(
    installed: HandoffInstallation, kill: Callable[[], None]
) -> AsyncIterator[None]:
    """Do something, and kill when it is half done.

    The outbox is locked meanwhile. So the worker stands in the transaction that records the step,
    the relay before its next round, and the API or the consumer waits for the workflow.
    """
    connection = await installed.connect()
    try:
        async with connection.transaction():
            await connection.execute("lock table outbox in access exclusive mode")
            yield

            async def all_stand() -> bool:
                # Asked over another connection: within a transaction the view doesn't change.
                return {row[0] for row in await installed.fetch(_WAITING)} >= _STAND

            await eventually(all_stand, within=120, every=0.1)
            kill()
    finally:
        await connection.close()


_STAND: Final = {"handoff/worker", "outbox-relay"}
_WAITING: Final = """
    select application_name from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
"""


async def test_qualifications_twice_and_out_of_order_make_one_handoff_joined_once() -> None:
    first, second = qualified("crm-1"), qualified("crm-1", 2)
    async with issuing() as issuer, installation(issuer) as installed:
        await installed.qualify(second, first, second, first)
        await installed.start("api", "worker")
        await installed.hire()
        await installed.start("consumer")
        await installed.handled()
        handoff = await installed.handoff_of("crm-1", "assigned")
        assert await facts(installed, "crm-1") == [(1, "requested"), (2, "assigned"), (3, "joined")]

        await say(installed, handoff, "accept")
        await say(installed, handoff, "close", outcome="lost", reason="予算見送り")
        await installed.qualify(first, second)
        await installed.handled()
        assert len(await installed.fetch("select from handoff")) == 1, "all of it is old"
