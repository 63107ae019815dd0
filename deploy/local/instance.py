"""One instance of the local stack: its state, its ports, and servers that are somebody else's.

`demo` is what a person looks at; `test` is what the tests use, beside it. Settings come from
`.env` (demo) and `.env.test` (test), so that a test run never writes to the servers a demo uses.
The process environment is not consulted: a shell that has sourced `stack.py env` must not make
the stack take its own servers for external ones.
"""

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from deploy.local.bootstrap import ROOT
from deploy.local.declared import API, SERVICES, Service
from deploy.local.progress import StackError

INSTANCES: Final = ("demo", "test")

SERVER_PORTS: Final[Mapping[str, int]] = {
    # In starting order.
    "kafka": 19092,
    "kafka_controller": 19093,
    "postgres": 15432,
    "temporal": 17233,
    "temporal_ui": 18233,
    "issuer": 18090,
    "codec": 18091,
    "mail_smtp": 18092,
    "mail": 18093,
}
"""Default port in the demo of everything that listens and belongs to no service."""

_TEST_PORTS_ABOVE: Final = 10_000
"""The distance of the `test` instance's default ports above the others."""

MAIL_DOMAIN: Final = "kakehashi.example.jp"
"""From which the demo's mails go, and to which answers come."""
DKIM_SELECTOR: Final = "demo"
"""Under which a receiver would look for the public key."""

SENDER: Final[Mapping[str, str]] = {
    "SENDER__COMPANY": "株式会社かけはし見本",
    "SENDER__POSTAL_ADDRESS": "〒100-0000 東京都千代田区架空町1-2-3",
    "SENDER__COMPLAINTS": "03-0000-0000",
    "SENDER__PRODUCT": "窓口予約システム",
    "SENDER__POLICY_AREA": "窓口業務のデジタル化",
    "SENDER__MATERIAL_URL": f"https://www.{MAIL_DOMAIN}/material",
    "SENDER__MEETING_URL": f"https://www.{MAIL_DOMAIN}/meeting",
}
"""The made-up company in whose name the demo's mails go."""

KAFKA_SETTING: Final = "KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS"
POSTGRES_SETTING: Final = "KAKEHASHI_POSTGRES_URL"
TEMPORAL_SETTING: Final = "KAKEHASHI_TEMPORAL_ADDRESS"

_READ_BY_COMMANDS: Final = ("KAKEHASHI_KAFKA_", "KAKEHASHI_TEMPORAL_")
"""Commands that belong to no service read these: TLS and passwords of servers that exist already.
"""

