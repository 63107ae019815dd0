"""A supervised process, as servers and services declare it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process.

    `ready` answers within seconds; `prepare` runs before each start and is idempotent.
    """

    name: str
    title: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    listens: tuple[str, ...]
    """Keys into the instance's ports."""
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    stop_signal: str = "TERM"
    start_seconds: float = 180.0
    """Time limit until `ready`, on a busy machine; a process that dies is noticed sooner."""
