"""Profile the consumer: py-spy's samples of its loop, by the part that had the CPU."""

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import contestants
from benchmarks.contestants import Contestant
from benchmarks.servers import Servers
from benchmarks.throughput import TEMPLATE, Course
from benchmarks.watching import looks

_RATE: Final = 200
"""Samples per second; py-spy stops the process for each, so more would distort."""

Parts = Sequence[tuple[str, str]]
"""Parts of the program by file; the innermost frame listed here decides."""

PARTS: Final[Parts] = (
    ("asyncpg/", "encode parameters, read rows (asyncpg)"),
    ("aiokafka/", "fetch and parse records (aiokafka)"),
    ("cloudevents/codec", "decode and validate events"),
    ("cloudevents/attributes", "decode and validate events"),
    ("kakehashi_common/json_reader", "decode and validate events"),
    ("contracts/texts", "decode and validate events"),
    ("contracts/instants", "decode and validate events"),
    ("pydantic", "decode and validate events"),
    ("lead_scoring/scoring/event_mapping", "decode and validate events"),
    ("lead_scoring/domain", "score"),
    ("lead_scoring/scoring/announcements", "write the score events"),
    ("kakehashi_common/outbox", "write the score events"),
    ("lead_scoring/scoring/repository", "make rows"),
    ("consumer/inbox", "make rows"),
    ("lead_scoring/scoring/service", "sort events by lead, cache, bookkeeping"),
    ("lead_scoring/scoring/lead_cache", "sort events by lead, cache, bookkeeping"),
    ("contracts/", "score"),
    ("opentelemetry", "telemetry"),
    ("faststream", "FastStream and the consumer's loop"),
    ("kakehashi_common/consumer", "FastStream and the consumer's loop"),
    ("kakehashi_common/kafka", "FastStream and the consumer's loop"),
    ("kakehashi_common/dead_letters", "FastStream and the consumer's loop"),
)
"""Of the consumer."""


_WAITING: Final = "_worker (concurrent/futures/thread.py"
"""The innermost frame of a pool's thread that has nothing to do; py-spy takes it for busy."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The consumer's time per event, in microseconds."""

    events: int
    microseconds: float
    """Elapsed per event."""
    on_cpu: float
    """CPU per event; the rest is waiting, for PostgreSQL above all."""
    parts: Mapping[str, float]
    """Share of the CPU time of each part."""


def profile(course: Course) -> Profile:
    """Profile one pass of our consumer over ``course``."""
    servers: Servers = course.servers
    with (
        servers.database("profile", TEMPLATE) as url,
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
    ):
        stacks = Path(directory, "stacks")
        environment = contestants.settings(servers, url, course.prefix, course.group_id("profile"))
        with contestants.our_consumer(environment) as consumer:
            group = course.group("profile")
            for _ in looks(consumer):
                if group.committed():
                    break
            with spied(consumer, stacks):
                first, started = group.committed(), time.perf_counter()
                used = consumer.usage().cpu_seconds
                for _ in looks(consumer):
                    if group.committed() >= course.events:
                        break
                seconds = time.perf_counter() - started
                used = consumer.usage().cpu_seconds - used
        events = course.events - first
        return Profile(
            events,
            round(seconds / events * 1e6, 1),
            round(used / events * 1e6, 1),
            shares(stacks.read_text("utf-8"), PARTS),
        )


@contextmanager
def spied(contestant: Contestant, stacks: Path) -> Iterator[None]:
    """Sample the contestant until the block ends; then ``stacks`` has what was seen."""
    command = Path(sys.executable).with_name("py-spy")
    options = {"rate": _RATE, "format": "raw", "duration": 3600, "output": stacks}
    spy = subprocess.Popen(  # noqa: S603 - our own program
        [
            *(command, "record", f"--pid={contestant.process.pid}"),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        spy.send_signal(signal.SIGINT)
        spy.wait(timeout=60)


def shares(stacks: str, parts: Parts) -> dict[str, float]:
    """Shares of the samples by part, the largest first; one line is ``frame;…;frame count``."""
    found: Counter[str] = Counter()
    for line in stacks.splitlines():
        frames, _, count = line.rpartition(" ")
        if _WAITING in frames.rpartition(";")[2]:
            continue
        found[_part(frames.split(";"), parts)] += int(count)
    total = sum(found.values())
    return {part: round(count / total, 3) for part, count in found.most_common()}


def _part(frames: list[str], parts: Parts) -> str:
    for frame in reversed(frames):
        for file, part in parts:
            if file in frame:
                return part
    return "event loop and the rest (uvloop, sockets, threads)"
