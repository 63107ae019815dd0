"""Bringing an instance up and down, and asking how it is."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local import health, postgres, preflight, servers, services
from deploy.local.bootstrap import VENV_PYTHON
from deploy.local.cache import locked
from deploy.local.instance import (
    KAFKA_SETTING,
    POSTGRES_SETTING,
    TEMPORAL_SETTING,
    Instance,
)
from deploy.local.processes import Supervisor
from deploy.local.program import Program
from deploy.local.progress import StackError, say, step
from deploy.local.shell import last_lines

_EXTERNAL_SECONDS = 10.0
_MAX_STARTS = 4
"""A process that has died this often before it was ready (a bad setting, a bug) won't recover."""


def up(instance: Instance, *, only_servers: bool = False) -> None:
    """Start what isn't running and wait until all of it is ready. Harmless when all of it is.

    What runs with other settings or other code than now is restarted.

    Raises:
        StackError: a port is taken, a server named in the settings doesn't answer, or something
            did not become ready in time (with the tail of its log).
    """
    own_servers = servers.programs(instance)
    own_services = services.programs(instance)
    supervisor = Supervisor(instance)
    with locked(_lock(instance)):
        _check_external(instance)
        _write_environment(instance)
        changed = supervisor.ensure([*own_servers, *own_services])
        if changed:
            say(f"  · restarting what has new code or settings: {', '.join(changed)}")
        if only_servers:
            own_services = [program for program in own_services if program.name in changed]
        # Of the services too, before the first server: half a stack that then stops helps nobody.
        _check_ports(instance, [*own_servers, *own_services])
        bring_up(instance, own_servers)
        if own_services:
            services.prepare(instance)
            bring_up(instance, own_services)


def down(instance: Instance) -> None:
    """Stop everything of `instance`; its data stays. Harmless when nothing runs."""
    supervisor = Supervisor(instance)
    progress = step(f"Stopping {instance.name}") if supervisor.alive() else contextlib.nullcontext()
    with locked(_lock(instance)), progress:
        supervisor.shut_down(last=servers.NAMES)


def reset(instance: Instance) -> None:
    """Stop `instance` and forget its data, logs and generated secrets."""
    down(instance)
    shutil.rmtree(postgres.data_folder(instance), ignore_errors=True)
    shutil.rmtree(instance.state, ignore_errors=True)
    for name in instance.external:
        say(f"  · the data of {name} is kept: {instance.settings_file} names that server")


def run(instance: Instance, command: Sequence[str]) -> int:
    """Run `command` with the servers of `instance` up; its exit code.

    Servers that were already up stay up, with their data. Otherwise they start empty and are
    stopped afterwards, however `command` ended.
    """
    was_up = Supervisor(instance).alive()
    if not was_up:
        reset(instance)
    try:
        up(instance, only_servers=True)
        return _in_foreground(command, {})
    finally:
        if not was_up:
            down(instance)


def environment(instance: Instance) -> dict[str, str]:
    """Return the settings by which services find this instance, and simulations their server."""
    return {
        **instance.environment(),
        "KAKEHASHI_TIME_SKIPPING_SERVER": str(servers.time_skipping_test_server()),
    }


def execute(instance: Instance, command: Sequence[str]) -> int:
    """Run `command` with the services' settings in its environment; its exit code."""
    return _in_foreground(command, environment(instance))


