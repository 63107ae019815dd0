"""Supervision, on small stand-ins for the servers: a second full stack would cost a minute."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from deploy.local import health, lifecycle
from deploy.local.instance import Instance
from deploy.local.processes import Supervisor
from deploy.local.program import Program
from deploy.local.progress import StackError
from kakehashi_common.ports import free_port

_ANSWERING = (
    "import sys; from http.server import HTTPServer, SimpleHTTPRequestHandler as Handler; "
    "HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()"
)
_DEADLINE_SECONDS = 20.0
ODD = '["50%", a=b;c, \\ 予算]'


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Instance]:
    instance = Instance(
        name="demo",
        state=tmp_path / "state",
        ports={"small": free_port()},
        external={},
        overrides={},
    )
    yield instance
    Supervisor(instance).shut_down(last=())


def small(instance: Instance, script: str = _ANSWERING, seconds: float = 20.0) -> Program:
    port = instance.ports["small"]
    return Program(
        name="small",
        title="Small",
        command=(sys.executable, "-c", script, str(port)),
        ready=partial(health.http_answers, f"http://127.0.0.1:{port}/"),
        listens=("small",),
        environment={"ODD": ODD},
        start_seconds=seconds,
    )


def up(instance: Instance, program: Program) -> int:
    Supervisor(instance).ensure([program])
    lifecycle.bring_up(instance, [program])
    return Supervisor(instance).status(program.name).pid


def test_up_twice_changes_nothing(stack: Instance) -> None:
    first = up(stack, small(stack))

    assert up(stack, small(stack)) == first


def test_a_setting_arrives_as_it_was_written(stack: Instance) -> None:
    pid = up(stack, small(stack))

    assert psutil.Process(pid).environ()["ODD"] == ODD


def test_a_setting_that_supervisord_cannot_hold_is_named(stack: Instance) -> None:
    with pytest.raises(StackError, match="ODD: a value can't hold both quotes"):
        up(stack, replace(small(stack), environment={"ODD": "'\""}))


def test_what_is_killed_comes_back(stack: Instance) -> None:
    program = small(stack)
    first = up(stack, program)

    killed = Supervisor(stack).kill("small")
    lifecycle.wait_ready(stack, program)

    assert killed == first
    assert Supervisor(stack).status("small").pid not in {0, first}


def test_a_taken_port_is_one_line_that_names_port_and_setting(stack: Instance) -> None:
    port = stack.ports["small"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()

        with pytest.raises(StackError) as refused:
            up(stack, small(stack))

    assert str(refused.value) == (
        f"port {port} for small is taken by another program: stop that program, or choose another "
        "port with KAKEHASHI_DEMO_SMALL_PORT in .env"
    )


def test_nothing_is_started_when_a_port_of_anything_is_taken(stack: Instance) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = {**stack.ports, "late": other.getsockname()[1]}
        both = replace(stack, ports=ports)
        first, late = small(both), replace(small(both), name="late", listens=("late",))
        Supervisor(both).ensure([first, late])

        with pytest.raises(StackError, match="KAKEHASHI_DEMO_LATE_PORT"):
            lifecycle.bring_up(both, [first, late])

    assert Supervisor(both).status("small").pid == 0


def test_what_never_becomes_ready_is_shown_with_the_end_of_its_log(stack: Instance) -> None:
    silent = small(stack, "import time; print('waiting for godot'); time.sleep(99)", seconds=2.0)

    with pytest.raises(StackError, match=r"Small is not ready after \d+ s(?s:.*)godot"):
        up(stack, silent)


def test_stopping_what_does_not_run_is_harmless(stack: Instance) -> None:
    up(stack, small(stack))

    Supervisor(stack).stop("small")
    Supervisor(stack).stop("small")

    assert Supervisor(stack).status("small").state == "STOPPED"


def test_changed_settings_restart_what_they_concern(stack: Instance) -> None:
    first = up(stack, small(stack))
    changed = replace(small(stack), environment={"ODD": "even"})

    assert Supervisor(stack).ensure([small(stack)]) == []
    assert Supervisor(stack).ensure([changed]) == ["small"]
    second = up(stack, changed)

    assert second != first
    assert not psutil.pid_exists(first)
    assert psutil.Process(second).environ()["ODD"] == "even"


def test_processes_that_outlived_their_supervisor_are_replaced(stack: Instance) -> None:
    first = up(stack, small(stack))
    supervisor = int((stack.state / "supervisord.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    assert health.wait_until(lambda: not Supervisor(stack).alive(), _DEADLINE_SECONDS)

    second = up(stack, small(stack))

    assert second != first
    assert not psutil.pid_exists(first)


def test_down_leaves_no_process_behind(stack: Instance) -> None:
    pid = up(stack, small(stack))

    Supervisor(stack).shut_down(last=("small",))

    assert not psutil.pid_exists(pid)
    assert not Supervisor(stack).alive()
