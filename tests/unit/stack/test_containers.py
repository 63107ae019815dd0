"""Images and `compose.yaml` fit together: names of settings, hosts, ports, steps.

The tests need no Docker. They can't check the images that others made.
"""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings
from ruamel.yaml import YAML

from deploy.local import servers, versions
from deploy.local.bootstrap import ROOT
from deploy.local.declared import SERVICES, Service
from deploy.local.instance import SENDER, from_settings
from deploy.local.postgres import postgres
from kakehashi_common.kafka.settings import KafkaCommandSettings
from kakehashi_common.runtime.codec_server import CodecServerSettings
from kakehashi_common.runtime.issuer import IssuerSettings
from tests.support import images
from tests.support.declared import settings_of, variables

EACH_SERVICE = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)

COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "deploy" / "compose.yaml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, it in CONTAINERS.items() if it["image"].startswith("kakehashi/")]
EACH_OF_OURS = pytest.mark.parametrize("container", OURS)

GIVEN = {
    "KAKEHASHI_CODEC_KEYS": "local:" + base64.b64encode(bytes(32)).decode(),
    "KAKEHASHI_ISSUER_SECRET": "one that nobody can guess",
    "KAKEHASHI_OPT_OUT_KEY": base64.b64encode(bytes(32)).decode(),
}
"""Settings that the operator has to state."""

TOOLS: Mapping[str, type[BaseSettings]] = {
    "kakehashi_common.kafka.topics": KafkaCommandSettings,
    "kakehashi_common.runtime.issuer": IssuerSettings,
    "kakehashi_common.runtime.codec_server": CodecServerSettings,
}
"""Programs that run in an image of a service but belong to none, with their settings."""


def substituted(value: object) -> str:
    """A value as Compose passes it on: ``${NAME:-default}``, ``${NAME:?message}``."""

    def of(match: "re.Match[str]") -> str:
        name, operator, rest = match.groups()
        return GIVEN[name] if operator == ":?" else GIVEN.get(name, rest)

    return re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", of, str(value))


def environment(container: str) -> dict[str, str]:
    given = CONTAINERS[container].get("environment", {})
    return {name: substituted(value) for name, value in given.items()}


def service_of(container: str) -> Service:
    image = CONTAINERS[container]["image"].removeprefix("kakehashi/")
    [service] = [service for service in SERVICES if service.name == image]
    return service


def settings_in(container: str) -> type[BaseSettings]:
    entrypoint = CONTAINERS[container].get("entrypoint")
    if entrypoint is None:
        return settings_of(service_of(container))
    assert entrypoint[:2] == ["python", "-m"]
    return TOOLS[entrypoint[2]]


def listening(container: str) -> set[int]:
    """The ports that a container listens on."""
    own = environment(container)
    if container == "kafka":
        return {int(port) for port in re.findall(r":(\d+)", own["KAFKA_LISTENERS"])}
    if container in {"postgres", "temporal"}:
        return {"postgres": {5432}, "temporal": {7233, 8233}}[container]
    return {int(value) for name, value in own.items() if name.endswith("_PORT")}


@EACH_OF_OURS
def test_every_variable_of_a_container_is_a_setting_and_its_value_is_taken(
    container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, told = settings_in(container), environment(container)
    for name in variables(settings):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)

    assert set(told) <= variables(settings)
    settings()


@EACH_SERVICE
def test_every_variable_of_an_image_is_a_setting(service: Service) -> None:
    ours = {n for n in images.environment(service.name) if n not in {"PATH", "PYTHONUNBUFFERED"}}

    assert ours <= variables(settings_of(service))


@EACH_OF_OURS
def test_a_container_reaches_others_where_they_listen(container: str) -> None:
    named = {
        (host, int(port))
        for name, value in environment(container).items()
        for host, port in re.findall(r"(?:^|[/@,])([a-z][\w.-]*):(\d+)", value)
    }

    for host, port in named:
        assert port in listening(host)


def test_ports_are_published_where_something_listens() -> None:
    for name, container in CONTAINERS.items():
        for published in container.get("ports", []):
            assert int(published.rpartition(":")[2]) in listening(name)


def test_what_a_container_waits_for_can_come() -> None:
    for container in CONTAINERS.values():
        waits_for = container.get("depends_on") or {}
        for name, how in waits_for.items():
            awaited = CONTAINERS[name]
            if how["condition"] == "service_healthy":
                assert awaited["healthcheck"]["test"]
            if how["condition"] == "service_completed_successfully":
                assert awaited["restart"] == "no"


def test_every_volume_is_declared_and_used() -> None:
    mounted = [v for container in CONTAINERS.values() for v in container.get("volumes", [])]

    assert {volume.partition(":")[0] for volume in mounted} == set(COMPOSE["volumes"])


def test_an_image_is_built_where_its_dockerfile_and_its_sources_are() -> None:
    for name in OURS:
        build, service = CONTAINERS[name]["build"], service_of(name)
        context = (ROOT / "deploy" / build["context"]).resolve()
        assert context == ROOT
        assert build["dockerfile"] == f"services/{service.name}/Dockerfile"


def test_the_brokers_settings_are_the_local_stacks() -> None:
    of_the_image = {"heap.opts"}
    by_its_network = {
        *("listeners", "advertised.listeners", "listener.security.protocol.map", "log.dirs"),
        *("inter.broker.listener.name", "controller.quorum.voters"),
    }
    told = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environment("kafka").items()
    }
    local = servers.kafka_settings(9092, 9093, Path())

    for name in told.keys() - of_the_image - by_its_network:
        assert told[name] == local[name], name
    assert by_its_network - {"controller.quorum.voters"} <= local.keys()
    assert by_its_network | of_the_image <= told.keys()


