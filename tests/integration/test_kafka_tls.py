"""Kafka with TLS and a password or a certificate is a matter of settings, on a real broker."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvloop
from aiokafka import TopicPartition
from pydantic import SecretStr

from kakehashi_common.contracts.topics import LEAD_EVENTS, LEAD_SCORES
from kakehashi_common.kafka.diagnostics import UnreachableError
from kakehashi_common.kafka.producer import idempotent_producer
from kakehashi_common.kafka.reader import topic_reader
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.kafka.topics import admin_client
from tests.support import kafka
from tests.support.installations import Installation, Process
from tests.support.kafka import activity, broken, record
from tests.support.kafka_tls import PASSWORD, SecureBroker, secure_broker
from tests.support.lead_scoring import installation
from tests.support.tls import Authority
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

WRONG = "wrong-battery-7"


@pytest_asyncio.fixture(scope="module")
async def secure(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecureBroker]:
    async with secure_broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


async def reached(settings: KafkaSettings) -> bool:
    """Whether an administrator and a producer get in."""
    async with admin_client(settings) as admin:
        await admin.list_topics()
    producer = idempotent_producer(settings)
    try:
        await producer.start()
        return bool(producer.client.cluster.brokers())
    finally:
        await producer.stop()


async def command(
    environment: Mapping[str, str], module: str, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def installed_on(secure: SecureBroker, **others: Any) -> AbstractAsyncContextManager[Installation]:
    """A service that is told how to get in by its environment, and logs all it can."""
    kafka = secure.environment("KAFKA__", **others)
    return installation(None, secure.settings(), TELEMETRY__LOG_LEVEL="debug", **kafka)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_a_password_lets_in_by_each_mechanism(secure: SecureBroker, mechanism: str) -> None:
    assert await reached(secure.settings(sasl_mechanism=mechanism))


async def test_a_clients_certificate_lets_in(secure: SecureBroker) -> None:
    certificate, key = secure.authority.issue("client", "client.example.jp")
    settings = KafkaSettings(
        bootstrap_servers=secure.certificates,
        security_protocol="SSL",
        ssl_ca_file=secure.authority.ca_file,
        ssl_certificate_file=certificate,
        ssl_key_file=key,
    )
    assert await reached(settings)
    without = settings.model_copy(update={"ssl_certificate_file": None, "ssl_key_file": None})
    with pytest.raises(UnreachableError, match=r"a client's certificate \(SSL_CERTIFICATE_FILE\)"):
        await reached(without)


async def test_the_service_and_the_commands_work_by_settings_alone(secure: SecureBroker) -> None:
    commands = secure.environment("KAKEHASHI_KAFKA_")
    async with installed_on(secure, sasl_mechanism="PLAIN") as installed:
        applied = await command(commands, "kakehashi_common.kafka.topics", "apply")
        assert applied.returncode == 0, applied.stderr
        await installed.start("consumer", "relay")
        events = installed.topic(LEAD_EVENTS)
        await installed.broker.publish(events, [record(activity(1)), broken(2)])

        await installed.handled()
        await installed.published()
        scores = await installed.broker.read(installed.topic(LEAD_SCORES).name, at_least=1)
        replayed = await command(
            commands, "kakehashi_common.dead_letters", "replay", events.name, "--yes"
        )
        for process in installed.processes:
            assert await process.stop() == 0
        logs = "".join(process.log.read_text() for process in installed.processes)

    assert {score.key for score in scores} == {b"crm-1"}
    assert f"Sent 1 back to {events.name}" in replayed.stdout
    assert "outbox relay is active" in logs
    assert PASSWORD not in logs + str([applied, replayed])


async def close_while_asking(settings: KafkaSettings, partition: TopicPartition) -> None:
    """Close a client whose question waits at the broker until a fetch was answered."""
    consumer = topic_reader(settings)

    def waiting() -> list[str]:
        connections = consumer._client._conns.values()  # noqa: SLF001 - nothing public tells
        requests = [request for each in connections for _, request, _ in each._requests]  # noqa: SLF001 - same
        return [type(request).__name__ for request in requests]

    async def waits(name: str) -> None:
        await eventually(lambda: any(request.startswith(name) for request in waiting()))

    await consumer.start()
    consumer.assign([partition])
    await waits("FetchRequest")
    asking = asyncio.create_task(consumer.topics())
    await waits("MetadataRequest")
    async with asyncio.timeout(15):
        await consumer.stop()
    await asyncio.gather(asking, return_exceptions=True)


async def test_a_request_on_its_way_does_not_hold_up_the_end_of_a_client(
    secure: SecureBroker,
) -> None:
    async with kafka.test_broker(secure.settings()) as broker:
        partition = TopicPartition((await broker.topic()).name, 0)
        # on the event loop of a process
        await asyncio.to_thread(uvloop.run, close_while_asking(secure.settings(), partition))


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (
            {"sasl_password": SecretStr(WRONG)},
            (
                "refuses the user or the password (SCRAM-SHA-512): look at SASL_USERNAME and "
                "SASL_PASSWORD"
            ),
        ),
        (
            {"sasl_username": "nobody", "sasl_mechanism": "PLAIN"},
            "refuses the user or the password (PLAIN): look at SASL_USERNAME and SASL_PASSWORD",
        ),
        (
            {"ssl_ca_file": None},
            (
                "has a certificate that is not trusted (unable to get local issuer certificate): "
                "look at SSL_CA_FILE"
            ),
        ),
        *(
            (
                {"security_protocol": protocol},
                (
                    "closes the connection: it may want another SECURITY_PROTOCOL than "
                    f"{protocol}, or a client's certificate (SSL_CERTIFICATE_FILE)"
                ),
            )
            for protocol in ("PLAINTEXT", "SASL_PLAINTEXT", "SSL")
        ),
    ],
)
async def test_what_does_not_fit_is_reported_with_the_setting_to_look_at(
    secure: SecureBroker, others: dict[str, Any], said: str
) -> None:
    with pytest.raises(UnreachableError) as raised:
        await reached(secure.settings(**others))
    assert str(raised.value) == f"{secure.passwords} {said}"


async def test_a_certificate_for_another_name_is_reported_as_that(secure: SecureBroker) -> None:
    elsewhere = secure.passwords.replace("127.0.0.1", "localhost")
    with pytest.raises(UnreachableError, match="for another name: look at BOOTSTRAP_SERVERS"):
        await reached(secure.settings(bootstrap_servers=elsewhere))


async def test_a_command_says_what_does_not_fit_in_one_line(
    secure: SecureBroker, tmp_path: Path
) -> None:
    authority = Authority(tmp_path, "another")
    for others, setting in (
        ({"sasl_password": SecretStr(WRONG)}, "SASL_PASSWORD"),
        ({"ssl_ca_file": authority.ca_file}, "SSL_CA_FILE"),
    ):
        environment = secure.environment("KAKEHASHI_KAFKA_", **others)
        ended = await command(environment, "kakehashi_common.kafka.topics", "check")

        assert (ended.returncode, ended.stdout) == (2, "")
        [line] = ended.stderr.splitlines()
        assert line.startswith(f"Kafka: {secure.passwords} ")
        assert line.endswith(setting)


async def test_a_process_says_why_it_is_not_ready_and_goes_on_trying(
    secure: SecureBroker, tmp_path: Path
) -> None:
    authority = Authority(tmp_path, "another")
    async with installed_on(secure) as installed:
        consumer = installed.launch("consumer", KAFKA__SASL_PASSWORD=WRONG)
        relay = installed.launch("relay", KAFKA__SSL_CA_FILE=str(authority.ca_file))
        for process, said in ((consumer, "look at SASL_USERNAME"), (relay, "look at SSL_CA_FILE")):

            async def says(process: Process = process, said: str = said) -> bool:
                found = (await process.readiness() or {}).get("checks", {}).get(process.name, {})
                return said in str(found.get("reason"))

            await eventually(says, what=f"{process.name} says {said}", within=60, every=0.1)
            assert await process.stop() == 0
            log = process.log.read_text()
            assert said in log
            assert "Unable connect" not in log  # aiokafka's line, which names no setting
            assert "Traceback" not in log
            assert WRONG not in log
            assert PASSWORD not in log