_PORT_RANGE = range(1024, 65536)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Generated once per instance and kept in its state directory, readable only by its owner."""

    postgres_password: str
    codec_key: str
    """Base64 of the 32 bytes that encrypt Temporal payloads (AES-256-GCM)."""

    @classmethod
    def of(cls, path: Path) -> "Secrets":
        """Those in `path`, created there on the first call."""

        def fresh() -> str:
            password, key = secrets.token_urlsafe(18), _key()
            return json.dumps({"postgres_password": password, "codec_key": key})

        return cls(**json.loads(_kept(path, fresh)))


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Return the text of `path`, made on the first call; only its owner may read it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        # Of two that get here together, the second one takes what the first has written.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text()


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _dkim_key() -> str:
    # Slow to import, and needed once.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    return (
        rsa.generate_private_key(65537, 2048)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


@dataclass(frozen=True, slots=True)
class Instance:
    """Everything that differs between two running stacks."""

    name: str
    state: Path
    """Data, logs and sockets; `reset` deletes it."""
    ports: Mapping[str, int]
    """Of everything that listens, in starting order."""
    external: Mapping[str, str]
    """Server name (`kafka`, `postgres`, `temporal`) → address, for those not started here."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Settings of services and commands that the settings file adds or replaces."""
    services: Sequence[Service] = SERVICES

    @property
    def settings_file(self) -> str:
        """Name of the file at the root whose settings this instance follows."""
        return ".env" if self.name == "demo" else ".env.test"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.state / "logs"

    @property
    def environment_file(self) -> Path:
        """The services' settings as KEY=VALUE lines, written by `up`."""
        return self.state / "env"

    @property
    def secrets(self) -> Secrets:
        """See `Secrets`."""
        return Secrets.of(self.state / "secrets.json")

    @property
    def kafka(self) -> str:
        """Bootstrap servers."""
        return self.external.get("kafka") or f"127.0.0.1:{self.ports['kafka']}"

    @property
    def temporal(self) -> str:
        """Front-end address, host:port."""
        return self.external.get("temporal") or f"127.0.0.1:{self.ports['temporal']}"

    @property
    def postgres(self) -> str:
        """URL of a role that may create databases, without a driver name."""
        password = self.secrets.postgres_password
        return self.external.get("postgres") or (
            f"postgresql://kakehashi:{password}@127.0.0.1:{self.ports['postgres']}/postgres"
        )

    def database_url(self, database: str) -> str:
        """URL of `database` on this instance's PostgreSQL, for SQLAlchemy with asyncpg."""
        parts = urlsplit(self.postgres)
        return urlunsplit(("postgresql+asyncpg", parts.netloc, f"/{database}", parts.query, ""))

    def http(self, name: str) -> str:
        """Return the base URL of an HTTP server of this instance."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def _temporal_ui_origins(self) -> list[str]:
        port = self.ports["temporal_ui"]
        return [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]

    def environment(self) -> dict[str, str]:
        """Return the settings by which service processes, tests and shells find this instance."""
        codec_keys = f"local:{self.secrets.codec_key}"
        found = {
            KAFKA_SETTING: self.kafka,
            POSTGRES_SETTING: self.postgres,
            TEMPORAL_SETTING: self.temporal,
            "KAKEHASHI_TEMPORAL_UI_URL": self.http("temporal_ui"),
            "KAKEHASHI_ISSUER_PORT": str(self.ports["issuer"]),
            "KAKEHASHI_ISSUER_URL": self.http("issuer"),
            "KAKEHASHI_ISSUER_KEY_FILE": str(self.state / "issuer-key.json"),
            "KAKEHASHI_MAIL_SMTP_PORT": str(self.ports["mail_smtp"]),
            "KAKEHASHI_MAIL_PAGE_PORT": str(self.ports["mail"]),
            "KAKEHASHI_MAIL_FOLDER": str(self._mails),
            "KAKEHASHI_MAIL_DOMAIN": MAIL_DOMAIN,
            "KAKEHASHI_CODEC_PORT": str(self.ports["codec"]),
            "KAKEHASHI_CODEC_KEYS": codec_keys,
            "KAKEHASHI_CODEC_ALLOWED_ORIGINS": json.dumps(self._temporal_ui_origins()),
        }
        for service in self.services:
            found |= self._environment_of(service, codec_keys)
        return found | dict(self.overrides)

    def _environment_of(self, service: Service, codec_keys: str) -> dict[str, str]:
        settings = {
            "DATABASE__URL": self.database_url(service.package),
            "KAFKA__BOOTSTRAP_SERVERS": self.kafka,
            "TEMPORAL__ADDRESS": self.temporal,
            "TEMPORAL__CODEC_KEYS": codec_keys,
            "AUTH__JWKS_URL": self.http("issuer") + "/.well-known/jwks.json",
            "AUTH__ISSUER": self.http("issuer"),
            "AUTH__TOKEN_URL": self.http("issuer") + "/token",
            # What commands and demos call.
            "TOKEN_URL": self.http("issuer") + "/token",
        }
        for process in service.ports:
            settings[f"{process.upper()}_URL"] = self.http(service.process(process))
        if API in service.ports:
            settings["HTTP__PORT"] = str(self.ports[service.process(API)])
        if service.name == "followup":
            settings |= self._mailing()
        return {service.prefix + name: value for name, value in settings.items()}

    @property
    def _mails(self) -> Path:
        return self.state / "mail"

    def _mailing(self) -> dict[str, str]:
        """Return how followup sends and receives: by the mail server that keeps everything.

        With another one it keeps office hours: there, mails reach somebody.
        """
        dkim_key = self.state / "dkim.pem"
        _kept(dkim_key, _dkim_key)
        return {
            **SENDER,
            "MAIL__HOST": "127.0.0.1",
            "MAIL__PORT": str(self.ports["mail_smtp"]),
            "MAIL__SECURITY": "none",
            "MAIL__SENDER": f"sales@{MAIL_DOMAIN}",
            "DELIVERY__DKIM_DOMAIN": MAIL_DOMAIN,
            "DELIVERY__DKIM_SELECTOR": DKIM_SELECTOR,
            "DELIVERY__DKIM_KEY_FILE": str(dkim_key),
            "DELIVERY__TOKEN_KEYS": json.dumps([_kept(self.state / "opt-out-key", _key)]),
            "DELIVERY__ENVELOPE_SENDER": f"bounce+{{token}}@{MAIL_DOMAIN}",
            "DELIVERY__AT_ANY_TIME": json.dumps("FOLLOWUP_MAIL__HOST" not in self.overrides),
            "INBOX_MAILDIR": str(self._mails / "inbox"),
            "DEFAULT_OWNER": "demo-is-1",
        }


def load(name: str) -> Instance:
    """The instance `name` with what its settings file says.

    Raises:
        StackError: an unknown name, or a bad value in the settings file.
    """
    if name not in INSTANCES:
        raise StackError(f"unknown instance {name!r}: one of {', '.join(INSTANCES)}")
    file = ROOT / from_settings(name, {}).settings_file
    return from_settings(name, parse_settings(file.read_text(), file.name) if file.exists() else {})


def from_settings(
    name: str, settings: Mapping[str, str], services: Sequence[Service] = SERVICES
) -> Instance:
    """The instance `name` under `settings`; an empty value counts as absent."""
    ports = {}
    for listener, default in default_ports(name, services).items():
        setting = port_setting(name, listener)
        text = settings.get(setting, "") or str(default)
        if not text.isdecimal() or int(text) not in _PORT_RANGE:
            raise StackError(f"{setting}={text}: a port is a number from 1024 to 65535")
        ports[listener] = int(text)
    named = {
        "kafka": settings.get(KAFKA_SETTING, ""),
        "postgres": settings.get(POSTGRES_SETTING, ""),
        "temporal": settings.get(TEMPORAL_SETTING, ""),
    }
    if named["postgres"] and not urlsplit(named["postgres"]).scheme.startswith("postgres"):
        raise StackError(f"{POSTGRES_SETTING}: expected postgresql://user:password@host:port/db")
    overrides = {
        key: value
        for key, value in settings.items()
        if value and (key.startswith(_READ_BY_COMMANDS) or not key.startswith("KAKEHASHI_"))
    }
    return Instance(
        name=name,
        state=ROOT / ".local" / name,
        ports=ports,
        external={server: address for server, address in named.items() if address},
        overrides=overrides,
        services=services,
    )


def default_ports(instance: str, services: Sequence[Service] = SERVICES) -> dict[str, int]:
    """Port of everything that listens, in starting order, unless a `port_setting` moves it."""
    above = _TEST_PORTS_ABOVE if instance == "test" else 0
    demo = dict(SERVER_PORTS)
    for service in services:
        demo |= {service.process(process): port for process, port in service.ports.items()}
    return {name: port + above for name, port in demo.items()}


def port_setting(instance: str, listener: str) -> str:
    """Name of the setting that moves `listener` to another port."""
    return f"KAKEHASHI_{instance}_{listener}_PORT".replace("-", "_").upper()


def parse_settings(text: str, source: str) -> dict[str, str]:
    """KEY=VALUE lines; `#` starts a comment line, quotes around a value are dropped.

    Raises:
        StackError: a line that is neither, naming `source` and the line.
    """
    settings = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if not equals or not key.isidentifier():
            raise StackError(f"{source}, line {number}: expected KEY=VALUE, got {raw!r}")
        for quote in "\"'":
            if len(value) > 1 and value.startswith(quote) and value.endswith(quote):
                value = value[1:-1]
        settings[key] = value
    return settings
