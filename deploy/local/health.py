"""Readiness of servers: one check per kind of server, and a wait with a deadline."""

import asyncio
import contextlib
import logging
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import asyncpg
from aiokafka.client import AIOKafkaClient

_POLL_SECONDS = 0.1
_QUESTION_SECONDS = 5.0


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition` came true within `seconds`; it is asked ten times a second."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def kafka_answers(bootstrap_servers: str) -> bool:
    """Whether the cluster has at least one live broker."""

    async def ask() -> bool:
        client = AIOKafkaClient(bootstrap_servers=bootstrap_servers)
        try:
            await client.bootstrap()
            return bool(client.cluster.brokers())
        finally:
            await client.close()

    # "Unable to connect" at ERROR for each attempt is expected while the broker starts.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    return _asked(ask)


def postgres_answers(url: str) -> bool:
    """Whether a session opens and answers."""

    async def ask() -> bool:
        connection = await asyncpg.connect(url)
        try:
            return bool(await connection.fetchval("select true"))
        finally:
            await connection.close()

    return _asked(ask)


def port_answers(address: str) -> bool:
    """Whether something accepts connections at `address` (host:port)."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_QUESTION_SECONDS):
            return True
    except (OSError, ValueError):
        return False


def http_answers(url: str) -> bool:
    """Whether GET `url` is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=_QUESTION_SECONDS) as answer:  # noqa: S310 (ours)
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, urllib.error.URLError):
        return False


def _asked(question: Callable[[], Awaitable[bool]]) -> bool:
    async def ask() -> bool:
        return await asyncio.wait_for(question(), _QUESTION_SECONDS)

    # A server that is starting fails in every way its client library knows; all mean "not yet".
    with contextlib.suppress(Exception):
        return asyncio.run(ask())
    return False


def create_database(server_url: str, name: str) -> None:
    """Create the database `name` unless it exists."""

    async def create() -> None:
        connection = await asyncpg.connect(server_url)
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                await connection.execute(f'create database "{name}"')
        finally:
            await connection.close()

    asyncio.run(create())
