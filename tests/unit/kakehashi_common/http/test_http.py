import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Header, Query, Response, Security
from fastapi.security import APIKeyQuery
from pydantic import BaseModel, Field, TypeAdapter

from kakehashi_common import telemetry
from kakehashi_common.errors import (
    BadRequestError,
    BusyError,
    ConflictError,
    FaultError,
    NotFoundError,
    PermanentError,
    TransientError,
)
from kakehashi_common.http.app import create_app
from kakehashi_common.http.cursors import Page, _check, decode_cursor, encode_cursor, page
from kakehashi_common.http.etags import REVALIDATE, etag, require_match, require_no_match
from kakehashi_common.http.health import readiness
from kakehashi_common.settings import HttpSettings
from tests.support.waiting import eventually

ERRORS: dict[str, Exception] = {
    "missing": NotFoundError("there is no lead crm-1"),
    "conflict": ConflictError("version 3 is newer", code="rules_outdated", field="/version"),
    "permanent": PermanentError("no such rule", code="unknown_rule", field="Idempotency-Key"),
    "transient": TransientError("the database is unavailable: host db-7 refused"),
    "later": TransientError("the broker is unavailable", retry_after=timedelta(seconds=1.5)),
    "busy": BusyError("no worker", public="Send it again with the id x."),
    "fault": FaultError("key of db-7 expired", code="key_expired", public="Renew the key."),
    "bug": ZeroDivisionError("secret detail"),
}


class Contact(BaseModel):
    name: str = Field(min_length=1)
    phones: list[int] = []


routes = APIRouter()


@routes.post("/contacts")
async def add(contact: Contact) -> Contact:
    return contact


@routes.get("/fail/{kind}")
async def fail(kind: str) -> None:
    raise ERRORS[kind]


@routes.get("/contacts")
async def contacts(limit: Annotated[int, Query(ge=1, le=100)] = 10) -> int:
    return limit


@routes.get("/calendar.ics")
async def calendar(
    token: Annotated[str | None, Security(APIKeyQuery(name="token", auto_error=False))],
    language: str = "ja",
) -> str:
    return f"{language} {token}"


@routes.get("/opt-out/{token}", include_in_schema=False)
async def opt_out(token: str) -> str:
    return token


@routes.get("/seven")
async def read(if_none_match: Annotated[str | None, Header()] = None) -> Response:
    return Response(b"seven", headers=require_no_match(if_none_match, etag(7), REVALIDATE))


@routes.put("/rules")
async def edit(if_match: Annotated[str | None, Header()] = None) -> Response:
    require_match(if_match, etag(7))
    return Response(headers={"ETag": etag(8)})


checks: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def no_checks() -> Iterator[None]:
    yield
    checks.clear()


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(
        title="example",
        version="1",
        description="An example",
        settings=HttpSettings(max_body_bytes=1024, allowed_origins=("https://ui.example.jp",)),
        checks=checks,
        routers=[routes],
    )


@pytest_asyncio.fixture(loop_scope="session")
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:kakehashi:problem:{body['code']}"
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


@pytest.mark.parametrize(
    ("kind", "status", "code", "errors"),
    [
        ("missing", 404, "not_found", None),
        (
            "conflict",
            409,
            "rules_outdated",
            [{"pointer": "/version", "code": "rules_outdated", "detail": "version 3 is newer"}],
        ),
        (
            "permanent",
            422,
            "unknown_rule",
            [{"parameter": "Idempotency-Key", "code": "unknown_rule", "detail": "no such rule"}],
        ),
        ("transient", 503, "unavailable", None),
        ("busy", 503, "busy", None),
        ("fault", 500, "key_expired", None),
        ("bug", 500, "internal_error", None),
    ],
)
async def test_errors_are_problem_details_with_a_stable_code(
    client: httpx.AsyncClient, kind: str, status: int, code: str, errors: object
) -> None:
    answer = await client.get(f"/fail/{kind}")

    body = problem(answer)
    assert (answer.status_code, body["code"], body["instance"]) == (status, code, f"/fail/{kind}")
    assert body["errors"] == (errors or [])


