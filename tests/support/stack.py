"""The local stack's `test` instance, as tests use it: addresses, and faults on demand.

`make test` has its servers up; beside an editor, `python deploy/local/stack.py --instance test up
--only servers` does. Names of processes are those of `stack.py status`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.local import health, instance, lifecycle, servers
from deploy.local.processes import Supervisor

INSTANCE = instance.load("test")


def environment() -> dict[str, str]:
    """Settings of a service process on the test servers (`LEAD_SCORING_…`, `KAKEHASHI_…`)."""
    return lifecycle.environment(INSTANCE)


def kafka() -> str:
    """Bootstrap servers."""
    return INSTANCE.kafka


def temporal() -> str:
    """Front-end address, host:port."""
    return INSTANCE.temporal


def temporal_ui() -> str:
    """Address of the Temporal UI."""
    return INSTANCE.http("temporal_ui")


def database_url(name: str) -> str:
    """URL of the database `name` (`postgresql+asyncpg://…`), which is created when missing."""
    health.create_database(INSTANCE.postgres, name)
    return INSTANCE.database_url(name)


def time_skipping_test_server() -> Path:
    """For `WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(…))`."""
    return servers.time_skipping_test_server()


def up() -> None:
    """Start the services too; harmless when they run."""
    lifecycle.up(INSTANCE)


def stop_services() -> None:
    """Stop what `up` starts beside the servers."""
    for service in INSTANCE.services:
        for process in service.ports:
            lifecycle.stop(INSTANCE, service.process(process))


def start(name: str) -> None:
    """Start a process and wait until it is ready."""
    lifecycle.start(INSTANCE, name)


def stop(name: str) -> None:
    """Stop a process in an orderly way and wait until it has ended."""
    lifecycle.stop(INSTANCE, name)


def restart(name: str) -> None:
    """Stop a process in an orderly way, start it, wait until it is ready."""
    lifecycle.restart(INSTANCE, name)


@contextmanager
def frozen(name: str) -> Iterator[None]:
    """Stop a process and its children where they stand: connections stay open, nobody answers."""
    program = lifecycle.program_named(INSTANCE, name).name
    main = psutil.Process(Supervisor(INSTANCE).status(program).pid)
    processes = [main, *main.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


def kill9(name: str) -> int:
    """End a process with SIGKILL; supervisord starts it again. Its former process id."""
    return lifecycle.kill9(INSTANCE, name)


def wait_ready(name: str) -> None:
    """Wait until a process answers, for instance after `kill9`."""
    lifecycle.wait_ready(INSTANCE, lifecycle.program_named(INSTANCE, name))
