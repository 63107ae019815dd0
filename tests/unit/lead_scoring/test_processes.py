"""Each process loads what it needs and no more: on a small machine that is most of a start."""

import subprocess
import sys

import pytest

FRAMEWORKS = {"alembic", "fastapi", "faststream", "opentelemetry.exporter.otlp", "temporalio"}

_ASSEMBLE = """
import asyncio, sys
from lead_scoring.processes import assembly
from lead_scoring.settings import LeadScoringSettings

async def assemble():
    async with assembly(sys.argv[1], LeadScoringSettings())():
        print(*sys.modules)

asyncio.run(assemble())
"""


@pytest.mark.parametrize(
    ("process", "needed"),
    [
        ("api", {"fastapi", "temporalio"}),
        ("consumer", {"faststream"}),
        ("relay", set()),
        ("worker", {"temporalio"}),
    ],
)
def test_a_process_loads_only_the_frameworks_it_needs(
    process: str, needed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD_SCORING_DATABASE__URL", "postgresql://127.0.0.1:1/none")
    monkeypatch.setenv("LEAD_SCORING_AUTH__JWKS_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("LEAD_SCORING_AUTH__ISSUER", "http://127.0.0.1:1")

    loaded = subprocess.run(
        [sys.executable, "-c", _ASSEMBLE, process], capture_output=True, text=True, check=True
    ).stdout.split()

    assert FRAMEWORKS.intersection(loaded) == needed
