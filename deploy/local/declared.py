"""The services of this repository: all that the local stack has to know about each.

The rest follows: package, settings prefix and database carry the service's name, and every package
answers `python -m <package> <process>` and `python -m <package> migrate`. What Docker and people
read (`deploy/compose.yaml`, `.env.example`, the rules in `pyproject.toml`) is held to this list by
`tests/unit/stack/test_declared_once.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

API: Final = "api"
"""The process that serves HTTP. The others serve only health and metrics, on an ops port."""


@dataclass(frozen=True, slots=True)
class Service:
    """One folder under `services/`."""

    name: str
    """Of the folder and the distribution, and the prefix of its processes' names."""
    ports: Mapping[str, int]
    """Its processes in starting order, each with its port in the demo."""

    @property
    def package(self) -> str:
        """The Python package; its database has the same name."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """The prefix of its settings' names."""
        return f"{self.package.upper()}_"

    def process(self, name: str) -> str:
        """Return the stack's name of the process `name` of this service."""
        return f"{self.name}-{name}"


SERVICES: Final = (
    Service("lead-scoring", {API: 18080, "consumer": 18081, "relay": 18082, "worker": 18083}),
    Service("budget-calendar", {API: 18180, "relay": 18182, "worker": 18183}),
    Service(
        "handoff",
        {API: 18280, "consumer": 18281, "relay": 18282, "worker": 18283, "notifier": 18284},
    ),
    Service("followup", {API: 18380, "consumer": 18381, "relay": 18382, "worker": 18383}),
)
"""In starting order."""
