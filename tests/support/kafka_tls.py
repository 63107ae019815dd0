"""A broker that only admits clients with a password or a certificate: TLS and SASL for a test.

It has the local stack's jars, Java and settings, and a listener for each way in.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiokafka.errors import KafkaError
from pydantic import SecretStr

from deploy.local import servers, shell
from kakehashi_common.kafka import topics
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.ports import free_port
from tests.support.tls import Authority
from tests.support.waiting import eventually

USER: Final = "scoring"
PASSWORD: Final = "correct-horse-42"  # noqa: S105 - of a broker that lives for a minute

_SCRAM: Final = (256, 512)
_READY_SECONDS = 60.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SecureBroker:
    """Where a running broker is, and whose certificates it has."""

    authority: Authority
    passwords: str
    """host:port that takes TLS and a password (SASL_SSL)."""
    certificates: str
    """host:port that takes TLS and a client's certificate (SSL)."""

    def settings(self, **others: Any) -> KafkaSettings:
        """Return the settings of a client with its password, changed by ``others``."""
        stated: dict[str, Any] = {
            "bootstrap_servers": self.passwords,
            "client_id": "tests",
            "security_protocol": "SASL_SSL",
            "sasl_username": USER,
            "sasl_password": SecretStr(PASSWORD),
            "ssl_ca_file": self.authority.ca_file,
        }
        return KafkaSettings(**(stated | others))

    def environment(self, prefix: str, **others: object) -> dict[str, str]:
        """The same as variables whose names start with ``prefix``."""
        stated = self.settings(**others).model_dump(exclude_unset=True)
        password = stated.pop("sasl_password").get_secret_value()
        return {
            prefix + name.upper(): str(value)
            for name, value in {**stated, "sasl_password": password}.items()
        }


@asynccontextmanager
async def secure_broker(folder: Path) -> AsyncIterator[SecureBroker]:
    """Run a broker that keeps its state in ``folder``; it is up when the block begins."""
    passwords, certificates, controller = free_port(), free_port(), free_port()
    authority = Authority(folder)
    broker = SecureBroker(authority, f"127.0.0.1:{passwords}", f"127.0.0.1:{certificates}")
    clients = f"BROKER://{broker.passwords},CERTIFICATES://{broker.certificates}"
    settings = {
        **servers.kafka_settings(passwords, controller, folder / "data"),
        **_tls(authority, folder),
        **_sasl(),
        "listeners": f"{clients},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": clients,
        "listener.security.protocol.map": "BROKER:SASL_SSL,CERTIFICATES:SSL,CONTROLLER:PLAINTEXT",
        "listener.name.certificates.ssl.client.auth": "required",
    }
    properties = folder / "server.properties"
    properties.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    storage = ("kafka.tools.StorageTool", "format", "--standalone", "-t", "kakehashi-tls")
    users = (f"--add-scram=SCRAM-SHA-{n}=[name={USER},password={PASSWORD}]" for n in _SCRAM)
    await asyncio.to_thread(
        shell.run,
        [*servers.kafka_java(), *storage, "-c", properties, *users],
        "the broker's storage could not be formatted",
    )
    log = folder / "kafka.log"
    with log.open("wb") as output:
        command = (*servers.kafka_java(), "kafka.Kafka", str(properties))
        process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output)

    async def answers() -> bool:
        assert process.returncode is None, shell.last_lines(log.read_text())
        with suppress(KafkaError, OSError):
            async with topics.admin_client(broker.settings()) as admin:
                return bool((await admin.describe_cluster())["brokers"])
        return False

    try:
        await eventually(answers, within=_READY_SECONDS, what="the broker answers", every=0.1)
        yield broker
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)


def _sasl() -> dict[str, str]:
    """One user, by every mechanism; the broker itself would use the first."""
    modules = "org.apache.kafka.common.security"
    plain = f'username="{USER}" password="{PASSWORD}" user_{USER}="{PASSWORD}"'
    return {
        "sasl.enabled.mechanisms": ",".join(["PLAIN", *(f"SCRAM-SHA-{n}" for n in _SCRAM)]),
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.broker.plain.sasl.jaas.config": (
            f"{modules}.plain.PlainLoginModule required {plain};"
        ),
        **{
            f"listener.name.broker.scram-sha-{n}.sasl.jaas.config": (
                f"{modules}.scram.ScramLoginModule required;"
            )
            for n in _SCRAM
        },
    }


def _tls(authority: Authority, folder: Path) -> dict[str, str]:
    certificate, key = authority.issue("broker", "127.0.0.1")
    both = folder / "broker.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(both),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.ca_file),
    }
