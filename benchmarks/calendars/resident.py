"""Resident memory of a process, watched from a thread while this one is busy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from benchmarks.contestants import Contestant

_EVERY: Final = 0.5
"""Seconds between two looks."""


@dataclass(slots=True)
class Watched:
    """Memory observed so far, MiB."""

    samples: list[float] = field(default_factory=list)

    @property
    def most(self) -> float:
        """The most that was seen."""
        return max(self.samples)


@contextmanager
def watched(contestant: Contestant) -> Iterator[Watched]:
    """Watch until the block ends."""
    seen = Watched([resident(contestant)])
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(_EVERY) and contestant.process.poll() is None:
            seen.samples.append(resident(contestant))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def resident(contestant: Contestant) -> float:
    """MiB now."""
    return round(contestant.usage().memory_mib, 1)
