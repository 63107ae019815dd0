"""Events per second of (a) to (d), on the same topic, in turns."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks import contestants, floor
from benchmarks.load import Load
from benchmarks.servers import Servers
from benchmarks.watching import (
    Cpu,
    Ends,
    Group,
    Throughput,
    to_lag_zero,
    to_last_output,
    to_readable,
)
from kakehashi_common.contracts.topics import LEAD_EVENTS, LEAD_QUALIFIED, LEAD_SCORES

TEMPLATE = "template"
"""The database that every repetition's is a copy of: schema and rules, no leads."""

_ANNOUNCED = (
    "select (select count(*) from score_history) "
    "+ (select coalesce(sum(qualifications), 0) from lead)"
)


@dataclass(frozen=True, slots=True)
class Course:
    """The topic that the contestants read, and how much is on it."""

    servers: Servers
    name: str
    events: int

    @classmethod
    def laid(cls, servers: Servers, name: str, load: Load) -> "Course":
        """A topic with the events of ``load``."""
        prefix = servers.prefix(name)
        servers.make_topics(prefix)
        return cls(servers, name, servers.produce(prefix + LEAD_EVENTS.name, load.records()))

    @property
    def prefix(self) -> str:
        """Before the names of its topics."""
        return self.servers.prefix(self.name)

    @property
    def topic(self) -> str:
        """Where the events are."""
        return self.prefix + LEAD_EVENTS.name

    def group(self, name: str) -> Group:
        """A contestant's group on :attr:`topic`."""
        return Group(self.servers, self.group_id(name), self.topic)

    def group_id(self, name: str) -> str:
        """Of its own for every repetition, so that each starts at the beginning."""
        return f"{self.prefix}{name}"


def floor_consumer(course: Course, attempt: str) -> Throughput:
    """(a) Until the last offset is committed."""
    servers, name = course.servers, f"a-{attempt}"
    with servers.database(name) as url:
        servers.sql(url, *filter(str.strip, floor.SCHEMA.split(";")))
        command = contestants.floor(servers, url, course.topic, course.group_id(name))
        with contestants.running("floor", command) as started:
            return to_lag_zero(
                course.group(name), course.events, partial(Cpu, servers, url, started), started
            )


def our_consumer(course: Course, attempt: str) -> Throughput:
    """(b) Until the last offset is committed."""
    servers, name = course.servers, f"b-{attempt}"
    with servers.database(name, TEMPLATE) as url:
        environment = contestants.settings(servers, url, course.prefix, course.group_id(name))
        with contestants.our_consumer(environment) as started:
            return to_lag_zero(
                course.group(name), course.events, partial(Cpu, servers, url, started), started
            )


def whole_pipeline(course: Course, attempt: str) -> Throughput:
    """(c) Until every score event can be read: consumer, PostgreSQL, relay and broker."""
    servers, name = course.servers, f"c-{attempt}"
    with servers.database(name, TEMPLATE) as url:
        environment = contestants.settings(servers, url, course.prefix, course.group_id(name))
        ends = Ends(servers.admin(), *_outputs(course.prefix))
        with (
            contestants.our_relay(environment) as relay,
            contestants.our_consumer(environment) as consumer,
        ):
            return to_readable(
                course.group(name),
                course.events,
                ends,
                lambda: int(servers.sql(url, _ANNOUNCED)),
                partial(Cpu, servers, url, relay, consumer),
                consumer,
                relay,
            )


def quix(course: Course, attempt: str) -> Throughput:
    """(d) Until its last score event can be read."""
    servers, name = course.servers, f"d-{attempt}"
    output = f"{course.prefix}{name}-"
    servers.make_topics(output)
    ends = Ends(servers.admin(), *_outputs(output))
    with tempfile.TemporaryDirectory(prefix="bench-") as state:
        command = contestants.quix(servers, course.group_id(name), course.prefix, output, state)
        with contestants.running("quix", command) as started:
            return to_last_output(
                course.group(name),
                course.events,
                ends,
                partial(Cpu, servers, None, started),
                started,
            )


CONTESTANTS: dict[str, Callable[[Course, str], Throughput]] = {
    "a": floor_consumer,
    "b": our_consumer,
    "c": whole_pipeline,
    "d": quix,
}


def in_turns(repetitions: int) -> list[tuple[int, str]]:
    """Every contestant in every repetition, each time another one first: drift favours none."""
    names = list(CONTESTANTS)
    return [
        (repetition, names[(turn + repetition) % len(names)])
        for repetition in range(repetitions)
        for turn in range(len(names))
    ]


def _outputs(prefix: str) -> tuple[str, str]:
    return prefix + LEAD_SCORES.name, prefix + LEAD_QUALIFIED.name