@pytest.mark.parametrize(
    ("method", "path", "parameter", "told"),
    [
        ("GET", "/contacts?limt=5", "limt", "did you mean limit?"),
        ("GET", "/contacts?limit=5&Limit=6", "Limit", "did you mean limit?"),
        ("GET", "/contacts?prefecture=10", "prefecture", "there are limit"),
        ("GET", "/calendar.ics?tokn=x", "tokn", "did you mean token?"),
        ("POST", "/contacts?dry_run", "dry_run", "takes none"),
    ],
)
async def test_a_parameter_that_there_is_not_is_refused_by_name(
    client: httpx.AsyncClient, method: str, path: str, parameter: str, told: str
) -> None:
    answer = await client.request(method, path, json={"name": "a"} if method == "POST" else None)
    assert answer.status_code == 422
    assert problem(answer)["code"] == "validation_failed"
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == (parameter, "unknown_parameter")
    assert told in error["detail"]


async def test_a_page_that_the_description_leaves_out_takes_any_parameter(
    client: httpx.AsyncClient,
) -> None:
    # What rewrites links in mails adds parameters to them.
    answer = await client.get("/opt-out/abc?utm_source=gateway&limit=x")
    assert (answer.status_code, answer.json()) == (200, "abc")


@pytest.mark.parametrize("path", ["/fail/%00", "/contacts?limit=%00", "/contacts?a=1&limit=1%00"])
async def test_a_parameter_that_cannot_be_stored_is_refused_by_name(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 422
    codes = {error["parameter"]: error["code"] for error in answer.json()["errors"]}
    assert codes["kind" if path.startswith("/fail") else "limit"] == "not_text"


async def test_parameters_that_there_are_pass(client: httpx.AsyncClient) -> None:
    assert (await client.get("/contacts?limit=5")).json() == 5
    answer = await client.get("/calendar.ics", params={"token": "secret", "language": "en"})
    assert answer.json() == "en secret"


async def test_a_transient_error_says_when_to_come_back_and_not_what_is_away(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/fail/transient")
    later = await client.get("/fail/later")

    assert answer.headers["retry-after"] == "5"
    assert "db-7" not in answer.text
    assert later.headers["retry-after"] == "2"


async def test_busy_and_unavailable_are_distinguished_and_a_fault_asks_for_no_repeat(
    client: httpx.AsyncClient,
) -> None:
    unavailable, busy, fault = [
        await client.get(f"/fail/{kind}") for kind in ("transient", "busy", "fault")
    ]
    assert unavailable.json()["detail"] == (
        "Something that this needs is unavailable. Nothing was lost; try again in 5 s."
    )
    assert (
        busy.json()["detail"] == "Something that this needs is busy. Send it again with the id x."
    )
    assert busy.headers["retry-after"] == "5"
    assert fault.json()["detail"] == "Renew the key."
    assert "retry-after" not in fault.headers
    assert "db-7" not in fault.text


async def test_a_bug_reveals_no_detail(client: httpx.AsyncClient) -> None:
    assert "secret detail" not in (await client.get("/fail/bug")).text


async def test_a_wrong_body_names_every_field_and_repeats_no_value(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/contacts", json={"name": "", "phones": [1, "0120-秘密"]})

    body = problem(answer)
    assert (answer.status_code, body["code"]) == (422, "validation_failed")
    assert [e["pointer"] for e in body["errors"]] == ["/name", "/phones/1"]
    assert "秘密" not in answer.text


async def test_a_wrong_parameter_is_named(client: httpx.AsyncClient) -> None:
    body = problem(await client.get("/contacts?limit=0"))

    assert body["errors"][0]["parameter"] == "limit"
    assert body["detail"] == "limit: Input should be greater than or equal to 1"


async def test_malformed_json_is_400(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/contacts", content=b'{"name": ', headers={"content-type": "application/json"}
    )

    assert (answer.status_code, problem(answer)["code"]) == (400, "malformed_json")


async def test_an_unknown_path_and_method_are_problems_too(client: httpx.AsyncClient) -> None:
    assert problem(await client.get("/nothing"))["code"] == "not_found"
    assert problem(await client.delete("/contacts"))["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/contacts", "GET, HEAD, POST"),
        ("HEAD", "/rules", "PUT"),
        ("PROPFIND", "/fail/missing", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
async def test_allow_names_every_method_of_the_path(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/contacts?limit=5", "/contacts?limit=0", "/nothing", "/healthz"])
async def test_head_is_answered_as_get_without_the_body(
    client: httpx.AsyncClient, path: str
) -> None:
    whole, head = await client.get(path), await client.head(path)

    assert head.status_code == whole.status_code
    assert {**whole.headers, "x-request-id": ""} == {**head.headers, "x-request-id": ""}
    assert (head.content, whole.content != b"") == (b"", True)


async def test_the_root_leads_to_the_description(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"host": "evil.example"})

    assert (answer.status_code, answer.headers["location"]) == (307, "docs")
    assert (await client.get("/docs")).status_code == 200


async def test_no_address_is_made_of_the_requests_host(client: httpx.AsyncClient) -> None:
    answer = await client.get("/contacts/", headers={"host": "evil.example"})

    assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert "evil" not in answer.text


async def test_a_large_body_is_refused_by_its_length(client: httpx.AsyncClient) -> None:
    answer = await client.post("/contacts", json={"name": "x" * 2000})

    assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")
    assert "1,024 bytes" in answer.json()["detail"]


async def test_a_large_body_of_unknown_length_is_refused_while_reading(
    client: httpx.AsyncClient,
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    answer = await client.post(
        "/contacts", content=endless(), headers={"content-type": "application/json"}
    )

    assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2_3", True), ("", False), ("x" * 65, False), ("a b", False)]
)
async def test_a_request_id_is_kept_if_it_is_a_plain_one(
    client: httpx.AsyncClient,
    given: str,
    kept: bool,  # noqa: FBT001
) -> None:
    answer = await client.get("/healthz", headers={"X-Request-Id": given})

    assert (answer.headers["x-request-id"] == given) is kept


async def test_readiness_names_each_check(client: httpx.AsyncClient) -> None:
    async def fine() -> None: ...

    async def away() -> None:
        raise TransientError("PostgreSQL can't be reached")

    checks["broker"] = fine
    assert (await client.get("/readyz")).status_code == 200

    checks["database"] = away
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"]["ok"] is True
    assert answer.json()["checks"]["database"]["reason"] == "PostgreSQL can't be reached"
    assert (await client.get("/healthz")).status_code == 200


async def test_a_check_that_hangs_is_given_up() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    found = await readiness({"broker": hang}, within=timedelta(milliseconds=20))

    assert not found.ready
    assert found.checks["broker"].reason == "no answer within 0.02 s"


async def test_metrics_are_prometheus_text(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert "process_resident_memory_bytes" in answer.text


async def test_others_are_answered_while_metrics_are_rendered(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, answered = threading.Event(), threading.Event()

    def render() -> tuple[bytes, str]:
        begun.set()
        assert answered.wait(10)
        return b"", "text/plain"

    monkeypatch.setattr(telemetry, "prometheus", render)
    scrape = asyncio.create_task(client.get("/metrics"))
    await eventually(begun.is_set)
    assert (await client.get("/healthz")).status_code == 200
    answered.set()
    assert (await scrape).status_code == 200


async def test_the_api_description_documents_problems_and_hides_operations(app: FastAPI) -> None:
    document = app.openapi()

    answers = document["paths"]["/contacts"]["post"]["responses"]
    assert list(answers["4XX"]["content"]) == ["application/problem+json"]
    assert "422" not in answers
    assert "/healthz" not in document["paths"]
    json.dumps(document)


async def test_another_origin_may_call_only_if_it_is_allowed(client: httpx.AsyncClient) -> None:
    async def allowed(origin: str) -> str | None:
        answer = await client.get("/healthz", headers={"Origin": origin})
        found: str | None = answer.headers.get("access-control-allow-origin")
        return found

    assert await allowed("https://ui.example.jp") == "https://ui.example.jp"
    assert await allowed("https://evil.example") is None


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "precondition_required"),
        ({"If-Match": '"6"'}, 412, "precondition_failed"),
        ({"If-Match": '"7"'}, 200, None),
        ({"If-Match": '"5", "7"'}, 200, None),
        ({"If-Match": "*"}, 200, None),
    ],
)
async def test_an_edit_names_the_version_it_saw(
    client: httpx.AsyncClient, headers: dict[str, str], status: int, code: str | None
) -> None:
    answer = await client.put("/rules", headers=headers)

    assert answer.status_code == status
    if code is not None:
        assert problem(answer)["code"] == code


@pytest.mark.parametrize(
    ("seen", "status", "body"),
    [
        (None, 200, b"seven"),
        ('"6"', 200, b"seven"),
        ('"7"', 304, b""),
        ('W/"7"', 304, b""),
        ('"6", "7"', 304, b""),
        ("*", 304, b""),
    ],
)
async def test_what_a_client_has_already_is_not_sent_again(
    client: httpx.AsyncClient, seen: str | None, status: int, body: bytes
) -> None:
    answer = await client.get("/seven", headers={} if seen is None else {"If-None-Match": seen})
    assert (answer.status_code, answer.content) == (status, body)
    assert answer.headers["etag"] == '"7"'
    assert answer.headers["cache-control"] == "private, no-cache"


ANY_KEY: TypeAdapter[tuple[Any, ...]] = TypeAdapter(tuple[Any, ...])
LEADS_KEY = TypeAdapter(tuple[str, Annotated[int, Field(le=1000)]])


def forged(payload: bytes) -> str:
    """A cursor as the code that is open to everybody lets one make it."""
    return base64.urlsafe_b64encode(_check("leads", payload) + payload).decode()


@pytest.mark.parametrize("key", [("A1", 523, "crm-1"), (None, 1.5, "架け橋"), (True,)])
def test_a_cursor_carries_the_sort_key(key: tuple[Any, ...]) -> None:
    assert decode_cursor("leads", encode_cursor("leads", key), ANY_KEY) == key


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!",
        "AAAA",
        "架け橋",
        encode_cursor("other", ("A1", 523)),
        encode_cursor("leads", ("A1", 523))[:-2] + "xx",
        encode_cursor("leads", ("A1", "523")),
        encode_cursor("leads", ("A1", 1001)),
        encode_cursor("leads", ("A1",)),
        encode_cursor("leads", ("A1", 523, "crm-1")),
        forged(b"no JSON"),
        forged(b'{"grade": "A1"}'),
        forged(b'["\xff", 523]'),
        forged(b'["\\ud800", 523]'),
        forged(b"[" * 100_000),
    ],
)
def test_a_cursor_that_is_not_of_the_list_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        decode_cursor("leads", cursor, LEADS_KEY)

    assert (refused.value.code, refused.value.field) == ("invalid_cursor", "cursor")


@pytest.mark.parametrize("value", [2**63, -(2**63), "a\0", "\x1b[2J", "\ufffe"])
def test_a_key_that_no_column_takes_is_refused_even_where_its_type_lets_it_through(
    value: object,
) -> None:
    with pytest.raises(BadRequestError):
        decode_cursor("leads", forged(json.dumps([value]).encode()), ANY_KEY)


def test_lists_are_distinguished_by_the_whole_of_their_names() -> None:
    long = "history of a-lead-with-a-long-id-"
    with pytest.raises(BadRequestError):
        decode_cursor(f"{long}2", encode_cursor(f"{long}1", (1,)), ANY_KEY)


def test_pages_end_when_there_is_no_row_too_many() -> None:
    rows = [1, 2, 3]

    shown, cursor = page("numbers", rows, 2, lambda n: (n,))
    assert list(shown) == [1, 2]
    assert decode_cursor("numbers", cursor, ANY_KEY) == (2,)
    assert page("numbers", rows, 3, lambda n: (n,)) == ([1, 2, 3], None)
    assert page("numbers", [], 3, lambda n: (n,)) == ([], None)
    assert Page[int](items=[1]).next_cursor is None
