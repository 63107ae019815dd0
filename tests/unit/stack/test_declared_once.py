"""Values that Docker, Go or a library requires to be written twice are the same in both places."""

import re
import tomllib
from typing import Any

import pytest
from ruamel.yaml import YAML
from temporalio.api.enums.v1 import IndexedValueType

from deploy.local import versions
from deploy.local.bootstrap import ROOT
from deploy.local.declared import API, SERVICES, Service
from deploy.local.instance import default_ports, from_settings, port_setting
from deploy.local.servers import LARGEST_MESSAGE_BYTES, SEARCH_ATTRIBUTES
from kakehashi_common.contracts.topics import DEAD_LETTER_RECORD_BYTES
from kakehashi_common.temporal.search_attributes import TYPES
from tests.support.declared import settings_of, variables

EACH_SERVICE = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    services: dict[str, Any] = YAML(typ="safe").load(text)["services"]
    return services


def test_search_attributes_are_those_that_workflows_set() -> None:
    declared = {
        name: "INDEXED_VALUE_TYPE_" + kind.upper() for name, kind in SEARCH_ATTRIBUTES.items()
    }

    assert declared == {name: IndexedValueType.Name(kind) for name, kind in TYPES.items()}


def test_the_broker_takes_the_largest_dead_letter() -> None:
    assert LARGEST_MESSAGE_BYTES >= DEAD_LETTER_RECORD_BYTES


def test_compose_runs_the_same_versions(compose: dict[str, Any]) -> None:
    assert compose["kafka"]["image"] == f"apache/kafka:{versions.KAFKA}"
    assert compose["temporal"]["image"] == f"temporalio/temporal:{versions.TEMPORAL_CLI}"


def test_compose_declares_the_same_search_attributes(compose: dict[str, Any]) -> None:
    options = compose["temporal"]["command"]

    assert {option for option in options if "search-attribute" in option} == {
        f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()
    }


def test_compose_lets_the_broker_take_the_same_messages(compose: dict[str, Any]) -> None:
    assert compose["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"] == LARGEST_MESSAGE_BYTES


def test_compose_publishes_the_demos_ports_on_loopback_alone(compose: dict[str, Any]) -> None:
    published = [
        port.split(":") for service in compose.values() for port in service.get("ports", [])
    ]

    assert {host for host, _, _ in published} == {"127.0.0.1"}
    assert {int(port) for _, port, _ in published} <= set(default_ports("demo").values())


@EACH_SERVICE
def test_compose_runs_every_process(service: Service, compose: dict[str, Any]) -> None:
    started = {
        name.removeprefix(f"{service.name}-"): container
        for name, container in compose.items()
        if container["image"] == f"kakehashi/{service.name}" and "entrypoint" not in container
    }

    assert {name: container["command"] for name, container in started.items()} == {
        process: [process] for process in ("migrate", *service.ports)
    }
    if port := service.ports.get(API):
        api = started[API]
        assert api["environment"][f"{service.prefix}HTTP__PORT"] == port
        assert api["ports"] == [f"127.0.0.1:{port}:{port}"]


@EACH_SERVICE
def test_compose_tells_every_process_as_much_as_the_stack(
    service: Service, compose: dict[str, Any]
) -> None:
    told = set(from_settings("demo", {}).environment())
    wanted = told & variables(settings_of(service))

    for process in service.ports:
        environment = compose[service.process(process)]["environment"]
        assert set(environment) | {f"{service.prefix}HTTP__PORT"} == wanted


def test_compose_creates_every_database(compose: dict[str, Any]) -> None:
    assert compose["databases"]["environment"]["NAMES"].split() == [s.package for s in SERVICES]


@EACH_SERVICE
def test_the_image_is_built_by_the_same_uv(service: Service) -> None:
    dockerfile = (ROOT / "services" / service.name / "Dockerfile").read_text()

    assert f'ENTRYPOINT ["python", "-m", "{service.package}"]' in dockerfile
    assert re.findall(r"uv==(\S+)", dockerfile) == [versions.UV]


def test_go_builds_the_temporal_that_the_versions_name() -> None:
    module = (ROOT / "deploy" / "local" / "temporal" / "go.mod").read_text()

    assert f"github.com/temporalio/cli v{versions.TEMPORAL_CLI}" in module
    assert f"\ngo {'.'.join(map(str, versions.GO_MINIMUM))}\n" in module


def test_the_example_settings_name_every_port_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text()

    assert dict(re.findall(r"(KAKEHASHI_DEMO_\w+_PORT)=(\d+)", example)) == {
        port_setting("demo", name): str(port) for name, port in default_ports("demo").items()
    }


@EACH_SERVICE
def test_the_example_settings_name_every_setting_of_a_service(service: Service) -> None:
    example = (ROOT / ".env.example").read_text()
    given_by_the_service_itself = {f"{service.prefix}TELEMETRY__SERVICE_NAME"}

    assert set(re.findall(rf"^# ({service.prefix}\w+)=", example, re.MULTILINE)) == (
        variables(settings_of(service)) - given_by_the_service_itself
    )


@EACH_SERVICE
def test_the_example_settings_state_the_defaults(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = (ROOT / ".env.example").read_text()
    required = {"DATABASE__URL": "postgresql://h/d", "AUTH__JWKS_URL": "http://i"}
    for name, value in {**required, "AUTH__ISSUER": "i"}.items():
        monkeypatch.setenv(f"{service.prefix}{name}", value)
    defaults = settings_of(service)()

    for name, value in re.findall(rf"^# ({service.prefix}\w+)=(.+)$", example, re.MULTILINE):
        monkeypatch.setenv(name, value)
    assert settings_of(service)() == defaults


def test_the_rules_between_packages_cover_every_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    covered = set(project["tool"]["importlinter"]["root_packages"])
    assert covered >= {"kakehashi_common", *(service.package for service in SERVICES)}
