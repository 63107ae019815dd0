"""Schemathesis against a running API: requests made of its OpenAPI document, right and wrong."""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.support import schemathesis_hooks

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
"""

_WITHIN: Final = 280


async def fuzz(api_url: str, token: str, *, phases: str, examples: int) -> None:
    """Run all checks; fail with what was found.

    Args:
        api_url: where the API answers.
        token: with every scope.
        phases: Schemathesis's, separated by commas.
        examples: for each operation and phase, at most.
    """
    with tempfile.TemporaryDirectory(prefix="schemathesis-") as folder:
        hooks = Path(schemathesis_hooks.__file__)
        configuration = f"hooks = {str(hooks)!r}\n{_CONFIGURATION}"
        (Path(folder) / "schemathesis.toml").write_text(configuration, encoding="utf-8")
        ended = await asyncio.to_thread(
            subprocess.run,
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("run", f"{api_url}/openapi.json"),
                *("--header", f"Authorization: Bearer {token}"),
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
