"""Explain in one line why Kafka can't be reached, with the setting to look at.

aiokafka writes the reason to its log and raises "Unable to bootstrap". So each server is asked once
more, and its answer is reported. Settings are named as they are in the environment, without the
prefix that differs: ``SASL_PASSWORD`` is ``LEAD_SCORING_KAFKA__SASL_PASSWORD`` to a service and
``KAKEHASHI_KAFKA_SASL_PASSWORD`` to a command. No value of a setting is repeated but the address.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from kakehashi_common.kafka.settings import KafkaSettings

_ANSWERS_WITHIN_SECONDS: Final = 3.0

_WRONG_HOST: Final = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""

_SAID_BY_US: Final = ("Unable connect to", "Unable to request metadata from")

logging.getLogger("aiokafka").addFilter(
    lambda record: not str(record.msg).startswith(tuple(f'{said} "' for said in _SAID_BY_US))
)


class UnreachableError(KafkaConnectionError):  # type: ignore[misc]  # aiokafka has no types
    """No server took us in; the message says why not."""

    def __str__(self) -> str:
        """Leave out the class's name, which aiokafka puts before its messages."""
        return str(self.args[0])


@asynccontextmanager
async def explain_unreachable(settings: KafkaSettings) -> AsyncIterator[None]:
    """Replace a client's failure to connect in this block by one that says why.

    Raises:
        UnreachableError: the client could not start.
    """
    try:
        yield
    except KafkaConnectionError as error:
        refusals = await asyncio.gather(
            *(_refusal(settings, server) for server in settings.servers())
        )
        said = "; ".join(filter(None, refusals))
        raise UnreachableError(said or str(error)) from error


async def _refusal(settings: KafkaSettings, server: str) -> str | None:
    """Return what is wrong between us and one server; ``None`` if it takes us in."""
    [(host, port, _)] = collect_hosts([server])
    arguments = settings.client_arguments()
    del arguments["bootstrap_servers"]
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
            connection = await create_conn(host, port, **arguments)
            try:
                await connection.send(MetadataRequest([]))
            finally:
                connection.close()
    except (KafkaError, OSError) as error:
        return f"{server} {_reason(settings, error)}"
    return None


def _reason(settings: KafkaSettings, error: Exception) -> str:
    protocol, mechanism = settings.security_protocol, settings.sasl_mechanism
    match error:
        case ssl.SSLCertVerificationError(verify_code=code) if code in _WRONG_HOST:
            said = "has a certificate for another name: look at BOOTSTRAP_SERVERS"
        case ssl.SSLCertVerificationError(verify_message=message):
            said = f"has a certificate that is not trusted ({message}): look at SSL_CA_FILE"
        case SaslAuthenticationFailed():
            said = (
                f"refuses the user or the password ({mechanism}): "
                "look at SASL_USERNAME and SASL_PASSWORD"
            )
        case UnsupportedSaslMechanismError():
            said = f"does not know {mechanism}: look at SASL_MECHANISM"
        case ssl.SSLError() | IllegalSaslStateError():
            said = f"does not speak {protocol}: look at SECURITY_PROTOCOL"
        case KafkaConnectionError() | ConnectionResetError():
            said = (
                f"closes the connection: it may want another SECURITY_PROTOCOL than {protocol}, "
                "or a client's certificate (SSL_CERTIFICATE_FILE)"
            )
        case TimeoutError():
            said = f"does not answer within {_ANSWERS_WITHIN_SECONDS:.0f} s"
        case _:
            said = f"can't be reached: {error}"
    return said
