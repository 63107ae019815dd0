"""Events decided per second: our consumer beside one of the same topic that decides nothing."""

import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import throughput
from benchmarks.followups.installation import Installation, installed
from benchmarks.load import Load
from benchmarks.profiling import Parts, shares, spied
from benchmarks.servers import Servers
from benchmarks.throughput import Course
from benchmarks.watching import Cpu, Group, Throughput, to_lag_zero

PARTS: Final[Parts] = (
    ("followup/domain/triggers", "observe and judge behaviours"),
    ("followup/triggers/behaviours", "observe and judge behaviours"),
    ("followup/triggers/behaviour_repository", "read and write what was observed"),
    ("followup/contacts", "keep who the contacts are"),
    ("lead_profiles", "keep who the contacts are"),
    ("followup/entries", "decide who enters playbooks"),
    ("followup/domain/entering", "decide who enters playbooks"),
    ("cloudevents/codec", "decode and validate events"),
    ("cloudevents/attributes", "decode and validate events"),
    ("kakehashi_common/json_reader", "decode and validate events"),
    ("contracts/", "decode and validate events"),
    ("aiokafka/", "fetch and parse records (aiokafka)"),
    ("asyncpg/", "encode parameters, read rows (asyncpg)"),
    ("opentelemetry", "telemetry"),
    ("faststream", "FastStream and the consumer's loop"),
    ("kakehashi_common/consumer", "FastStream and the consumer's loop"),
    ("kakehashi_common/kafka", "FastStream and the consumer's loop"),
    ("kakehashi_common/dead_letters", "FastStream and the consumer's loop"),
)


@dataclass(frozen=True, slots=True)
class Decided:
    """The result for one topic."""

    floor: Throughput
    ours: Throughput
    seen: int
    """Behaviours that came to be seen."""
    entries: int
    """Decisions on who enters a playbook for them, made in the same time."""

    @property
    def share(self) -> float:
        """Ours, of the floor's events per second."""
        return self.ours.per_second / self.floor.per_second

    @property
    def share_of_cpu(self) -> float:
        """The CPU of the floor's events, of that of ours: other load matters less to it."""
        floor, ours = (
            sum(run.cpu_seconds.values()) / run.events for run in (self.floor, self.ours)
        )
        return floor / ours


def measure(servers: Servers, load: Load) -> Decided:
    """Have the floor read a topic, then followup's consumer."""
    warm_up = Course.laid(servers, "warm-up", replace(load, events=load.events // 10))
    course = Course.laid(servers, "behaviours", load)
    throughput.floor_consumer(warm_up, "warm-up")
    floor = throughput.floor_consumer(course, "floor")
    with installed(servers, "deciding") as installation:
        ours = _ours(installation, course)
        seen, entries = (
            int(servers.sql(installation.database_url, f"select count(*) from {table}"))
            for table in ("seen_behaviour", "entry_decision")
        )
    return Decided(floor, ours, seen, entries)


def profile(servers: Servers, load: Load) -> dict[str, float]:
    """Return the shares of our consumer's CPU time by part, in a pass of its own."""
    course = Course.laid(servers, "profiled", load)
    with (
        installed(servers, "profiled") as installation,
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
    ):
        stacks = Path(directory, "stacks")
        _ours(installation, course, stacks)
        return shares(stacks.read_text("utf-8"), PARTS)


def _ours(installation: Installation, course: Course, stacks: Path | None = None) -> Throughput:
    servers, group_id = installation.servers, course.group_id(installation.name)
    group = Group(servers, f"{group_id}.lead-events", course.topic)
    reading = {"TOPIC_PREFIX": course.prefix, "GROUP_ID": group_id}
    with installation.process("consumer", **reading) as consumer:
        watched = partial(
            to_lag_zero,
            group,
            course.events,
            partial(Cpu, servers, installation.database_url, consumer),
            consumer,
        )
        if stacks is None:
            return watched()
        with spied(consumer, stacks):
            return watched()
