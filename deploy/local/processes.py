"""Supervised processes: supervisord's configuration, start, stop and remote calls.

supervisord starts again whatever dies, `kill -9` included. It listens on a Unix socket that only
its owner may open.
"""

import contextlib
import hashlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from deploy.local import health
from deploy.local.bootstrap import ROOT
from deploy.local.instance import Instance
from deploy.local.program import Program
from deploy.local.progress import StackError

MARK: Final = "KAKEHASHI_STACK_STATE"
"""Set in every supervised process, to recognise orphans of a killed supervisord."""

_LONGEST_SOCKET_PATH = 100
_SUPERVISOR_SECONDS = 15.0
_STOP_SECONDS = 40.0
_ON_ITS_WAY = ("STARTING", "RUNNING")


@dataclass(frozen=True, slots=True)
class Status:
    """The status of one process, by supervisord."""

    name: str
    state: str
    """STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL or UNKNOWN."""
    pid: int
    """0 when there is no process."""
    since: float
    """Seconds since the epoch of the last start."""


class Supervisor:
    """The supervisord of one instance, running or not."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._config = instance.state / "supervisord.conf"
        self._pid_file = instance.state / "supervisord.pid"
        self._socket = _socket_path(instance.state)

    def alive(self) -> bool:
        """Whether supervisord answers."""
        try:
            self._rpc().getState()
        except (OSError, Fault):
            return False
        return True

    def ensure(self, programs: Sequence[Program]) -> list[str]:
        """Start supervisord, or update the running one's programs; start no program.

        Returns the names of those that ran and had to be stopped, since they have changed.
        """
        self._instance.logs.mkdir(parents=True, exist_ok=True)
        self._config.touch(mode=0o600)  # it holds the instance's password
        self._config.write_text(self._configuration(programs))
        if self.alive():
            return self._reload()
        self._end_orphans()
        self._socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._config)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if result.returncode != 0 or not health.wait_until(self.alive, _SUPERVISOR_SECONDS):
            raise StackError(f"supervisord did not start: {result.stdout}{result.stderr}".strip())
        return []

    def shut_down(self, last: Collection[str]) -> None:
        """Stop everything, the processes named `last` after all others, then supervisord."""
        if not self.alive():
            self._end_orphans()
            return
        names = {status.name for status in self.statuses() if status.pid}
        for together in (names.difference(last), names.intersection(last)):
            for name in together:
                with contextlib.suppress(_NotRunningError), _understood(name):
                    self._rpc().stopProcess(name, False)
            health.wait_until(partial(self._all_ended, together), _STOP_SECONDS)
        pid = int(self._rpc().getPID())
        self._rpc().shutdown()
        if not health.wait_until(lambda: not psutil.pid_exists(pid), _STOP_SECONDS):
            self._end_orphans()

    def _all_ended(self, names: Collection[str]) -> bool:
        return not any(status.pid for status in self.statuses() if status.name in names)

    def statuses(self) -> list[Status]:
        """All programs, by name; none when supervisord isn't running."""
        if not self.alive():
            return []
        return [
            Status(info["name"], info["statename"], info["pid"], float(info["start"]))
            for info in self._rpc().getAllProcessInfo()
        ]

    def status(self, name: str) -> Status:
        """One program; STOPPED when supervisord isn't running."""
        for status in self.statuses():
            if status.name == name:
                return status
        return Status(name, "STOPPED", 0, 0.0)

    def start(self, name: str) -> None:
        """Start `name` unless it runs or is starting."""
        status = self.status(name)
        if status.state in _ON_ITS_WAY:
            return
        with _understood(name):
            if status.state == "BACKOFF":
                self._rpc().stopProcess(name)
            try:
                self._rpc().startProcess(name, False)
            except Fault as fault:
                # It ended at once. supervisord tries again; `wait_ready` reports the result.
                if fault.faultCode not in {Faults.SPAWN_ERROR, Faults.ABNORMAL_TERMINATION}:
                    raise

    def stop(self, name: str) -> None:
        """Stop `name` in an orderly way and wait until it has ended."""
        with contextlib.suppress(_NotRunningError), _understood(name):
            self._rpc().stopProcess(name)

    def kill(self, name: str) -> int:
        """End `name` with SIGKILL; supervisord starts it again. Its former process id."""
        status = self.status(name)
        if not status.pid:
            raise StackError(f"{name} isn't running")
        os.kill(status.pid, signal.SIGKILL)
        return status.pid

    def log(self, name: str) -> Path:
        """Return the file with the output (stdout and stderr) of `name`."""
        return self._instance.logs / f"{name}.log"

    def _rpc(self) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def _reload(self) -> list[str]:
        running = {status.name for status in self.statuses() if status.pid}
        added, changed, removed = self._rpc().reloadConfig()[0]
        for name in [*changed, *removed]:
            with contextlib.suppress(Fault):
                self._rpc().stopProcessGroup(name)
            self._rpc().removeProcessGroup(name)
        for name in [*added, *changed]:
            self._rpc().addProcessGroup(name)
        return [name for name in changed if name in running]

    def _end_orphans(self) -> None:
        """End what an earlier supervisord of this instance left behind when it was killed."""
        mark = str(self._instance.state)
        orphans = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(MARK) == mark:
                    orphans.append(process)
        for ask in (psutil.Process.terminate, psutil.Process.kill):
            for process in orphans:
                with contextlib.suppress(psutil.Error):
                    ask(process)
            _, still_there = psutil.wait_procs(orphans, timeout=_SUPERVISOR_SECONDS)
            if not still_there:
                return

    def _configuration(self, programs: Sequence[Program]) -> str:
        state = self._instance.state
        sections = [
            "[unix_http_server]",
            f"file={_escaped(self._socket)}",
            "chmod=0700",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
            "[supervisord]",
            f"logfile={_escaped(self._instance.logs / 'supervisord.log')}",
            "logfile_maxbytes=5MB",
            f"pidfile={_escaped(self._pid_file)}",
            f"childlogdir={_escaped(self._instance.logs)}",
            f"directory={_escaped(ROOT)}",
        ]
        if os.geteuid() == 0:
            sections.append("user=root")  # otherwise it warns that it didn't drop privileges
        for order, program in enumerate(programs):
            environment = {**program.environment, MARK: str(state), "PYTHONUNBUFFERED": "1"}
            assignments = ",".join(_assignment(k, v) for k, v in sorted(environment.items()))
            sections += [
                f"[program:{program.name}]",
                f"command={_escaped(shlex.join(program.command))}",
                f"environment={assignments}",
                f"priority={100 + order}",
                "autostart=false",
                "autorestart=true",
                "startsecs=1",
                "startretries=60",
                f"stopsignal={program.stop_signal}",
                "stopwaitsecs=30",
                "killasgroup=true",
                f"stdout_logfile={_escaped(self.log(program.name))}",
                "stdout_logfile_maxbytes=20MB",
                "stdout_logfile_backups=2",
                "redirect_stderr=true",
            ]
        return "\n".join(sections) + "\n"


