"""The programs that are measured, each a process of its own, started the way it is in production.

A contestant's standard output goes to a file that is shown only when it fails.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil

from benchmarks.servers import Servers

CONSUMER_OPS, RELAY_OPS = 28094, 28095
"""Ports of the ops endpoints: beside those of the demo and of the tests."""


_READINESS_EVERY = 50
"""Checks: about a second."""


class ContestantError(Exception):
    """A measured process does not do what it should; the message shows its log."""


@dataclass(frozen=True, slots=True)
class Usage:
    """A process's use of resources since it started."""

    cpu_seconds: float
    memory_mib: float
    """Resident now."""


@dataclass(slots=True)
class Contestant:
    """One running program."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    readiness: str | None = None
    """Where it says whether it works; a consumer that has given up says so here and goes on."""
    _checks: int = 0

    def usage(self) -> Usage:
        """Return the resources used so far."""
        watched = psutil.Process(self.process.pid)
        times = watched.cpu_times()
        return Usage(times.user + times.system, watched.memory_info().rss / 2**20)

    def check(self) -> None:
        """Raise :class:`ContestantError`, with the end of its log, if it has ended or given up."""
        if self.process.poll() is not None:
            raise ContestantError(
                f"{self.name} ended with {self.process.returncode}:\n{self.end_of_log()}"
            )

        self._checks += 1
        if self.readiness is not None and self._checks % _READINESS_EVERY == 0:
            try:
                urlopen(self.readiness, timeout=5).close()  # noqa: S310 - our own address
            except HTTPError as error:
                if "halted" in (said := error.read().decode()):
                    raise ContestantError(f"{self.name}: {said}\n{self.end_of_log()}") from None
            except OSError:
                pass  # it has not opened its port yet

    def end_of_log(self) -> str:
        """The last lines that it wrote."""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-25:])


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    readiness: str | None = None,
) -> Iterator[Contestant]:
    """Run ``python -m <command>``; stopped afterwards, and killed if it does not end."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        log = Path(directory, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-m", *command],
                env={**os.environ, **(environment or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        contestant = Contestant(name, process, log, readiness)
        try:
            yield contestant
            contestant.check()
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(contestant: Contestant, timeout: float = 60.0) -> None:
    """Wait until the contestant's readiness endpoint says yes.

    Raises:
        ContestantError: it has ended, or is not ready after ``timeout`` seconds.
    """
    if contestant.readiness is None:
        raise ValueError(f"{contestant.name} has no readiness endpoint")
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        contestant.check()
        try:
            urlopen(contestant.readiness, timeout=5).close()  # noqa: S310 - our own address
        except OSError:  # not there yet, or not ready yet
            time.sleep(0.1)
        else:
            return
    raise ContestantError(f"{contestant.name} does not get ready:\n{contestant.end_of_log()}")


def floor(servers: Servers, database: str, topic: str, group: str) -> tuple[str, ...]:
    """(a)."""
    return (
        *("benchmarks.floor", "--servers", servers.kafka, "--database", database),
        *("--topic", topic, "--group", group),
    )


def quix(servers: Servers, group: str, prefix: str, output: str, state: str) -> tuple[str, ...]:
    """(d)."""
    return (
        *("benchmarks.peers.quix", "--servers", servers.kafka, "--group", group),
        *("--prefix", prefix, "--output-prefix", output, "--state", state),
    )


def settings(servers: Servers, database: str, prefix: str, group: str) -> dict[str, str]:
    """The environment of our own processes. All else is as in production.

    Budget phases cost an event nothing, and no topic of theirs is made here.
    """
    return {
        "LEAD_SCORING_DATABASE__URL": database,
        "LEAD_SCORING_KAFKA__BOOTSTRAP_SERVERS": servers.kafka,
        "LEAD_SCORING_TOPIC_PREFIX": prefix,
        "LEAD_SCORING_GROUP_ID": group,
        "LEAD_SCORING_READ_BUDGET_PHASES": "false",
        "LEAD_SCORING_READ_HANDOFFS": "false",
        "LEAD_SCORING_READ_FOLLOWUPS": "false",
    }


@contextmanager
def our_consumer(environment: Mapping[str, str]) -> Iterator[Contestant]:
    """(b), and half of (c): ``python -m lead_scoring consumer``."""
    port = {"LEAD_SCORING_OPS__PORT": str(CONSUMER_OPS)}
    readiness = f"http://127.0.0.1:{CONSUMER_OPS}/readyz"
    command = ("lead_scoring", "consumer")
    with running("consumer", command, {**environment, **port}, readiness) as started:
        yield started


@contextmanager
def our_relay(environment: Mapping[str, str]) -> Iterator[Contestant]:
    """The other half of (c): ``python -m lead_scoring relay``."""
    port = {"LEAD_SCORING_OPS__PORT": str(RELAY_OPS)}
    with running("relay", ("lead_scoring", "relay"), {**environment, **port}) as started:
        yield started
