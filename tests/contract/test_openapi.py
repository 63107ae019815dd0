"""The HTTP contract: committed, complete, and its examples are what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lead_scoring.api.openapi import document

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi" / "lead-scoring.json"
HOW = "python -m lead_scoring.api.openapi > docs/openapi/lead-scoring.json"

DOCUMENT = document()
OPERATIONS = {
    operation["operationId"]: operation
    for path in DOCUMENT["paths"].values()
    for operation in path.values()
}


def _examples() -> list[tuple[str, str, Any, Any]]:
    return [
        (f"{name} {media_type} {title}", media_type, content["schema"], example["value"])
        for name, operation in OPERATIONS.items()
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
        for title, example in content["examples"].items()
    ]


def test_the_committed_description_is_current() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == DOCUMENT, f"run `{HOW}`"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_does_and_who_may(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert "Needs the scope `lead-scoring:" in operation["description"]
    assert operation["security"] == [{"HTTPBearer": []}]
    problems = {
        media_type
        for status, answer in operation["responses"].items()
        if status[0] in "45"
        for media_type in answer["content"]
    }
    assert problems == {"application/problem+json"}


@pytest.mark.parametrize(
    ("schema", "value"), [pytest.param(s, v, id=i) for i, _, s, v in _examples()]
)
def test_an_example_is_what_the_schema_says(schema: Any, value: Any) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    Draft202012Validator(whole).validate(value)


def test_every_kind_of_event_has_an_example() -> None:
    kinds = DOCUMENT["components"]["schemas"]["LeadEvent"]["properties"]["type"]["enum"]
    shown = {value["type"] for _, _, _, value in _examples() if isinstance(value, dict)}
    assert shown == set(kinds)
