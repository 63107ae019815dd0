"""What has to be written twice, because Docker, Go or a library reads it, says the same twice."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML
from temporalio.api.enums.v1 import IndexedValueType

from deploy.local import versions
from deploy.local.bootstrap import ROOT
from deploy.local.instance import PORTS
from deploy.local.servers import LARGEST_MESSAGE_BYTES, SEARCH_ATTRIBUTES
from kakehashi_common.contracts.topics import DEAD_LETTER_RECORD_BYTES
from kakehashi_common.temporal.search_attributes import TYPES
from lead_scoring.settings import LeadScoringSettings


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
    assert {int(port) for _, port, _ in published} <= {port["demo"] for port in PORTS.values()}


def test_the_image_is_built_by_the_same_uv() -> None:
    dockerfile = (ROOT / "services" / "lead-scoring" / "Dockerfile").read_text()

    assert re.findall(r"uv==(\S+)", dockerfile) == [versions.UV]


def test_go_builds_the_temporal_that_the_versions_name() -> None:
    module = (ROOT / "deploy" / "local" / "temporal" / "go.mod").read_text()

    assert f"github.com/temporalio/cli v{versions.TEMPORAL_CLI}" in module
    assert f"\ngo {'.'.join(map(str, versions.GO_MINIMUM))}\n" in module


def test_the_example_settings_name_every_port_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text()

    assert dict(re.findall(r"KAKEHASHI_DEMO_(\w+)_PORT=(\d+)", example)) == {
        name.upper(): str(ports["demo"]) for name, ports in PORTS.items()
    }


def _names(settings: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _names(kind, f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper()


def test_the_example_settings_name_every_setting_of_the_service() -> None:
    example = (ROOT / ".env.example").read_text()
    given_by_the_service_itself = {"LEAD_SCORING_TELEMETRY__SERVICE_NAME"}

    assert set(re.findall(r"^# (LEAD_SCORING_\w+)=", example, re.MULTILINE)) == (
        set(_names(LeadScoringSettings, "LEAD_SCORING_")) - given_by_the_service_itself
    )


def test_the_example_settings_state_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    example = (ROOT / ".env.example").read_text()
    required = {"DATABASE__URL": "postgresql://h/d", "AUTH__JWKS_URL": "http://i"}
    for name, value in {**required, "AUTH__ISSUER": "i"}.items():
        monkeypatch.setenv(f"LEAD_SCORING_{name}", value)
    defaults = LeadScoringSettings()

    for name, value in re.findall(r"^# (LEAD_SCORING_\w+)=(.+)$", example, re.MULTILINE):
        monkeypatch.setenv(name, value)
    assert LeadScoringSettings() == defaults
