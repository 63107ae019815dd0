"""Kakehashi's own processes, and what has to exist before they start."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from deploy.local import health
from deploy.local.bootstrap import ROOT
from deploy.local.instance import Instance
from deploy.local.progress import step
from deploy.local.servers import Program
from deploy.local.shell import run

LEAD_SCORING_PROCESSES = ("api", "consumer", "relay", "worker")


def programs(instance: Instance) -> list[Program]:
    """Token issuer, codec server and lead-scoring, in starting order."""
    return [
        _program(instance, "issuer", "Token issuer", "kakehashi_common.issuer", "/healthz"),
        _program(instance, "codec", "Codec server", "kakehashi_common.codec_server", "/healthz"),
        *(
            _program(instance, name, f"lead-scoring {name}", f"lead_scoring {name}", "/readyz")
            for name in LEAD_SCORING_PROCESSES
        ),
    ]


def _program(instance: Instance, name: str, title: str, module: str, ready: str) -> Program:
    environment = instance.environment()
    if name in LEAD_SCORING_PROCESSES and name != "api":
        environment["LEAD_SCORING_OPS__PORT"] = str(instance.ports[name])
    return Program(
        name=name,
        title=title,
        command=(sys.executable, "-m", *module.split()),
        ready=partial(health.http_answers, instance.http(name) + ready),
        listens=(name,),
        environment=environment,
    )


def prepare(instance: Instance) -> None:
    """Databases, tables, topics, search attributes: each step changes nothing the second time."""
    steps = [_tables, _topics]
    if "temporal" in instance.external:
        steps.append(_search_attributes)
    with step("Tables and topics"), ThreadPoolExecutor() as pool:
        for done in [pool.submit(prepare_one, instance) for prepare_one in steps]:
            done.result()


def _tables(instance: Instance) -> None:
    health.create_database(instance.postgres, "lead_scoring")
    _python(instance, "-m", "lead_scoring", "migrate")


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
