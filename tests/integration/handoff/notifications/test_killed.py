"""A notifier that is killed while it has a letter in hand loses nothing."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from kakehashi_common.clock import WallClock
from kakehashi_common.ports import free_port
from tests.support import stack
from tests.support.handoff_api import Service
from tests.support.handoff_notifications import enter, notice, open_handoff, queue, stand
from tests.support.handoff_receivers import Mailbox, mailbox
from tests.support.installations import Process
from tests.support.issuing import settings_of
from tests.support.waiting import eventually

Start = Callable[[], Process]


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as made:
        yield made


@pytest.fixture
def start(service: Service, box: Mailbox, tmp_path: Path) -> Iterator[Start]:
    """Starts ``python -m handoff notifier``."""
    started: list[Process] = []

    def launch() -> Process:
        port = free_port()
        own = settings_of(service.issuer) | {
            "DATABASE__URL": service.settings.database.url,
            "OPS__PORT": str(port),
            "MAIL__HOST": "127.0.0.1",
            "MAIL__PORT": str(box.port),
            "MAIL__SECURITY": "none",
            "MAIL__SENDER": "kakehashi@example.jp",
        }
        log = tmp_path / f"notifier-{port}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", "handoff", "notifier"],
                env={
                    **os.environ,
                    **stack.environment(),
                    **{f"HANDOFF_{name}": value for name, value in own.items()},
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(Process("notifier", popen, f"http://127.0.0.1:{port}", log))
        return started[-1]

    yield launch
    for each in started:
        each.kill()


async def test_the_letter_is_sent_again_with_the_same_id(
    service: Service, box: Mailbox, start: Start
) -> None:
    await enter(service)
    state = await open_handoff(service)
    await queue(service, state, notice(urgent=True), at=WallClock().now())
    box.answering.clear()
    killed = start()
    await eventually(lambda: len(box.letters) == 1, within=60)
    killed.kill()
    assert await stand(service) == [("pending", 1, None)]
    box.answering.set()
    await service.fetch("update delivery set due_at = now() returning 1")  # the lease has ended
    other = start()

    async def delivered() -> bool:
        return await stand(service) == [("delivered", 2, None)]

    await eventually(delivered, within=60)
    assert len(box.ids) == 2
    assert len(set(box.ids)) == 1
    assert await other.metric("handoff_notifications_delivered_total", channel="mail") == 1
