"""``make demo``'s commands against real processes, each of them twice; its journey has a file."""

import asyncio
import os
import re
import sys
from pathlib import Path

from rich.cells import cell_len

from handoff.examples.__main__ import MEMBERS
from kakehashi_common.runtime.issuer import Issuer
from tests.support import stack
from tests.support.budget_calendar_processes import installation as budget_calendar
from tests.support.handoff_processes import installation as handoff
from tests.support.handoff_processes import qualified
from tests.support.installations import Installation
from tests.support.issuing import issuing, settings_of
from tests.support.lead_scoring import installation

ROOT = Path(__file__).parents[2]
BROKEN = 21
"""Records that `examples/demo/bad_records.py` makes."""


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


async def test_the_demo_shows_a_town_and_a_prefecture() -> None:
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
            assert max(map(cell_len, tables_of(said))) <= 100


async def test_the_demo_enters_an_organisation_to_whom_leads_are_handed_off() -> None:
    async with issuing() as issuer, handoff(issuer) as installed:
        api, *_ = await installed.start("api", "consumer", "worker")
        for _ in range(2):  # a second run changes nothing
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "handoff.examples",
                cwd=ROOT,
                env={
                    **os.environ,
                    **stack.environment(),
                    "HANDOFF_API_URL": api.address,
                    "HANDOFF_TOKEN_URL": issuer.metadata()["token_endpoint"],
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            output, _ = await process.communicate()
            assert process.returncode == 0, output.decode()
        await installed.qualify(qualified("crm-1"))
        assigned = await installed.handoff_of("crm-1", "assigned")
        assert assigned["owner"] in MEMBERS


def tables_of(said: str) -> list[str]:
    """The lines that are not meant to be copied."""
    return [line for line in said.splitlines() if "http" not in line]
