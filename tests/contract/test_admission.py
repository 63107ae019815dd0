"""Nobody without a token has a request read, whatever is wrong with it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from starlette.types import Message

from budget_calendar.http import openapi as budget_calendar
from followup.http import openapi as followup
from handoff.http import openapi as handoff
from lead_scoring.http import openapi as lead_scoring

APPLICATIONS = {
    "lead-scoring": lead_scoring.application(),
    "budget-calendar": budget_calendar.application(),
    "handoff": handoff.application(),
    "followup": followup.application(),
}

WRONG_IN_A_PATH = "%00"
"""Refused as the value of any parameter of a path."""

WRONG_NUMBER = "0"

NO_SUCH_ID = "00000000-0000-0000-0000-000000000000"

HEADERS = {
    "content-type": "application/json",
    "content-length": "9",
    "idempotency-key": "",
    "if-match": "",
}


class Operation(NamedTuple):
    service: str
    method: str
    path: str


def operations() -> Iterator[Operation]:
    for service, app in APPLICATIONS.items():
        for path, methods in app.openapi()["paths"].items():
            for method in methods:
                yield Operation(service, method.upper(), path)


async def answer(app: FastAPI, method: str, path: str) -> tuple[int, dict[str, str], bool]:
    """The status and headers of a request with everything wrong, and whether its body was read."""
    read = False
    started: Message = {}

    async def receive() -> Message:
        nonlocal read
        read = True
        return {"type": "http.request", "body": b'{"broken"', "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path.replace(WRONG_IN_A_PATH, "\0"),
        "raw_path": path.encode(),
        "query_string": b"unknown=1&limit=many&cursor=forged&as_of=never",
        "headers": [(name.encode(), value.encode()) for name, value in HEADERS.items()],
        "server": ("api", 80),
        "client": ("caller", 1),
        "scheme": "http",
    }
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in started["headers"]}
    return started["status"], headers, read


@pytest.mark.parametrize("operation", list(operations()), ids=" ".join)
async def test_without_a_token_the_answer_is_401_and_nothing_is_read(operation: Operation) -> None:
    described = APPLICATIONS[operation.service].openapi()["paths"][operation.path]
    path = operation.path
    for parameter in described[operation.method.lower()].get("parameters", ()):
        schema = parameter["schema"]
        if schema.get("format") == "uuid":
            wrong = NO_SUCH_ID  # the path of anything else is another one
        else:
            wrong = WRONG_NUMBER if schema.get("type") == "integer" else WRONG_IN_A_PATH
        path = path.replace(f"{{{parameter['name']}}}", wrong)

    status, headers, read = await answer(APPLICATIONS[operation.service], operation.method, path)

    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert not read
