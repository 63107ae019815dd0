"""Real sockets against the server: its answers to clients that are slow, silent or many."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from kakehashi_common.http.connections import DEFAULT_LIMITS, Limits
from kakehashi_common.http.server import serve
from kakehashi_common.ports import free_port
from kakehashi_common.settings import OpsSettings
from tests.support.waiting import eventually

SOON = timedelta(milliseconds=200)
IMPATIENT = Limits(head=SOON, body=SOON, unread=SOON)
MOST = 5


@dataclass
class Echo:
    """Answers with what it was sent, or with more than anybody's buffers hold."""

    heard: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            self.heard.append(message["type"])
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1_000 if scope["path"] == "/large" else 0):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        await send({"type": "http.response.body", "body": body})
        self.heard.append("answered")


@dataclass
class Server:
    port: int
    app: Echo

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def say(self, *parts: bytes) -> bytes:
        """Send ``parts``, and return the answer up to the end of the connection."""
        reader, writer = await self.connect()
        for part in parts:
            writer.write(part)
            await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


@asynccontextmanager
async def serving(limits: Limits) -> AsyncIterator[Server]:
    app, stop = Echo(), asyncio.Event()
    settings = OpsSettings(port=free_port(), max_connections=MOST)
    task = asyncio.create_task(serve(app, settings, stop, limits))
    server = Server(settings.port, app)

    async def listens() -> bool:
        try:
            _, writer = await server.connect()
        except OSError:
            return False
        writer.close()
        return True

    try:
        await eventually(listens)
        yield server
    finally:
        stop.set()
        await task


@pytest_asyncio.fixture
async def impatient() -> AsyncIterator[Server]:
    async with serving(IMPATIENT) as server:
        yield server


@pytest_asyncio.fixture
async def patient() -> AsyncIterator[Server]:
    async with serving(DEFAULT_LIMITS) as server:
        yield server


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    found: dict[str, Any] = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % found["status"])
    return found


async def test_a_connection_that_says_nothing_is_closed(impatient: Server) -> None:
    assert await impatient.say() == b""


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        (b"G", "request line and headers"),
        (b"GET / HTTP/1.1\r\n", "request line and headers"),
        (b"GET / HTTP/1.1\r\nhost: a\r\nx-half: ", "request line and headers"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n", "body"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nabc", "body"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", "body"),
    ],
)
async def test_half_a_request_is_answered_408_and_closed(
    impatient: Server, sent: bytes, missing: str
) -> None:
    found = problem(await impatient.say(sent))

    assert (found["status"], found["code"]) == (408, "request_timeout")
    assert found["detail"] == f"The {missing} did not arrive within 0.2 s."


async def test_an_application_that_waits_for_half_a_body_learns_of_its_end(
    impatient: Server,
) -> None:
    await impatient.say(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nabc")

    await eventually(lambda: impatient.app.heard[-1:] == ["http.disconnect"])


async def test_a_head_that_comes_drop_by_drop_has_one_deadline_for_all_of_it(
    impatient: Server,
) -> None:
    reader, writer = await impatient.connect()
    writer.write(b"GET / HTTP/1.1\r\n")

    async def drip() -> None:
        while True:
            writer.write(b"x: y\r\n")
            await asyncio.sleep(0.01)

    dripping = asyncio.create_task(drip())
    answer = await reader.readuntil(b"\r\n")
    dripping.cancel()
    writer.close()

    assert answer == b"HTTP/1.1 408 Request Timeout\r\n"


async def test_an_answer_that_nobody_reads_is_given_up(impatient: Server) -> None:
    reader, writer = await impatient.connect()
    writer.write(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
    await reader.readexactly(1)
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a socket's

    await eventually(lambda: impatient.app.heard[-1:] == ["answered"])
    writer.transport.abort()


async def test_requests_in_time_are_answered_on_one_connection(impatient: Server) -> None:
    reader, writer = await impatient.connect()
    for n in range(20):
        writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n%4d" % n)
        await reader.readuntil(b"\r\n\r\n")
        assert b"%4d" % n in await reader.readuntil(b"0\r\n\r\n")
    writer.close()


async def test_one_connection_too_many_is_refused_until_another_ends(patient: Server) -> None:
    async with AsyncExitStack() as opened:
        kept = []
        for _ in range(MOST):
            reader, writer = await patient.connect()
            opened.callback(writer.close)
            kept.append((reader, writer))
            # Answered: the server counts it.
            writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert await reader.readuntil(b"\r\n") == b"HTTP/1.1 200 OK\r\n"

        for refused in await asyncio.gather(*(patient.say() for _ in range(3))):
            found = problem(refused)
            assert (found["status"], found["code"]) == (503, "unavailable")
            assert b"retry-after: 1\r\n" in refused.lower()
        assert not any(reader.at_eof() for reader, _ in kept)

        kept[0][1].close()

        async def served_again() -> bool:
            close = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
            return (await patient.say(close)).startswith(b"HTTP/1.1 200 ")

        await eventually(served_again)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("/v1/leads?name=桐生", "send /v1/leads?name=%E6%A1%90%E7%94%9F. "),
        ("/桐生?a=b%20c", "send /%E6%A1%90%E7%94%9F?a=b%20c. "),
        ("/x?name=桐生 市", "send /x?name=%E6%A1%90%E7%94%9F%20%E5%B8%82. "),
        ("/x?name=" + "桐" * 500, "群馬 is written %E7%BE%A4%E9%A6%AC"),
        ("/x?name=桐&token=secret", "群馬 is written %E7%BE%A4%E9%A6%AC"),
    ],
)
async def test_an_address_that_is_not_encoded_is_answered_by_how_to_encode_it(
    patient: Server, target: str, told: str
) -> None:
    answer = await patient.say(f"GET {target} HTTP/1.1\r\nhost: a\r\n\r\n".encode())

    found = problem(answer)
    assert (found["status"], found["code"]) == (400, "bad_request")
    assert told in found["detail"]
    assert "--data-urlencode 'prefecture=群馬'" in found["detail"]
    assert "secret" not in found["detail"]


async def test_an_address_in_another_encoding_is_not_taken_for_utf8(patient: Server) -> None:
    head = b"GET /x?name=" + "桐生".encode("cp932") + b" HTTP/1.1\r\nhost: a\r\n\r\n"

    assert "as UTF-8: 群馬 is written" in problem(await patient.say(head))["detail"]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"\x16\x03\x01 a TLS hello\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 70_000, 431, "headers_too_large"),
        (
            b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
            501,
            "not_implemented",
        ),
    ],
)
async def test_what_is_not_http_is_answered_with_a_problem(
    patient: Server, sent: bytes, status: int, code: str
) -> None:
    found = problem(await patient.say(sent))

    assert (found["status"], found["code"]) == (status, code)