def test_the_brokers_listeners_fit_together() -> None:
    told = environment("kafka")
    listeners = set(re.findall(r"(\w+)://", told["KAFKA_LISTENERS"]))
    clients = dict(re.findall(r"(\w+)://([^,]+)", told["KAFKA_ADVERTISED_LISTENERS"]))
    protocols = re.findall(r"(\w+):(\w+)", told["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"])

    assert {name for name, _ in protocols} == listeners
    assert clients.keys() == listeners - {told["KAFKA_CONTROLLER_LISTENER_NAMES"]}
    assert told["KAFKA_INTER_BROKER_LISTENER_NAME"] in clients
    for address in clients.values():
        assert int(address.rpartition(":")[2]) in listening("kafka")
    assert f"localhost:{9092}" in CONTAINERS["kafka"]["healthcheck"]["test"]
    assert clients["INSIDE"] == environment("topics")["KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS"]


def test_postgresql_is_the_stacks_release_and_knows_who_asks() -> None:
    [release] = {CONTAINERS[name]["image"] for name in ("postgres", "databases")}
    major = release.removeprefix("postgres:")
    server, creator = environment("postgres"), environment("databases")
    program = postgres(from_settings("demo", {}))

    assert any(f"/pginstall{major}/" in part for part in program.command)
    assert creator["PGHOST"] == "postgres"
    assert creator["PGUSER"] == server["POSTGRES_USER"]
    assert creator["PGPASSWORD"] == server["POSTGRES_PASSWORD"]
    assert f"--username {server['POSTGRES_USER']}" in CONTAINERS["postgres"]["healthcheck"]["test"]
    for service in SERVICES:
        url = environment(f"{service.name}-migrate")[f"{service.prefix}DATABASE__URL"]
        assert url == (
            f"postgresql+asyncpg://{server['POSTGRES_USER']}:{server['POSTGRES_PASSWORD']}"
            f"@postgres:5432/{service.package}"
        )


def test_the_token_issuer_is_where_tokens_say_it_is() -> None:
    told = environment("issuer")

    for service in SERVICES:
        api = environment(f"{service.name}-migrate")
        assert api[f"{service.prefix}AUTH__ISSUER"] == told["KAKEHASHI_ISSUER_URL"]
        assert f":{told['KAKEHASHI_ISSUER_PORT']}/" in api[f"{service.prefix}AUTH__JWKS_URL"]


def test_temporals_ui_asks_the_codec_server_where_it_listens() -> None:
    port = environment("codec")["KAKEHASHI_CODEC_PORT"]

    assert f"--ui-codec-endpoint=http://127.0.0.1:{port}" in CONTAINERS["temporal"]["command"]


def test_mail_is_kept_in_the_stacks_way() -> None:
    made, locked = CONTAINERS["mail"]["build"], (ROOT / "uv.lock").read_text()
    told, local = environment("mail"), from_settings("demo", {}).environment()

    [aiosmtpd] = re.findall(r"aiosmtpd==(\S+)", made["dockerfile_inline"])
    assert f'name = "aiosmtpd"\nversion = "{aiosmtpd}"' in locked
    [program] = re.findall(r"COPY (\S+) /", made["dockerfile_inline"])
    assert (ROOT / "deploy" / made["context"] / program).is_file()
    for name in ("KAKEHASHI_MAIL_DOMAIN", "KAKEHASHI_MAIL_SMTP_PORT", "KAKEHASHI_MAIL_PAGE_PORT"):
        assert told[name] == local[name]
    sending = environment("followup-worker")
    for name in (*SENDER, "MAIL__SENDER", "DELIVERY__DKIM_DOMAIN", "DELIVERY__AT_ANY_TIME"):
        assert sending[f"FOLLOWUP_{name}"] == local[f"FOLLOWUP_{name}"]
    assert sending["FOLLOWUP_INBOX_MAILDIR"] == f"{told['KAKEHASHI_MAIL_FOLDER']}/inbox"


@EACH_SERVICE
def test_every_source_of_an_image_exists_and_reaches_its_builder(service: Service) -> None:
    build, _ = images.stages(service.name)

    for instruction in images.of_kind("COPY", build):
        for source in instruction.words[:-1]:
            found = ROOT / source
            file = found if found.is_file() else next(found.rglob("*.py"))
            assert images.in_context(file.relative_to(ROOT).as_posix()), source


@EACH_SERVICE
def test_what_an_image_installs_is_found_where_it_was_installed(service: Service) -> None:
    build, image = images.stages(service.name)
    built, runs = build[0].words[0], image[0].words[0]
    [copied] = images.of_kind("COPY", image)
    [folder] = {
        instruction.variables["UV_PROJECT_ENVIRONMENT"]
        for instruction in images.of_kind("ENV", build)
        if "UV_PROJECT_ENVIRONMENT" in instruction.variables
    }

    # An environment names its Python by path: both stages need the same one.
    assert built == runs
    release = re.fullmatch(r"python:(\d+)\.(\d+)-slim", runs)
    assert release is not None
    assert tuple(map(int, release.groups())) >= versions.PYTHON_MINIMUM
    assert copied.words == ["--from=build", folder, folder]
    assert images.environment(service.name)["PATH"].startswith(f"{folder}/bin:")


def test_what_lies_about_does_not_reach_a_builder() -> None:
    for path in (
        *(".env", ".git/config", ".local/demo/secrets.json", ".venv/bin/python"),
        "libs/common/src/kakehashi_common/__pycache__/db.cpython-313.pyc",
        *("tests/conftest.py", "deploy/compose.yaml"),
    ):
        assert not images.in_context(path), path
