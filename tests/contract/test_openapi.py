"""The HTTP contracts: committed, complete, and their examples are what they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from budget_calendar.http import openapi as budget_calendar
from followup.http import openapi as followup
from handoff.http import openapi as handoff
from lead_scoring.http import openapi as lead_scoring

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi"

DOCUMENTS = {
    "lead-scoring": lead_scoring.document(),
    "budget-calendar": budget_calendar.document(),
    "handoff": handoff.document(),
    "followup": followup.document(),
}
OPERATIONS = {
    (service, operation["operationId"]): operation
    for service, document in DOCUMENTS.items()
    for path in document["paths"].values()
    for operation in path.values()
}
PROBLEM = "application/problem+json"
BODIES = [
    (service, operation_id, media_type, content)
    for (service, operation_id), operation in OPERATIONS.items()
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
]


@pytest.mark.parametrize("service", DOCUMENTS)
def test_the_committed_description_is_current(service: str) -> None:
    committed = json.loads((COMMITTED / f"{service}.json").read_text(encoding="utf-8"))
    how = f"python -m {service.replace('-', '_')}.http.openapi > docs/openapi/{service}.json"
    assert committed == DOCUMENTS[service], f"run `{how}`"


@pytest.mark.parametrize("service", DOCUMENTS)
def test_no_component_is_named_after_the_module_of_a_model(service: str) -> None:
    """FastAPI writes ``package__module__Name`` where two models share a name."""
    components = DOCUMENTS[service]["components"]
    assert [name for kind in components.values() for name in kind if "__" in name] == []


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


@pytest.mark.parametrize("service", DOCUMENTS)
def test_the_example_of_a_problem_has_the_status_that_it_is_shown_for(service: str) -> None:
    components = DOCUMENTS[service]["components"]
    shown = {
        (name, status): components["examples"][example["$ref"].rpartition("/")[2]]["value"]
        for (whose, name), operation in OPERATIONS.items()
        if whose == service
        for status, answer in operation["responses"].items()
        for example in answer.get("content", {}).get(PROBLEM, {}).get("examples", {}).values()
    }
    problem = {"$ref": "#/components/schemas/Problem", "components": components}
    for (_, status), value in shown.items():
        assert value["status"] == (422 if status == "4XX" else int(status))
        Draft202012Validator(problem).validate(value)
    assert {name for name, status in shown if status == "503"} == {
        name for whose, name in OPERATIONS if whose == service
    }


def test_the_keys_that_can_be_corrected_are_enumerated() -> None:
    correct = OPERATIONS["budget-calendar", "correct_calendar"]
    [key] = [each["schema"] for each in correct["parameters"] if each["name"] == "key"]
    assert {"request_deadline", "session_vote:4", "finance_assessment"} <= set(key["enum"])
    assert "fiscal_year_begins" not in key["enum"]


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
        if isinstance(example["value"], dict) and "type" in example["value"]
    }
    assert shown == set(schemas["LeadEvent"]["properties"]["type"]["enum"])
