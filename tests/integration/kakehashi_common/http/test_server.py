"""Applications served inside a process that does other things too."""

import asyncio
import signal
import socket

import httpx
import pytest
from fastapi import FastAPI

from kakehashi_common.http.health import ops_app
from kakehashi_common.http.server import PortTakenError, serve
from kakehashi_common.ports import free_port
from kakehashi_common.settings import OpsSettings
from tests.support.waiting import eventually


async def test_it_serves_until_stopped_and_leaves_signals_alone() -> None:
    settings = OpsSettings(port=free_port())
    handler = signal.getsignal(signal.SIGTERM)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(ops_app({}), settings, stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}") as client:

        async def answers() -> bool:
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(answers)
        assert signal.getsignal(signal.SIGTERM) is handler

        stop.set()
        await asyncio.wait_for(serving, timeout=30)
        assert not await answers()


async def test_an_open_request_is_answered_before_the_end() -> None:
    app = FastAPI()
    arrived, go_on = asyncio.Event(), asyncio.Event()

    @app.get("/slow")
    async def slow() -> str:
        arrived.set()
        await go_on.wait()
        return "done"

    settings = OpsSettings(port=free_port())
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, settings, stop))
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.port}",
        transport=httpx.AsyncHTTPTransport(retries=5),
    ) as client:
        asking = asyncio.create_task(client.get("/slow"))
        await asyncio.wait_for(arrived.wait(), timeout=30)
        stop.set()
        go_on.set()

        assert (await asking).json() == "done"
    await asyncio.wait_for(serving, timeout=30)


async def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = OpsSettings(port=taken.getsockname()[1])
        with pytest.raises(PortTakenError, match=f"can't listen on 127.0.0.1:{settings.port}"):
            await serve(ops_app({}), settings, asyncio.Event())
