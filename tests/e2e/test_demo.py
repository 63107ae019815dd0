"""``make demo``'s commands against real processes, each of them twice."""

import asyncio
import os
import re
import sys
from pathlib import Path

from rich.cells import cell_len

from kakehashi_common.runtime.issuer import Issuer
from tests.support import stack
from tests.support.budget_calendar_processes import installation as budget_calendar
from tests.support.handoff_processes import installation as handoff
from tests.support.handoff_processes import qualified
from tests.support.issuing import issuing, settings_of
from tests.support.lead_scoring import Installation, installation

ROOT = Path(__file__).parents[2]
BROKEN = 21
"""What `examples/demo/bad_records.py` makes."""


async def demo(installed: Installation, issuer: Issuer) -> tuple[int | None, str]:
    """Run it; its exit code and what it prints."""
    api, consumer, _ = installed.processes
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lead_scoring.examples",
        cwd=ROOT,
        env={
            **os.environ,
            **stack.environment(),
            "LEAD_SCORING_DATABASE__URL": installed.database.url,
            "LEAD_SCORING_TOPIC_PREFIX": installed.prefix,
            "LEAD_SCORING_GROUP_ID": installed.group,
            "LEAD_SCORING_API_URL": api.address,
            "LEAD_SCORING_CONSUMER_URL": consumer.address,
            "LEAD_SCORING_TOKEN_URL": issuer.metadata()["token_endpoint"],
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


async def test_every_record_of_the_demo_is_accounted_for() -> None:
    async with issuing() as issuer, installation(**settings_of(issuer)) as installed:
        await installed.start("api", "consumer", "relay")

        code, first = await demo(installed, issuer)
        assert code == 0, first
        sent = number(first, "records in")
        scored = number(first, "new events scored")
        assert f"All {sent:,} records are accounted for." in first
        assert number(first, "dead letters") == BROKEN
        assert number(first, "duplicates") > 0
        assert number(first, "conflicts") > 0
        assert "Grades of all 1,500 leads" in first
        assert len(await installed.fetch("select from event_log")) == scored

        code, second = await demo(installed, issuer)
        assert code == 0, second
        assert number(second, "new events scored") == 0
        assert number(second, "scores published") == 0
        assert f"All {sent:,} records are accounted for." in second
        assert "Today's events had been sent before" in second


async def test_the_demo_shows_a_town_a_prefecture_and_five_years_of_a_deal() -> None:
    async with issuing() as issuer, budget_calendar(issuer) as installed:
        for new in ("36 of them new", "all of them before"):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "budget_calendar.examples",
                cwd=ROOT,
                env={**installed.environment, "COLUMNS": "100"},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            output, _ = await process.communicate()
            said = output.decode()
            assert process.returncode == 0, said
            assert "51 sessions of 54 files stored" in said
            assert re.search(r"予算要求締切 +Request deadline .*practice", said), said
            assert re.search(r"当初予算の議決 +Initial budget voted .*predicted", said), said
            assert f"36 local governments followed, {new}" in said
            assert "Temporal runs 36 budget cycles: http" in said
            assert "The contract was renewed" in said
            assert max(map(cell_len, tables_of(said))) <= 100


async def test_the_demo_takes_one_handoff_from_a_qualification_to_a_won_deal(
    tmp_path: Path,
) -> None:
    async with issuing() as issuer, handoff(issuer) as installed:
        api, *_ = await installed.start("api", "consumer", "worker")

        async def demo_of_handoff(part: str) -> str:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "handoff.examples", part,
                cwd=tmp_path,
                env={
                    **os.environ,
                    **stack.environment(),
                    "HANDOFF_API_URL": api.address,
                    "HANDOFF_WORKFLOW_ID_PREFIX": installed.prefix,
                    "HANDOFF_TOKEN_URL": issuer.metadata()["token_endpoint"],
                    "COLUMNS": "100",
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            output, _ = await process.communicate()
            assert process.returncode == 0, output.decode()
            return output.decode()

        for lead_id in ("crm-1", "crm-2"):  # the second run finds another one
            await demo_of_handoff("organisation")
            await installed.qualify(qualified(lead_id))
            said = await demo_of_handoff("handoff")
            for step in ("requested", "assigned", "accepted", "first contact made", "closed"):
                assert re.search(rf"^\w+ \d+ \w+ [\d:]+ +{step} ", said, re.MULTILINE), said
            handoffs = await installed.call("GET", f"/handoffs?lead_id={lead_id}")
            (ended,) = handoffs["items"]
            assert ended["status"] == "closed"
            assert f"{api.address}/v1/handoffs/{ended['handoff_id']}\n" in said
            assert f"handoff%2F{ended['handoff_id']}" in said
            assert max(map(cell_len, tables_of(said))) <= 100
            for page in ("handoff-packet.html", "handoff-agenda.html"):
                kept = tmp_path / ".local" / page
                assert kept.as_uri() in said
                assert "<html" in kept.read_text(encoding="utf-8")


def tables_of(said: str) -> list[str]:
    """The lines that are not meant to be copied."""
    return [
        line
        for line in said.splitlines()
        if "http" not in line and "file:" not in line and "stack.py" not in line
    ]
