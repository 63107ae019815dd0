"""Watches a contestant from outside: what its group has committed, what can be read of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import psutil
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from benchmarks.contestants import Contestant, ContestantError
from benchmarks.servers import PARTITIONS, Servers

EVERY: Final = 0.02
"""Seconds between two looks: a fraction of a percent of any measurement."""

TIMEOUT: Final = 600.0
"""Seconds after which something must be wrong: the end of the contestant's log says what."""

_FIRST_ANSWER: Final = 30.0
"""Seconds within which new topics have leaders."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """The rate at which events were processed."""

    events: int
    """Those within ``seconds``."""
    seconds: float
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    """By process, in the same time."""
    results: int = 0
    """Messages that could be read at the end, where that is the measure."""

    @property
    def per_second(self) -> float:
        """Events per second."""
        return self.events / self.seconds


class Group:
    """One consumer group on one topic. It is looked at, never joined."""

    def __init__(self, servers: Servers, group: str, topic: str) -> None:
        # AdminClient.list_consumer_group_offsets (2.12.2) takes the process down with it when
        # the coordinator has no answer, as on a broker that has just started.
        self._consumer = servers.consumer(**{"group.id": group})
        self._partitions = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]

    def committed(self) -> int:
        """Events behind the group's committed offsets; its topic starts at 0."""
        try:
            offsets = self._consumer.committed(self._partitions, timeout=5)
        except KafkaException:  # the coordinator is not there yet
            return 0
        return sum(max(0, partition.offset) for partition in offsets)


class Ends:
    """Counts records added to topics since its creation; create it before the writers start.

    A new client's first answer takes up to three seconds, in which a contestant publishes.
    """

    def __init__(self, admin: AdminClient, *topics: str) -> None:
        """Count what the topics, which exist, hold already.

        Raises:
            KafkaException: the broker does not say within :data:`_FIRST_ANSWER`.
        """
        self._admin = admin
        self._asked = {
            TopicPartition(topic, partition): OffsetSpec.latest()
            for topic in topics
            for partition in range(PARTITIONS)
        }
        self._before = self._first()

    def readable(self) -> int:
        """Messages that a reader from there would get, were nothing compacted away."""
        try:
            return self._ends() - self._before
        except KafkaException:  # no answer this time: the next look asks again
            return 0

    def _first(self) -> int:
        end = time.monotonic() + _FIRST_ANSWER
        while True:
            try:
                return self._ends()
            except KafkaException:  # a new topic has no leader yet
                if time.monotonic() > end:
                    raise
            time.sleep(EVERY)

    def _ends(self) -> int:
        answers = self._admin.list_offsets(self._asked)
        return sum(answer.result().offset for answer in answers.values())


class Cpu:
    """CPU seconds by process since this was made."""

    def __init__(
        self,
        servers: Servers,
        database: str | None,
        *contestants: Contestant,
        temporal: bool = False,
    ) -> None:
        self._servers = servers
        self._temporal = _listening(servers.temporal) if temporal else None
        self._database = database
        self._contestants = contestants
        self._before = self._now()

    def used(self) -> dict[str, float]:
        """By name: the contestants, and the servers that were asked for and run on this machine."""
        now = self._now()
        used: dict[str, float] = {}
        for (name, pid), seconds in now.items():
            used[name] = used.get(name, 0.0) + seconds - self._before.get((name, pid), 0.0)
        return {name: round(seconds, 3) for name, seconds in used.items()}

    def _now(self) -> dict[tuple[str, int], float]:
        seconds = {
            (each.name, each.process.pid): each.usage().cpu_seconds for each in self._contestants
        }
        watched = [("postgresql", pid) for pid in self._postgres()]
        if self._temporal is not None:
            watched.append(("temporal", self._temporal))
        for name, pid in watched:
            try:
                times = psutil.Process(pid).cpu_times()
            except psutil.NoSuchProcess:
                continue
            seconds[name, pid] = times.user + times.system
        return seconds

    def _postgres(self) -> list[int]:
        """The server's own processes, and those that serve this database."""
        if self._database is None or "127.0.0.1" not in self._servers.postgres:
            return []
        pids: list[int] = self._servers.sql(
            self._database,
            "select array_agg(pid) from pg_stat_activity "
            "where datname is null or datname = current_database()",
        )
        return pids


def _listening(address: str) -> int | None:
    """The process that listens at ``address`` on this machine."""
    port = int(address.rpartition(":")[2])
    return next(
        (
            each.pid
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN and each.laddr.port == port
        ),
        None,
    )


def to_lag_zero(
    group: Group,
    total: int,
    cpu: Callable[[], Cpu],
    *busy: Contestant,
    then: Callable[[], int] = lambda: 0,
) -> Throughput:
    """From the group's first commit to its last: its start-up is left out.

    ``then`` may wait for more once all events have been worked off, within the time that counts;
    it returns how many results there are.
    """

    def missing() -> str:
        return f"{group.committed():,} of {total:,} events are committed"

    for _ in looks(*busy, missing=missing):
        if first := group.committed():
            break
    started = time.perf_counter()
    used = cpu()
    for _ in looks(*busy, missing=missing):
        if group.committed() >= total:
            break
    results = then()
    seconds = time.perf_counter() - started
    return Throughput(total - first, seconds, used.used(), results)


def to_readable(
    group: Group, total: int, ends: Ends, expected: Callable[[], int], cpu: Callable[[], Cpu],
    *busy: Contestant,
) -> Throughput:  # fmt: skip
    """From the group's first commit until every message it caused can be read.

    ``expected`` is their number, once all events have been processed.
    """

    def all_readable() -> int:
        wanted = expected()
        results = 0
        for _ in looks(
            *busy,
            missing=lambda: (
                f"all {total:,} events are committed, "
                f"{results:,} of {wanted:,} messages can be read"
            ),
        ):
            if (results := ends.readable()) >= wanted:
                break
        return results

    return to_lag_zero(group, total, cpu, *busy, then=all_readable)


def to_last_output(
    group: Group, total: int, ends: Ends, cpu: Callable[[], Cpu], *busy: Contestant
) -> Throughput:
    """From the first message that can be read to the last, for a contestant that rarely commits."""
    last = 0
    started = ended = 0.0
    used = None
    for _ in looks(*busy):
        readable = ends.readable()
        if readable > last:
            last, ended = readable, time.perf_counter()
            if used is None:
                started, used = ended, cpu()
        if used is not None and group.committed() >= total:
            break
    if used is None:
        raise AssertionError("unreachable: the loop ends after the first message only")
    return Throughput(total, ended - started, used.used(), last)


def looks(
    *busy: Contestant, every: float = EVERY, missing: Callable[[], str] = lambda: ""
) -> Iterator[None]:
    """Yield at each look until the contestants end or the deadline passes.

    ``missing`` says what is not done yet.

    Raises:
        ContestantError: one has ended, or it took longer than :data:`TIMEOUT`; then with what is
            missing and the ends of all logs.
    """
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        for contestant in busy:
            contestant.check()
        yield
        time.sleep(every)
    names = " and ".join(each.name for each in busy)
    raise ContestantError(
        "\n".join(
            (
                f"not done after {TIMEOUT:.0f} s: {names}",
                *filter(None, [missing()]),
                *(f"{each.name}:\n{each.end_of_log()}" for each in busy),
            )
        )
    )