def follow(paths: Sequence[Path]) -> Iterator[str]:
    """Lines of the logs as they are written, each with the log's name; never ends."""
    widest = max((len(path.stem) for path in paths), default=0)
    positions = {path: max(0, path.stat().st_size - 2000) for path in paths if path.exists()}
    while True:
        for path in paths:
            if not path.exists():
                continue
            size, position = path.stat().st_size, positions.get(path, 0)
            with path.open(errors="replace") as log:
                log.seek(position if position <= size else 0)
                for line in log:
                    yield f"{path.stem:>{widest}} | {line.rstrip()}"
                positions[path] = log.tell()
        time.sleep(0.3)


class _NotRunningError(StackError):
    """A process was asked to stop that wasn't running."""


@contextlib.contextmanager
def _understood(name: str) -> Iterator[None]:
    """Turn supervisord's faults into sentences."""
    try:
        yield
    except Fault as fault:
        if fault.faultCode == Faults.NOT_RUNNING:
            raise _NotRunningError(f"{name} isn't running") from fault
        if fault.faultCode == Faults.BAD_NAME:
            raise StackError(f"there is no process {name!r} here: see `stack.py status`") from fault
        raise StackError(f"{name}: {fault.faultString}") from fault
    except OSError as failure:
        raise StackError("the stack isn't up: `make up` starts it") from failure


def _socket_path(state: Path) -> Path:
    path = state / "supervisor.sock"
    if len(str(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(str(state).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kakehashi-{digest}.sock"


def _escaped(value: object) -> str:
    """`value` for supervisord's configuration, where % starts an expansion."""
    return str(value).replace("%", "%%")


def _assignment(name: str, value: str) -> str:
    """One variable of an `environment=` line.

    supervisord knows both quotes there, but no way to write a quote inside the same quotes, and
    it strips quotes from the ends of a value.

    Raises:
        StackError: a value that can't be written.
    """
    quote = "'" if '"' in value else '"'
    if quote in value or "\n" in value or value != value.strip("'\""):
        raise StackError(f"{name}: a value can't hold both quotes, end in one, or span lines")
    return f"{name}={quote}{_escaped(value)}{quote}"
