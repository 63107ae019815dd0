"""Describe the machine of a run: figures of two machines, or two days, don't compare."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.servers import Servers

_PACKAGES = ("aiokafka", "faststream", "asyncpg", "msgspec", "pydantic", "uvloop", "quixstreams")


def describe(servers: Servers) -> dict[str, Any]:
    """The machine, the servers and the libraries, by name and version."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": servers.sql(servers.postgres, "show server_version"),
        "postgresql_settings": {
            name: servers.sql(servers.postgres, f"show {name}")
            for name in ("synchronous_commit", "fsync", "shared_buffers", "max_wal_size")
        },
        "kafka_partitions": 6,
        "load_average_before": [round(each, 2) for each in os.getloadavg()],
        **{name: version(name) for name in _PACKAGES},
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
