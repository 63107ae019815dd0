"""Every operation refuses values that are not a proper text, day or number.

The tests walk over the APIs' descriptions, so that new fields and parameters are covered too.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import Message

from budget_calendar.http import openapi as budget_calendar
from followup.http import openapi as followup
from handoff.http import openapi as handoff
from kakehashi_common.auth import Principal
from kakehashi_common.http.openapi import gates, operations
from kakehashi_common.http.requests import RequestBody
from lead_scoring.http import openapi as lead_scoring

APPLICATIONS = {
    "lead-scoring": lead_scoring.application(),
    "budget-calendar": budget_calendar.application(),
    "handoff": handoff.application(),
    "followup": followup.application(),
}
PRINCIPAL = "kakehashi.principal"
ROUTES = [
    (service, route)
    for service, app in APPLICATIONS.items()
    for included in app.routes
    if (router := getattr(included, "original_router", None)) is not None
    for route in operations([router])
]
BODIES = [
    pytest.param(service, route, id=route.name)
    for service, route in ROUTES
    if route.body_field is not None
]
EVERYTHING = frozenset(gate.scope for _, route in ROUTES for gate in gates(route))


class Answer(NamedTuple):
    status: int
    problem: dict[str, Any]


async def send(
    service: str,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    body: bytes = b"",
    media_type: str = "application/json",
) -> Answer:
    """Ask an application that is connected to nothing: it can only refuse."""
    started: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    scope = {
        "type": "http",
        "method": method.upper(),
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query,
        "headers": [(b"content-type", media_type.encode()), (b"authorization", b"Bearer x")],
        "server": ("api", 80),
        "client": ("caller", 1),
        "scheme": "http",
        PRINCIPAL: Principal("tester", EVERYTHING),
    }
    await APPLICATIONS[service](scope, receive, answer)
    return Answer(started["status"], json.loads(b"".join(parts)))


class Example(NamedTuple):
    service: str
    method: str
    path: str
    media_type: str
    body: Any


def examples() -> Iterator[Any]:
    """Yield each JSON body that an API shows, with a path that fits.

    Not those of several events, each of which is accepted or refused by itself.
    """
    for service, app in APPLICATIONS.items():
        for path, methods in app.openapi()["paths"].items():
            for method, operation in methods.items():
                content = operation.get("requestBody", {}).get("content", {})
                for media_type, described in content.items():
                    if media_type.endswith("json"):
                        for name, example in described.get("examples", {}).items():
                            if isinstance(example["value"], list):
                                continue
                            fitting = Example(
                                service, method, filled(path), media_type, example["value"]
                            )
                            yield pytest.param(
                                fitting, id=f"{operation['operationId']} {media_type} {name}"
                            )


def filled(path: str) -> str:
    values = {"code": "102032", "fiscal_year": "2027", "key": "request_deadline", "version": "1"}
    while "{" in path:
        before, _, rest = path.partition("{")
        name, _, after = rest.partition("}")
        path = f"{before}{values.get(name, 'digital-example')}{after}"
    return path


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in items:
            yield from leaves(inner, (*path, name))
    else:
        yield path, value


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = deepcopy(body)
    at = changed
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return changed


@pytest.mark.parametrize("example", list(examples()))
@pytest.mark.parametrize("character", ["\x1b", "\x9b", "\ud800"])
async def test_no_text_of_a_body_holds_a_control_character(
    example: Example, character: str
) -> None:
    service, method, path, media_type, body = example
    for place, leaf in leaves(body):
        if isinstance(leaf, str):
            bad = replaced(body, place, leaf[:1] + character + leaf[1:])
            raw = json.dumps(bad).encode()
            answer = await send(service, method, path, body=raw, media_type=media_type)
            assert (place, answer.status) == (place, 422)


@pytest.mark.parametrize("example", list(examples()))
async def test_a_value_of_another_type_is_refused(example: Example) -> None:
    service, method, path, media_type, body = example
    for place, leaf in leaves(body):
        match leaf:
            case bool():
                others: tuple[Any, ...] = (int(leaf), "true", "yes", [leaf])
            case int() | float():
                others = (str(leaf), leaf == 1, [leaf])
            case str():
                others = (0, 2026, True, [leaf], {leaf: leaf})
            case _:
                others = ()
        for other in others:
            raw = json.dumps(replaced(body, place, other)).encode()
            answer = await send(service, method, path, body=raw, media_type=media_type)
            assert (place, other, answer.status) == (place, other, 422)


@pytest.mark.parametrize(("service", "route"), BODIES)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"{}garbage", 400, "malformed_json"),
        (b'{"a": NaN}', 400, "malformed_json"),
        (b'{"a": 1e999}', 400, "malformed_json"),
        (b'{"a": 1' + b"0" * 5_000 + b"}", 400, "malformed_json"),
        (b"\xff", 400, "malformed_json"),
        (b'{"note": 1, "note": 2}', 422, "duplicate_name"),
        (b'{"\\ud800": 1}', 422, "validation_failed"),
        (b'{"note": "\\udfff"}', 422, "validation_failed"),
        (b'{"note": "\\u0000"}', 422, "validation_failed"),
        (b"[" * 100_000, 422, "too_complex"),
        (b'{"a":' * 50_000, 422, "too_complex"),
        (b"{" + b'"":1,' * 60_000 + b'"a":1}', 422, "too_complex"),
    ],
)
async def test_a_body_that_no_operation_takes_is_refused(
    service: str, route: APIRoute, body: bytes, status: int, code: str
) -> None:
    method = next(iter(route.methods or ()))
    answer = await send(service, method, filled(route.path_format), body=body)
    assert (answer.status, answer.problem["code"]) == (status, code)


@pytest.mark.parametrize(("service", "route"), BODIES)
async def test_of_many_mistakes_twenty_are_listed_and_the_others_counted(
    service: str, route: APIRoute
) -> None:
    body = json.dumps({f"x{n}": n for n in range(10_000)}).encode()
    method = next(iter(route.methods or ()))
    answer = await send(service, method, filled(route.path_format), body=body)
    assert (answer.status, len(answer.problem["errors"])) == (422, 20)
    assert answer.problem["more_errors"] >= 9_980


@pytest.mark.parametrize(("service", "route"), BODIES)
def test_a_body_is_made_of_strict_types(service: str, route: APIRoute) -> None:
    assert route.body_field is not None, service
    model = route.body_field.field_info.annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    assert list(lax(model.__pydantic_core_schema__)) == []


LAX = {
    "int": "int: take kakehashi_common.http.requests.Whole",
    "bool": "bool: take kakehashi_common.http.requests.Flag",
    "float": "float: let it be strict",
    "decimal": "Decimal: let it be strict",
    "date": "date: take kakehashi_common.contracts.instants.Day",
    "datetime": "datetime: take kakehashi_common.contracts.instants.Instant",
}


def lax(schema: Any, place: str = "") -> Iterator[str]:
    """Yield what in a core schema of pydantic would make a value of something else."""
    if isinstance(schema, list):
        for item in schema:
            yield from lax(item, place)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind == "model" and not issubclass(schema["cls"], RequestBody):
        yield f"{place}: {schema['cls'].__name__} is no RequestBody"
    if kind in LAX and not schema.get("strict"):
        yield f"{place} is a lax {LAX[kind]}"
    if kind == "function-before" and schema["schema"]["type"] in {"date", "datetime"}:
        return  # by a function that takes texts only
    for name, inner in schema.items():
        if name not in {"metadata", "serialization"}:
            yield from lax(inner, f"{place}/{name}" if kind == "model-fields" else place)


def parameters() -> Iterator[Any]:
    for service, app in APPLICATIONS.items():
        for path, methods in app.openapi()["paths"].items():
            for method, operation in methods.items():
                for parameter in operation.get("parameters", ()):
                    if parameter["in"] == "query":
                        name = parameter["name"]
                        yield pytest.param(
                            service,
                            method,
                            filled(path),
                            parameter,
                            id=f"{operation['operationId']} {name}",
                        )


PARAMETERS = list(parameters())
MOMENTS = [each for each in PARAMETERS if '"date' in json.dumps(each.values[3]["schema"])]


@pytest.mark.parametrize(("service", "method", "path", "parameter"), PARAMETERS)
async def test_no_parameter_holds_a_control_character(
    service: str, method: str, path: str, parameter: dict[str, Any]
) -> None:
    for value in (b"%00", b"a%1Bb", b"%C2%9B", b"%FF"):
        query = parameter["name"].encode() + b"=" + value
        answer = await send(service, method, path, query=query)
        assert (value, answer.status) == (value, 422)
        named = {error["parameter"] for error in answer.problem["errors"]}
        assert parameter["name"] in named


@pytest.mark.parametrize(("service", "method", "path", "parameter"), MOMENTS)
async def test_a_day_or_an_instant_in_a_query_is_no_number(
    service: str, method: str, path: str, parameter: dict[str, Any]
) -> None:
    for value in (b"2026", b"0", b"86400", b"1780000000", b"20260401", b"2026-02-30", b"today"):
        query = parameter["name"].encode() + b"=" + value
        answer = await send(service, method, path, query=query)
        assert (value, answer.status) == (value, 422)


async def test_a_feed_is_not_revoked_by_the_address_that_it_is_read_at() -> None:
    read_at = "/v1/feeds/e3e70682-c209-1cac-a29f-6fbed82c07cd.ics"
    assert (await send("budget-calendar", "delete", read_at)).status == 405
