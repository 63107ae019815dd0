"""Measure what must stay flat: memory over a million events, cost with 100 times the leads."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Final

from benchmarks import contestants
from benchmarks.load import Load
from benchmarks.servers import Servers
from benchmarks.throughput import TEMPLATE, Course
from benchmarks.watching import Cpu, Throughput, looks, to_lag_zero

_SMALL = "small"
"""Database of 5,000 leads with a past; the large one is made of it."""

_LARGE = "large"
VISIT: Final = 4
"""Events of one visit, in a row: how people read, and how their events arrive."""

_SAMPLE_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of the consumer, MiB, by events scored."""

    events: int
    samples: Sequence[tuple[int, float]]
    most: float
    growth: float
    """Of the mean over the last tenth of the events against that over the third tenth, in MiB."""


@dataclass(slots=True)
class Scale:
    """The cost of an event with few leads and with many."""

    leads: int
    many_leads: int
    visit: int
    """Events in a row of one lead."""
    few: list[Throughput]
    many: list[Throughput]
    most_memory: float = 0.0
    """Resident MiB of the consumer at the end of a run: with many leads, its cache is full."""

    @property
    def ratio(self) -> float:
        """Cost of an event with many leads over its cost with few; medians."""
        return median(t.per_second for t in self.few) / median(t.per_second for t in self.many)


def memory(servers: Servers, events: int, leads: int) -> Memory:
    """The consumer's memory over ``events`` events, with a relay that keeps the outbox short."""
    course = Course.laid(servers, "memory", Load(events, leads, datetime.now(UTC), seed=2))
    samples: list[tuple[int, float]] = []
    with servers.database("memory", TEMPLATE) as url:
        environment = contestants.settings(servers, url, course.prefix, course.group_id("memory"))
        with (
            contestants.our_relay(environment) as relay,
            contestants.our_consumer(environment) as consumer,
        ):
            group = course.group("memory")
            sampled_at = 0.0
            for _ in looks(consumer, relay):
                if time.monotonic() - sampled_at < _SAMPLE_EVERY:
                    continue
                sampled_at = time.monotonic()
                if done := group.committed():
                    samples.append((done, round(consumer.usage().memory_mib, 1)))
                if done >= events:
                    break
    early = [mib for done, mib in samples if 0.2 * events <= done < 0.3 * events]
    late = [mib for done, mib in samples if done >= 0.9 * events]
    growth = sum(late) / len(late) - sum(early) / len(early) if early and late else 0.0
    return Memory(events, samples, max(mib for _, mib in samples), round(growth, 1))


def scale(past: Course, leads: int, events: int, factor: int, repetitions: int) -> list[Scale]:
    """Cost per event after ``past`` of ``leads``, and after that of ``factor`` times as many.

    Once with every event's lead drawn by itself, once in visits.
    """
    servers = past.servers
    many = leads * factor
    found = [Scale(leads, many, visit, [], []) for visit in (1, VISIT)]
    with servers.database(_SMALL, TEMPLATE) as url:
        _consume(past, url, "past")
        servers.sql(url, "truncate event_log, inbox, outbox, score_history", "vacuum analyze")
        with servers.database(_LARGE, _SMALL) as large:
            _multiply(servers, large, leads, factor)
            for one in found:
                few_course, many_course = (
                    _course(servers, events, count, one.visit) for count in (leads, many)
                )
                for repetition in range(repetitions):
                    turns = [(_SMALL, few_course, one.few), (_LARGE, many_course, one.many)]
                    for template, course, results in turns if repetition % 2 else turns[::-1]:
                        name = f"{template}-{one.visit}-{repetition}"
                        with servers.database(name, template) as copy:
                            throughput, used = _consume(course, copy, name)
                        results.append(throughput)
                        one.most_memory = max(one.most_memory, round(used, 1))
    return found


def _course(servers: Servers, events: int, leads: int, visit: int) -> Course:
    name = f"leads-{leads}-{visit}"
    load = Load(events, leads, datetime.now(UTC), seed=3, visit=visit, run=name)
    return Course.laid(servers, name, load)


def _consume(course: Course, url: str, name: str) -> tuple[Throughput, float]:
    """Consume the course to its end; the throughput, and the memory used in the end."""
    servers = course.servers
    environment = contestants.settings(servers, url, course.prefix, course.group_id(name))
    with contestants.our_consumer(environment) as started:
        throughput = to_lag_zero(
            course.group(name), course.events, partial(Cpu, servers, url, started), started
        )
        return throughput, started.usage().memory_mib


def _multiply(servers: Servers, url: str, leads: int, factor: int) -> None:
    """Give the database ``factor`` times the leads, each with the past of one that is there."""
    for table in ("lead", "lead_profile"):
        others = servers.sql(
            url,
            "select string_agg(quote_ident(column_name), ', ' order by ordinal_position) "
            "from information_schema.columns "
            f"where table_name = '{table}' and column_name <> 'lead_id'",
        )
        copied = f"lpad((substr(lead_id, 6)::int + {leads} * copy)::text, 7, '0')"
        servers.sql(
            url,
            f"insert into {table} (lead_id, {others}) select 'lead-' || {copied}, {others} "
            f"from {table}, generate_series(1, {factor - 1}) as copy",
        )
    servers.sql(url, "vacuum analyze", "checkpoint")
