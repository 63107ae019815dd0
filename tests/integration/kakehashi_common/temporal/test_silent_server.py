"""A Temporal that accepts connections and never answers: no call waits for good."""

import asyncio

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from kakehashi_common.errors import BusyError, TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import lazy_client, ping
from tests.support import stack
from tests.support.network import Proxy

pytestmark = pytest.mark.servers

GIVES_UP_WITHIN = 90.0
"""Seconds. The SDK gives up a call after 30 s, and a silent connection after 45 s."""


async def ask(client: Client) -> str:
    """Describe a workflow that does not exist, and return the error."""
    async with asyncio.timeout(GIVES_UP_WITHIN):
        try:
            await client.get_workflow_handle("of-that-name-there-is-none").describe()
        except (RPCError, RuntimeError) as error:
            return str(error)
    raise AssertionError


async def test_calls_that_are_not_answered_end_and_work_again_afterwards() -> None:
    host, _, port = stack.temporal().rpartition(":")
    proxy = Proxy(host, int(port))
    await proxy.start()
    try:
        settings = TemporalSettings(address=f"127.0.0.1:{proxy.port}")
        connected, fresh = [lazy_client(settings) for _ in range(2)]
        assert "not found" in await ask(connected)

        proxy.freeze()
        for client in (connected, fresh):
            with pytest.raises(TransientError, match="can't be reached") as silent:
                await ping(client)
            assert not isinstance(silent.value, BusyError), "a frozen Temporal is unavailable"
        for said in await asyncio.gather(ask(connected), ask(fresh)):
            assert "not found" not in said

        proxy.thaw()
        assert "not found" in await ask(connected)
        assert "not found" in await ask(fresh)
    finally:
        await proxy.stop()