def _in_foreground(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` to its end; its exit code, in a shell's way of counting.

    It runs where its caller is, with the checkout's programs first on its PATH.
    Ctrl-C reaches it directly, SIGTERM is handed on: it ends in its own way, and then this
    returns, so that what was started for it can be stopped.
    """
    path = f"{VENV_PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    process = subprocess.Popen(command, env=os.environ | dict(environment) | {"PATH": path})
    former = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                code = process.wait()
                return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGTERM, former)


def bring_up(instance: Instance, programs: Sequence[Program]) -> None:
    """Start those of `programs` that don't run, all at once, and wait until all are ready.

    supervisord has to know them (`Supervisor.ensure`).

    Raises:
        StackError: a port is taken, or a program did not become ready.
    """
    supervisor = Supervisor(instance)
    missing = [p for p in programs if supervisor.status(p.name).state != "RUNNING"]
    _check_ports(instance, missing)
    for program in missing:
        if program.prepare:
            program.prepare()
        supervisor.start(program.name)
    for program in programs:
        if program in missing:
            with step(program.title):
                wait_ready(instance, program)
        else:
            wait_ready(instance, program)


def start(instance: Instance, name: str) -> None:
    """Start the process `name` and wait until it is ready; nothing to do if it is."""
    program = program_named(instance, name)
    if program.prepare:
        program.prepare()
    Supervisor(instance).start(name)
    with step(program.title):
        wait_ready(instance, program)


def stop(instance: Instance, name: str) -> None:
    """Stop the process `name` in an orderly way; nothing to do if it isn't running."""
    Supervisor(instance).stop(program_named(instance, name).name)


def restart(instance: Instance, name: str) -> None:
    """Stop the process `name` in an orderly way, start it, wait until it is ready."""
    stop(instance, name)
    start(instance, name)


def kill9(instance: Instance, name: str) -> int:
    """End the process `name` with SIGKILL; it comes back by itself. Its former process id."""
    return Supervisor(instance).kill(program_named(instance, name).name)


def wait_ready(instance: Instance, program: Program) -> None:
    """Wait until `program` answers.

    Raises:
        StackError: it gave up or its time is over, with the tail of its log.
    """
    supervisor = Supervisor(instance)
    started = time.monotonic()

    pids = set()

    def settled() -> bool:
        if program.ready():
            return True
        status = supervisor.status(program.name)
        pids.add(status.pid)
        return len(pids - {0}) > _MAX_STARTS or status.state in {"FATAL", "STOPPED", "UNKNOWN"}

    health.wait_until(settled, program.start_seconds)
    if not program.ready():
        log = supervisor.log(program.name)
        text = log.read_text(errors="replace") if log.exists() else ""
        raise StackError(
            f"{program.title} is not ready after {time.monotonic() - started:.0f} s. The end of "
            f"{log}:\n{last_lines(text)}"
        )


def program_named(instance: Instance, name: str) -> Program:
    """The declaration of the process `name`.

    Raises:
        StackError: no such process here; an external server is none either.
    """
    known = {p.name: p for p in [*servers.programs(instance), *services.programs(instance)]}
    if name not in known:
        raise StackError(f"there is no process {name!r} here: one of {', '.join(known)}")
    return known[name]


def _check_ports(instance: Instance, programs: Sequence[Program]) -> None:
    supervisor = Supervisor(instance)
    idle = [program for program in programs if not supervisor.status(program.name).pid]
    preflight.check_ports(instance, (name for program in idle for name in program.listens))


def _check_external(instance: Instance) -> None:
    checks = {
        # Only the port: the services know what else it asks for (TLS, a password).
        "kafka": (KAFKA_SETTING, lambda: any(map(health.port_answers, instance.kafka.split(",")))),
        "postgres": (POSTGRES_SETTING, lambda: health.postgres_answers(instance.postgres)),
        "temporal": (TEMPORAL_SETTING, lambda: health.port_answers(instance.temporal)),
    }
    for name in instance.external:
        setting, answers = checks[name]
        say(f"  · {name} is the one that {setting} names")
        if not health.wait_until(answers, _EXTERNAL_SECONDS):
            raise StackError(f"nothing answers where {setting} in {instance.settings_file} points")


def _write_environment(instance: Instance) -> None:
    file = instance.environment_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"{key}={value}\n" for key, value in environment(instance).items()))


def _lock(instance: Instance) -> Path:
    return instance.state.with_name(f"{instance.name}.lock")
