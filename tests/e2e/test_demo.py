"""``make demo``'s command against real processes: every record sent is accounted for, twice."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.support import stack
from tests.support.lead_scoring import Installation, installation
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
BROKEN = 21
"""What `examples/demo/bad_records.py` makes."""


@asynccontextmanager
async def issuer(folder: Path) -> AsyncIterator[str]:
    """A local token issuer as a process of its own; its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kakehashi_common.issuer",
        env={
            **os.environ,
            "KAKEHASHI_ISSUER_PORT": str(port),
            "KAKEHASHI_ISSUER_URL": url,
            "KAKEHASHI_ISSUER_KEY_FILE": str(folder / "issuer.json"),
        },
    )  # fmt: skip

    async def answers() -> bool:
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"{url}/healthz")).is_success
            except httpx.TransportError:
                return False

    try:
        await eventually(answers, within=60, what="the issuer answers")
        yield url
    finally:
        process.terminate()
        await process.wait()


async def demo(installed: Installation, tokens: str) -> tuple[int | None, str]:
    """Run it; its exit code and what it prints."""
    api, consumer, _ = installed.processes
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lead_scoring.demo",
        cwd=ROOT,
        env={
            **os.environ,
            **stack.environment(),
            "LEAD_SCORING_DATABASE__URL": installed.database.url,
            "LEAD_SCORING_TOPIC_PREFIX": installed.prefix,
            "LEAD_SCORING_GROUP_ID": installed.group,
            "LEAD_SCORING_API_URL": api.address,
            "LEAD_SCORING_CONSUMER_URL": consumer.address,
            "LEAD_SCORING_TOKEN_URL": f"{tokens}/token",
            "COLUMNS": "160",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode, output.decode()


def number(said: str, before: str) -> int:
    """The number that stands before a text."""
    found = re.search(rf"([\d,]+) +{re.escape(before)}", said)
    assert found, said
    return int(found[1].replace(",", ""))


async def test_every_record_of_the_demo_is_accounted_for(tmp_path: Path) -> None:
    async with (
        issuer(tmp_path) as tokens,
        installation(
            AUTH__JWKS_URL=f"{tokens}/.well-known/jwks.json", AUTH__ISSUER=tokens
        ) as installed,
    ):
        await installed.start("api", "consumer", "relay")

        code, first = await demo(installed, tokens)
        assert code == 0, first
        sent = number(first, "records in")
        scored = number(first, "new events scored")
        assert f"All {sent:,} records are accounted for." in first
        assert number(first, "dead letters") == BROKEN
        assert number(first, "duplicates") > 0
        assert number(first, "conflicts") > 0
        assert "Grades of all 1,500 leads" in first
        assert len(await installed.fetch("select from event_log")) == scored

        code, second = await demo(installed, tokens)
        assert code == 0, second
        assert number(second, "new events scored") == 0
        assert number(second, "scores published") == 0
        assert f"All {sent:,} records are accounted for." in second
        assert "Today's events had been sent before" in second
