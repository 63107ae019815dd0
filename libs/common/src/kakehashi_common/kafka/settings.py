"""Settings of Kafka clients: addresses, TLS and SASL."""

import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kakehashi_common.settings import Group

SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class KafkaSettings(Group):
    """Kafka: addresses, TLS and credentials."""

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$",
        description="host:port, or several with commas between them",
    )
    client_id: str = Field(default="kakehashi", min_length=1)
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: SaslMechanism = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_file: FilePath | None = Field(
        default=None, description="Absent: the system's authorities"
    )
    ssl_certificate_file: FilePath | None = Field(default=None, description="Client certificate")
    ssl_key_file: FilePath | None = None

    @model_validator(mode="after")
    def _sasl_has_credentials(self) -> "KafkaSettings":
        if self.uses_sasl and (self.sasl_username is None or self.sasl_password is None):
            raise ValueError(f"{self.security_protocol} needs sasl_username and sasl_password")
        return self

    @field_validator("ssl_ca_file")
    @classmethod
    def _authorities_can_be_read(cls, file: Path | None) -> Path | None:
        try:
            ssl.create_default_context(cafile=file)
        except OSError:
            raise ValueError("this file can't be read, or holds no certificate in PEM") from None
        return file

    @model_validator(mode="after")
    def _certificate_can_be_used(self) -> "KafkaSettings":
        if self.ssl_certificate_file is not None:
            try:
                self.tls_context()
            except OSError:
                raise ValueError(
                    "ssl_certificate_file and ssl_key_file have to be a certificate in PEM and "
                    "its key, without a password"
                ) from None
        return self

    @property
    def uses_sasl(self) -> bool:
        """Whether the client proves who it is with a user name and password."""
        return self.security_protocol.startswith("SASL_")

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.security_protocol.endswith("SSL")

    def servers(self) -> list[str]:
        """Return the addresses to start from."""
        return self.bootstrap_servers.split(",")

    def client_arguments(self) -> dict[str, Any]:
        """Return the arguments that every aiokafka client takes."""
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.servers(),
            "client_id": self.client_id,
            "security_protocol": self.security_protocol,
        }
        if self.uses_tls:
            arguments["ssl_context"] = self.tls_context()
        if self.uses_sasl and self.sasl_password is not None:
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        return arguments

    def tls_context(self) -> ssl.SSLContext:
        """Return what proves the broker to us, and us to it when there is a certificate."""
        context = ssl.create_default_context(cafile=self.ssl_ca_file)
        if self.ssl_certificate_file is not None:
            # Without a password OpenSSL would ask for that of an encrypted key at the terminal.
            context.load_cert_chain(self.ssl_certificate_file, self.ssl_key_file, password="")
        return context


class KafkaCommandSettings(KafkaSettings, BaseSettings):
    """The same for commands that belong to no service: ``KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS``."""

    model_config = SettingsConfigDict(
        env_prefix="KAKEHASHI_KAFKA_", env_ignore_empty=True, extra="ignore", frozen=True
    )
