"""Kakehashi's own processes, and what has to exist before they start."""

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from deploy.local import health
from deploy.local.bootstrap import ROOT
from deploy.local.declared import API, Service
from deploy.local.instance import Instance
from deploy.local.program import Program
from deploy.local.progress import step
from deploy.local.shell import run
from deploy.local.sources import fingerprint

CODE: Final = "KAKEHASHI_STACK_CODE"
"""Set in every process of ours to a fingerprint of what it runs. A process whose environment has
changed is restarted by `up`: so is one whose code has."""


def programs(instance: Instance) -> list[Program]:
    """Token issuer, codec server, mail server and the declared services, in starting order."""
    shared = _environment(instance, None)
    found = [
        _shared(instance, "issuer", "Token issuer", "kakehashi_common.runtime.issuer", shared),
        _shared(instance, "codec", "Codec server", "kakehashi_common.runtime.codec_server", shared),
        Program(
            name="mail",
            title="Mail server",
            command=(sys.executable, str(Path(__file__).with_name("mail_server.py"))),
            ready=partial(health.http_answers, instance.http("mail") + "/healthz"),
            listens=("mail_smtp", "mail"),
            environment=shared,
        ),
    ]
    for service in instance.services:
        own = _environment(instance, service)
        found += [_process(instance, service, process, own) for process in service.ports]
    return found


def _shared(
    instance: Instance, name: str, title: str, module: str, environment: Mapping[str, str]
) -> Program:
    return Program(
        name=name,
        title=title,
        command=(sys.executable, "-m", module),
        ready=partial(health.http_answers, instance.http(name) + "/healthz"),
        listens=(name,),
        environment=environment,
    )


def _process(
    instance: Instance, service: Service, process: str, environment: Mapping[str, str]
) -> Program:
    name = service.process(process)
    port = {} if process == API else {f"{service.prefix}OPS__PORT": str(instance.ports[name])}
    return Program(
        name=name,
        title=f"{service.name} {process}",
        command=(sys.executable, "-m", service.package, process),
        ready=partial(health.http_answers, instance.http(name) + "/readyz"),
        listens=(name,),
        environment={**environment, **port},
    )


def _environment(instance: Instance, service: Service | None) -> dict[str, str]:
    """Without the settings of other services, whose changes don't concern this one's processes."""
    others = tuple(each.prefix for each in instance.services if each != service)
    code = [ROOT / "uv.lock", ROOT / "libs" / "common" / "src"]
    if service is not None:
        code.append(ROOT / "services" / service.name / "src")
    given = instance.environment()
    own = {name: value for name, value in given.items() if not name.startswith(others)}
    return own | {CODE: fingerprint(code)}


def prepare(instance: Instance) -> None:
    """Databases, tables, topics, search attributes: each step changes nothing the second time."""
    steps = [partial(_tables, service=service) for service in instance.services]
    # A server that was begun by an earlier version has the search attributes of then.
    steps += [partial(_topics), partial(_search_attributes)]
    with step("Tables and topics"), ThreadPoolExecutor() as pool:
        for done in [pool.submit(prepare_one, instance) for prepare_one in steps]:
            done.result()


def _tables(instance: Instance, service: Service) -> None:
    health.create_database(instance.postgres, service.package)
    _python(instance, "-m", service.package, "migrate")


def _topics(instance: Instance) -> None:
    _python(instance, "-m", "kakehashi_common.kafka.topics", "apply")


def _search_attributes(instance: Instance) -> None:
    _python(instance, "-m", "kakehashi_common.temporal", "register-search-attributes")


def _python(instance: Instance, *arguments: str) -> None:
    run(
        [sys.executable, *arguments],
        f"`python {' '.join(arguments)}` failed",
        cwd=ROOT,
        environment=instance.environment(),
    )
