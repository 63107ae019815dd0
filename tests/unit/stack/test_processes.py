"""Each process loads what it needs and no more: on a small machine that is most of a start."""

import subprocess
import sys

import pytest

FRAMEWORKS = {"alembic", "fastapi", "faststream", "opentelemetry.exporter.otlp", "temporalio"}

_ASSEMBLE = """
import asyncio, sys
from {package}.processes import assembly
from {package}.settings import {settings}

async def assemble():
    async with assembly(sys.argv[1], {settings}())():
        print(*sys.modules)

asyncio.run(assemble())
"""


@pytest.mark.parametrize(
    ("package", "process", "needed"),
    [
        ("lead_scoring", "api", {"fastapi", "temporalio"}),
        ("lead_scoring", "consumer", {"faststream"}),
        ("lead_scoring", "relay", set()),
        ("lead_scoring", "worker", {"temporalio"}),
        ("budget_calendar", "api", {"fastapi", "temporalio"}),
        ("budget_calendar", "relay", set()),
        ("budget_calendar", "worker", {"temporalio"}),
        ("handoff", "api", {"fastapi", "temporalio"}),
        ("handoff", "consumer", {"faststream", "temporalio"}),
        ("handoff", "relay", set()),
        ("handoff", "worker", {"temporalio"}),
        ("handoff", "notifier", {"temporalio"}),
        ("followup", "api", {"fastapi", "temporalio"}),
        ("followup", "consumer", {"faststream", "temporalio"}),
        ("followup", "relay", set()),
        ("followup", "worker", {"temporalio"}),
    ],
)
def test_a_process_loads_only_the_frameworks_it_needs(
    package: str, process: str, needed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{package.upper()}_DATABASE__URL", "postgresql://127.0.0.1:1/none")
    monkeypatch.setenv(f"{package.upper()}_AUTH__JWKS_URL", "http://127.0.0.1:1")
    monkeypatch.setenv(f"{package.upper()}_AUTH__ISSUER", "http://127.0.0.1:1")

    settings = package.title().replace("_", "") + "Settings"
    assemble = _ASSEMBLE.format(package=package, settings=settings)
    loaded = subprocess.run(
        [sys.executable, "-c", assemble, process], capture_output=True, text=True, check=True
    ).stdout.split()

    assert FRAMEWORKS.intersection(loaded) == needed
