"""Kakehashi's own processes, and what has to exist before they start."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from deploy.local import health
from deploy.local.bootstrap import ROOT
from deploy.local.declared import API, Service
from deploy.local.instance import Instance
from deploy.local.progress import step
from deploy.local.servers import Program
from deploy.local.shell import run


def programs(instance: Instance) -> list[Program]:
    """Token issuer, codec server and the declared services, in starting order."""
    return [
        _shared(instance, "issuer", "Token issuer", "kakehashi_common.issuer"),
        _shared(instance, "codec", "Codec server", "kakehashi_common.codec_server"),
        *(
            _process(instance, service, process)
            for service in instance.services
            for process in service.ports
        ),
    ]


def _shared(instance: Instance, name: str, title: str, module: str) -> Program:
    return Program(
        name=name,
        title=title,
        command=(sys.executable, "-m", module),
        ready=partial(health.http_answers, instance.http(name) + "/healthz"),
        listens=(name,),
        environment=instance.environment(),
    )


def _process(instance: Instance, service: Service, process: str) -> Program:
    name = service.process(process)
    environment = instance.environment()
    if process != API:
        environment[f"{service.prefix}OPS__PORT"] = str(instance.ports[name])
    return Program(
        name=name,
        title=f"{service.name} {process}",
        command=(sys.executable, "-m", service.package, process),
        ready=partial(health.http_answers, instance.http(name) + "/readyz"),
        listens=(name,),
        environment=environment,
    )


def prepare(instance: Instance) -> None:
    """Databases, tables, topics, search attributes: each step changes nothing the second time."""
    steps = [partial(_tables, service=service) for service in instance.services]
    steps.append(partial(_topics))
    if "temporal" in instance.external:
        steps.append(partial(_search_attributes))
    with step("Tables and topics"), ThreadPoolExecutor() as pool:
        for done in [pool.submit(prepare_one, instance) for prepare_one in steps]:
            done.result()


def _tables(instance: Instance, service: Service) -> None:
    health.create_database(instance.postgres, service.package)
    _python(instance, "-m", service.package, "migrate")


def _topics(instance: Instance) -> None:
    _python(instance, "-m", "kakehashi_common.topics", "apply")


def _search_attributes(instance: Instance) -> None:
    _python(instance, "-m", "kakehashi_common.temporal", "register-search-attributes")


def _python(instance: Instance, *arguments: str) -> None:
    run(
        [sys.executable, *arguments],
        f"`python {' '.join(arguments)}` failed",
        cwd=ROOT,
        environment=instance.environment(),
    )
