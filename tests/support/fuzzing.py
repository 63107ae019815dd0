"""Schemathesis against a running API: requests made of its OpenAPI document, right and wrong."""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx

_CONFIGURATION: Final = """
# The same requests every time, and nothing kept of earlier runs.
seed = 1
[generation]
deterministic = true
database = "none"
no-shrink = true

[warnings]
display = []

[checks.positive_data_acceptance]
# A schema can't say which days are past, which codes exist, how fields depend on each other, or
# what an If-Match should be: the domain does, with these.
expected-statuses = [
    "2xx", "3xx", "400", "401", "403", "404", "409", "412", "422", "428",
]

# A draft is any text: what is wrong with it is in the answer.
[[operations]]
include-name = "PUT /v1/playbooks/{playbook_id}/draft"
checks.negative_data_rejection.expected-statuses = ["200", "400", "401", "403", "404", "415", "422"]
"""

_HOOKS: Final = Path(__file__).with_name("schemathesis_hooks.py")
"""Named, not imported: Schemathesis takes a second to import, in every process of pytest."""

_WITHIN: Final = 600
_ANSWERED_WITHIN: Final = 60
"""On a machine that is busy with other tests; Schemathesis's own limit is 10 s."""


async def fuzz(http: httpx.AsyncClient, *, phases: str, examples: int) -> None:
    """Run all checks; fail with what was found.

    Args:
        http: a client of the API, with a token that has every scope.
        phases: Schemathesis's, separated by commas.
        examples: for each operation and phase, at most.
    """
    description = (await http.get("/openapi.json")).raise_for_status().text
    with tempfile.TemporaryDirectory(prefix="schemathesis-") as folder:
        configuration = f"hooks = {str(_HOOKS)!r}\n{_CONFIGURATION}"
        (Path(folder) / "schemathesis.toml").write_text(configuration, encoding="utf-8")
        (Path(folder) / "openapi.json").write_text(description, encoding="utf-8")
        ended = await asyncio.to_thread(
            subprocess.run,
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("run", "openapi.json", "--url", str(http.base_url)),
                *("--request-timeout", str(_ANSWERED_WITHIN)),
                *("--header", f"Authorization: {http.headers['authorization']}"),
                *("--checks", "all"),
                *("--max-examples", str(examples)),
                *("--phases", phases),
                "--continue-on-failure",
                "--no-color",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_WITHIN,
            check=False,
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr
