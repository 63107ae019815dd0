"""The commands of `stack.py`, run inside the checkout's `.venv`."""

import argparse
import contextlib
import time
from collections.abc import Callable

from deploy.local import instance as instances
from deploy.local import jars, lifecycle, temporal_build
from deploy.local.declared import API
from deploy.local.instance import Instance
from deploy.local.processes import Supervisor, follow
from deploy.local.progress import say

_SECONDS_PER_MINUTE = 60


def run(arguments: argparse.Namespace) -> int:
    """Run the parsed command; its exit code."""
    instance = instances.load(arguments.instance)
    simple: dict[str, Callable[[Instance], None]] = {
        "setup": _setup,
        "down": lifecycle.down,
        "reset": lifecycle.reset,
        "status": _status,
        "env": _env,
    }
    command = arguments.command
    if command in simple:
        simple[command](instance)
    elif command == "up":
        lifecycle.up(instance, only_servers=arguments.only == "servers")
        _addresses(instance, with_services=arguments.only is None)
    elif command == "logs":
        _logs(instance, arguments.names)
    elif command in {"run", "exec"}:
        runner = lifecycle.run if command == "run" else lifecycle.execute
        return runner(instance, arguments.argv[arguments.argv[:1] == ["--"] :])
    elif command == "kill9":
        say(f"killed {arguments.name}, process {lifecycle.kill9(instance, arguments.name)}")
    else:
        one = {"start": lifecycle.start, "stop": lifecycle.stop, "restart": lifecycle.restart}
        one[command](instance, arguments.name)
    return 0


def _setup(instance: Instance) -> None:
    if "kafka" not in instance.external:
        jars.bundle("kafka")
    jars.bundle("temporal-test-server")
    if "temporal" not in instance.external:
        temporal_build.executable()


def _status(instance: Instance) -> None:
    statuses = Supervisor(instance).statuses()
    if not statuses:
        print(f"{instance.name} is down")
    place = {name: number for number, name in enumerate(instance.ports)}
    widest = max(map(len, place))
    # What an earlier version of this checkout started may have another name now.
    for status in sorted(statuses, key=lambda status: place.get(status.name, len(place))):
        ports = " ".join(str(instance.ports[key]) for key in _listens(instance, status.name))
        since = (
            f"{(time.time() - status.since) / _SECONDS_PER_MINUTE:.0f} min" if status.pid else ""
        )
        print(f"{status.name:{widest}} {status.state:9} {status.pid or '':>8} {since:>8}  {ports}")
    for name, address in instance.external.items():
        print(f"{name:{widest}} external {'':18}  {_without_password(address)}")


def _listens(instance: Instance, name: str) -> list[str]:
    return [key for key in instance.ports if key == name or key.startswith(f"{name}_")]


def _env(instance: Instance) -> None:
    for key, value in lifecycle.environment(instance).items():
        print(f"{key}={value}")


def _logs(instance: Instance, names: list[str]) -> None:
    supervisor = Supervisor(instance)
    wanted = names or [status.name for status in supervisor.statuses()]
    with contextlib.suppress(KeyboardInterrupt):
        for line in follow([supervisor.log(name) for name in wanted]):
            print(line, flush=True)


def _addresses(instance: Instance, *, with_services: bool) -> None:
    addresses = {
        "Kafka": instance.kafka,
        "PostgreSQL": _without_password(instance.postgres),
        "Temporal": instance.temporal,
    }
    if "temporal" not in instance.external:
        addresses["Temporal UI"] = instance.http("temporal_ui")
    if with_services:
        addresses["Mails"] = instance.http("mail")
        for service in instance.services:
            if API in service.ports:
                addresses[service.name] = instance.http(service.process(API)) + "/docs"
    widest = max(map(len, addresses))
    for name, address in addresses.items():
        say(f"  {name:{widest}}  {address}")


def _without_password(url: str) -> str:
    scheme, separator, rest = url.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]
