"""Settings that services share, and the start that refuses a bad value with one clear line.

A service declares one ``BaseSettings`` with :func:`settings_config` and nests what it needs::

    class LeadScoringSettings(BaseSettings):
        model_config = settings_config("LEAD_SCORING_")
        database: DatabaseSettings

    settings = load(LeadScoringSettings)     # reads LEAD_SCORING_DATABASE__URL, ...

Names of the environment are ``<PREFIX><GROUP>__<NAME>``. Inside a group an unknown name is an
error, so a typing mistake is found. At the top level it is not: Kubernetes adds names of its own
(``LEAD_SCORING_PORT``, ``LEAD_SCORING_SERVICE_HOST``) to a pod beside a service of that name.
"""

import base64
import binascii
import ipaddress
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

S = TypeVar("S", bound=BaseSettings)

CODEC_KEY_BYTES = 32
"""AES-256."""


def settings_config(prefix: str) -> SettingsConfigDict:
    """Return the ``model_config`` of a service whose variables start with ``prefix``."""
    return SettingsConfigDict(
        env_prefix=prefix,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        # A variable replaces one field of a group's default, not the whole group.
        nested_model_default_partial_update=True,
        extra="ignore",
        frozen=True,
    )


class Group(BaseModel):
    """A group of settings: frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _postgres_url(url: str) -> str:
    plain = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    parts = urlsplit(plain)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError("give a URL such as postgresql://user:password@host:5432/database")
    return plain.replace("postgres://", "postgresql://", 1)


def _absolute_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("give a URL that starts with http:// or https://")
    return url.rstrip("/")


def _host_and_port(address: str) -> str:
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise ValueError("give host:port, such as 127.0.0.1:7233")
    return address


HostPort = Annotated[str, AfterValidator(_host_and_port)]

PostgresUrl = Annotated[str, AfterValidator(_postgres_url)]
"""``postgresql://user:password@host:port/database``; holds a password, so never log it."""

HttpUrl = Annotated[str, AfterValidator(_absolute_url)]
"""An absolute http(s) URL, without a slash at the end."""


class DatabaseSettings(Group):
    """PostgreSQL: address, credentials, pool and time limits."""

    url: PostgresUrl = Field(repr=False)
    pool_size: int = Field(default=5, ge=1, le=200, description="Connections kept per process")
    pool_timeout_seconds: float = Field(default=10, gt=0, description="How long to wait for one")
    connect_timeout_seconds: float = Field(default=5, gt=0)
    statement_timeout_seconds: float = Field(
        default=60, gt=0, description="PostgreSQL cancels a longer statement"
    )
    ssl_mode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = "prefer"
    ssl_ca_file: Path | None = None
    ssl_certificate_file: Path | None = Field(default=None, description="Client certificate")
    ssl_key_file: Path | None = None


class CodecKey(BaseModel):
    """One AES-256 key of the payload codec, by its id."""

    model_config = ConfigDict(frozen=True)

    id: str
    secret: bytes = Field(repr=False)


def parse_codec_keys(text: str) -> tuple[CodecKey, ...]:
    """Parse ``id:base64,id:base64``.

    Raises:
        ValueError: a part has no id, is no base64, or is not 32 bytes long; the message never
            repeats the key.
    """
    keys: dict[str, CodecKey] = {}
    for position, part in enumerate(filter(None, (p.strip() for p in text.split(","))), start=1):
        key_id, colon, encoded = part.partition(":")
        if not colon or not key_id:
            raise ValueError(f"key {position} has no id; write id:base64")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"key {key_id!r} is no base64") from None
        if len(secret) != CODEC_KEY_BYTES:
            raise ValueError(
                f"key {key_id!r} has {len(secret)} bytes; give {CODEC_KEY_BYTES}, "
                "as `openssl rand -base64 32` prints"
            )
        if key_id in keys:
            raise ValueError(f"key id {key_id!r} is given twice")
        keys[key_id] = CodecKey(id=key_id, secret=secret)
    return tuple(keys.values())


