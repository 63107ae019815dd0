"""The HTTP contracts: committed, complete, and their examples are what they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from budget_calendar.api import openapi as budget_calendar
from lead_scoring.api import openapi as lead_scoring

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi"

DOCUMENTS = {
    "lead-scoring": lead_scoring.document(),
    "budget-calendar": budget_calendar.document(),
}
OPERATIONS = {
    (service, operation["operationId"]): operation
    for service, document in DOCUMENTS.items()
    for path in document["paths"].values()
    for operation in path.values()
}
BODIES = [
    (service, operation_id, media_type, content)
    for (service, operation_id), operation in OPERATIONS.items()
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
]


@pytest.mark.parametrize("service", DOCUMENTS)
def test_the_committed_description_is_current(service: str) -> None:
    committed = json.loads((COMMITTED / f"{service}.json").read_text(encoding="utf-8"))
    how = f"python -m {service.replace('-', '_')}.api.openapi > docs/openapi/{service}.json"
    assert committed == DOCUMENTS[service], f"run `{how}`"


@pytest.mark.parametrize(("service", "operation_id"), OPERATIONS)
def test_every_operation_says_what_it_does_and_who_may(service: str, operation_id: str) -> None:
    operation = OPERATIONS[service, operation_id]
    assert operation["summary"]
    assert f"Needs the scope `{service}:" in operation["description"]
    assert {"HTTPBearer": []} in operation["security"]
    problems = {
        media_type
        for status, answer in operation["responses"].items()
        if status[0] in "45"
        for media_type in answer["content"]
    }
    assert problems == {"application/problem+json"}


@pytest.mark.parametrize(
    ("service", "schema", "value"),
    [
        pytest.param(service, content["schema"], example["value"], id=f"{name} {media} {title}")
        for service, name, media, content in BODIES
        for title, example in content["examples"].items()
    ],
)
def test_an_example_is_what_the_schema_says(service: str, schema: Any, value: Any) -> None:
    whole = {**schema, "components": DOCUMENTS[service]["components"]}
    Draft202012Validator(whole).validate(value)


def test_every_kind_of_lead_event_has_an_example() -> None:
    schemas = DOCUMENTS["lead-scoring"]["components"]["schemas"]
    shown = {
        example["value"]["type"]
        for service, _, _, content in BODIES
        if service == "lead-scoring"
        for example in content["examples"].values()
        if isinstance(example["value"], dict)
    }
    assert shown == set(schemas["LeadEvent"]["properties"]["type"]["enum"])
