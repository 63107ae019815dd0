"""Topics name the services that read and write them, and no others."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.bootstrap import ROOT
from deploy.local.declared import SERVICES, Service
from kakehashi_common.consumer.lifecycle import Consumer
from kakehashi_common.contracts import topics
from kakehashi_common.contracts.topics import EVENT_MODELS, EVENT_TOPICS, OTHER_SYSTEMS, TOPICS
from kakehashi_common.db import Database
from tests.support.declared import settings_of

EACH_SERVICE = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
CONSUMER = "consumer"
NAMES = {value.name: name for name, value in vars(topics).items() if value in TOPICS}
"""The names of topics in source code."""
TYPES = {model.__name__: model.TYPE for model in EVENT_MODELS.values()}


async def subscriptions(service: Service, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The topics that a service's consumer process reads."""
    processes = importlib.import_module(f"{service.package}.processes").PROCESSES
    if CONSUMER not in processes:
        return set()
    monkeypatch.setenv(f"{service.prefix}DATABASE__URL", "postgresql://127.0.0.1:1/none")
    monkeypatch.setenv(f"{service.prefix}AUTH__JWKS_URL", "http://127.0.0.1:1")
    monkeypatch.setenv(f"{service.prefix}AUTH__ISSUER", "http://127.0.0.1:1")
    settings = settings_of(service)()
    database = Database(settings.database, application="tests")  # type: ignore[attr-defined]
    async with processes[CONSUMER](settings, database) as components:
        running = [getattr(component.run, "__self__", None) for component in components]
    return {topic.name for each in running if isinstance(each, Consumer) for topic in each.topics}


def publications(service: Service) -> set[str]:
    """The topics of the events that a service makes, or publishes as it was given them."""
    source = ROOT / "services" / service.name / "src"
    return {topic for module in source.rglob("*.py") for topic in _published_by(module)}


def _published_by(module: Path) -> Iterator[str]:
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    imported = {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        if (node.module or "").startswith("kakehashi_common.contracts.")
        for alias in node.names
    }
    for node in nodes:
        for name in {_made(node)} & imported & TYPES.keys():
            yield EVENT_TOPICS[TYPES[name]].name
        if _is_publisher(node):
            named = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            yield from (topic for topic, name in NAMES.items() if name in named & imported)


def _made(node: ast.AST) -> str:
    """The model that is called, validated, or whose type is written."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id if node.attr in {"TYPE", "model_validate"} else ""
    return ""


def _is_publisher(node: ast.AST) -> bool:
    match node:
        case ast.ClassDef(name=name) | ast.Call(func=ast.Name(id=name)):
            return name.endswith("Publisher")
    return False


@EACH_SERVICE
async def test_a_service_is_named_as_a_consumer_of_what_it_reads(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {topic.name for topic in TOPICS if service.name in topic.consumers}
    assert named == await subscriptions(service, monkeypatch)


@EACH_SERVICE
def test_a_service_is_named_as_a_producer_of_what_it_publishes(service: Service) -> None:
    named = {topic.name for topic in TOPICS if service.name in topic.producers}
    assert named == publications(service)


def test_every_party_is_a_service_or_another_system() -> None:
    parties = {party for topic in TOPICS for party in (*topic.producers, *topic.consumers)}
    assert parties <= {OTHER_SYSTEMS, *(service.name for service in SERVICES)}