CodecKeys = Annotated[
    tuple[CodecKey, ...],
    NoDecode,  # not JSON, although a tuple
    BeforeValidator(lambda v: parse_codec_keys(v) if isinstance(v, str) else v),
]


class TemporalSettings(Group):
    """Temporal: address, credentials and the keys that encrypt payloads."""

    address: HostPort = "127.0.0.1:7233"
    namespace: str = Field(default="default", min_length=1)
    task_queue: str = Field(default="default", min_length=1)
    tls: bool = False
    tls_ca_file: Path | None = None
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    api_key: SecretStr | None = None
    codec_keys: CodecKeys = Field(
        default=(), repr=False, description="id:base64,id:base64; empty leaves payloads readable"
    )
    codec_active_key: str | None = Field(
        default=None, description="Id of the key that encrypts; the first one when not given"
    )
    connect_timeout_seconds: float = Field(default=10, gt=0)
    max_cached_workflows: int = Field(
        default=1000,
        ge=0,
        description="How many workflows a worker keeps in memory; others are replayed as they wake",
    )

    @model_validator(mode="after")
    def _active_key_exists(self) -> "TemporalSettings":
        if self.codec_active_key is not None and self.codec_active_key not in {
            key.id for key in self.codec_keys
        }:
            raise ValueError(f"codec_active_key {self.codec_active_key!r} is not in codec_keys")
        return self


class TelemetrySettings(Group):
    """Logs, traces and metrics of a process."""

    service_name: str = Field(default="kakehashi", min_length=1)
    otlp_endpoint: HttpUrl | None = Field(
        default=None, description="OTLP over HTTP, such as http://127.0.0.1:4318; silent if absent"
    )
    sample_ratio: float = Field(default=1.0, ge=0, le=1, description="Share of traces exported")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"


class AuthSettings(Group):
    """The issuer of accepted bearer tokens."""

    jwks_url: HttpUrl
    issuer: str = Field(min_length=1)
    audience: str = Field(default="kakehashi", min_length=1)
    leeway_seconds: int = Field(default=30, ge=0, le=300, description="Clocks that differ")
    token_url: HttpUrl | None = Field(
        default=None,
        description="The issuer's token endpoint as browsers reach it: /docs then asks there for "
        "tokens (client credentials), which the issuer has to allow by CORS",
    )


class HttpSettings(Group):
    """Address and limits of a process's API."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: HttpUrl | None = Field(
        default=None, description="Under which others reach the API; host and port if not set"
    )
    max_body_bytes: int = Field(default=4_194_304, ge=1024)
    max_connections: int = Field(default=500, ge=1, description="Open at once; more get a 503")
    allowed_origins: tuple[str, ...] = Field(default=(), description="CORS; a JSON list")

    @property
    def url(self) -> str:
        """The API's address as others write it, without a slash at the end."""
        if self.public_url is not None:
            return self.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class OpsSettings(Group):
    """Address at which a process without an API serves /healthz, /readyz and /metrics."""

    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=1, le=65535)
    max_connections: int = Field(default=100, ge=1, description="Open at once; more get a 503")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on ``host``, an address or a name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load(settings_class: type[S]) -> S:
    """Read ``settings_class`` from the environment.

    On a bad or missing value this ends the process with status 2, after one line per mistake on
    stderr: ``LEAD_SCORING_DATABASE__URL: Field required``.
    """
    try:
        return settings_class()
    except ValidationError as error:
        _refuse(mistakes(settings_class, error))
    except SettingsError as error:
        _refuse([f"{_prefix(settings_class)}*: {error}"])


def mistakes(settings_class: type[BaseSettings], error: ValidationError) -> list[str]:
    """Return one line per mistake, each starting with the name of the variable to change."""
    lines = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        name = "__".join(str(part).upper() for part in detail["loc"])
        reason = detail["msg"].removeprefix("Value error, ")
        lines.append(f"{_prefix(settings_class)}{name or '*'}: {reason}")
    return lines


def _prefix(settings_class: type[BaseSettings]) -> str:
    return str(settings_class.model_config.get("env_prefix", "")).upper()


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        sys.stderr.write(line + "\n")
    raise SystemExit(2)
