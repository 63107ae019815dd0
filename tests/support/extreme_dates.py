"""Requests with the first and the last day that there is, made of an API's description."""

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

EXTREMES: Final = (
    {"date": "0001-01-01", "date-time": "0001-01-01T00:00:00+09:00"},
    {"date": "9999-12-31", "date-time": "9999-12-31T23:59:59Z"},
    {"date": "2100-04-01", "date-time": "2100-04-01T12:00:00+09:00"},
)
"""By format, the ends of what a date can be, and a fiscal year that nobody has numbers of.

The ends of an instant are such as lie in no year at all in UTC, or in Japan.
"""

_IN_A_PATH: Final = {
    "absence_id": "new-year-2027",
    "code": "102032",
    "fiscal_year": "2027",
    "key": "request_deadline",
    "lead_id": "crm-48213",
    "member_id": "s-1042",
    "pursuit_id": "deal-4711",
    "subsidy_id": "digital-example",
}
"""Ids that the examples of the bodies create or name."""

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Request:
    """One request, and which date of it is extreme."""

    what: str
    method: str
    path: str
    sees_an_etag: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None
    body: Any = None


def changes(api: Mapping[str, Any], names: Mapping[str, str] = _IN_A_PATH) -> Iterator[Request]:
    """Yield each request of ``api`` whose body has a date, with that date at each extreme.

    First come the examples that have an id, so that what a path names is there.

    Args:
        api: its OpenAPI document.
        names: the values of the parameters of paths; requests with others are left out.
    """
    for method, path, operation in _operations(api, names):
        sees = any(each["name"] == "if-match" for each in operation.get("parameters", ()))
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            for what, body in _bodies(api, content):
                named = f"{method.upper()} {path} {what}"
                yield Request(named, method, path, sees, media_type=media_type, body=body)


def reads(api: Mapping[str, Any], names: Mapping[str, str] = _IN_A_PATH) -> Iterator[Request]:
    """Yield each GET of ``api`` as it is, and with each of its dates at each extreme."""
    for method, path, operation in _operations(api, names):
        if method != "get":
            continue
        yield Request(f"GET {path}", method, path)
        for each in operation.get("parameters", ()):
            for _, format_ in _dates(api, each["schema"]):
                for extreme in EXTREMES:
                    given = {each["name"]: extreme[format_]}
                    yield Request(f"GET {path} {given}", method, path, parameters=given)


async def answers(http: httpx.AsyncClient, requests: Iterable[Request]) -> dict[str, int]:
    """Send requests one after another; return each with the status of its answer."""
    found: dict[str, int] = {}
    for each in requests:
        headers = {} if each.media_type is None else {"content-type": each.media_type}
        if each.sees_an_etag:
            headers["if-match"] = await _etag(http, each.path)
        content = None if each.body is None else json.dumps(each.body).encode()
        answer = await http.request(
            each.method, each.path, params=each.parameters, headers=headers, content=content
        )
        found[each.what] = answer.status_code
    return found


async def _etag(http: httpx.AsyncClient, path: str) -> str:
    """Return the ETag of the edited resource: shown at its path, or as a part of the one above."""
    for each in (path, path.rpartition("/")[0]):
        etag: str | None = (await http.get(each)).headers.get("etag")
        if etag is not None:
            return etag
    raise AssertionError(f"{path} takes an If-Match and nothing shows an ETag")


def _operations(
    api: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield those whose path ``names`` can fill."""
    for template, methods in api["paths"].items():
        for method, operation in methods.items():
            path = _filled(template, operation.get("parameters", []), names)
            if path is not None:
                yield method, path, operation


def _filled(path: str, parameters: list[Any], names: Mapping[str, str]) -> str | None:
    """Return the path of an existing resource; ``None`` if there is none of the kind."""
    needed = {each["name"] for each in parameters if each["in"] == "path"}
    return path.format_map(names) if needed <= names.keys() else None


def _bodies(api: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    dates = sorted(set(_dates(api, content["schema"])), key=str)
    if not dates:
        return
    examples = [each["value"] for each in content["examples"].values()]
    shown = {place for place, _ in dates if any(_holds(body, place) for body in examples)}
    assert shown == {place for place, _ in dates}, "an example has to have room for every date"
    for number, example in enumerate(examples):
        if "id" in example:
            yield f"example {number}", example
        here = [(place, format_) for place, format_ in dates if _holds(example, place)]
        for extreme in EXTREMES:
            for some in [[each] for each in here] + [here] * (len(here) > 1):
                body = deepcopy(example)
                for place, format_ in some:
                    _put(body, place, extreme[format_])
                names = ", ".join(".".join(map(str, place)) for place, _ in some)
                what = f"example {number}, {names} = {extreme['date']}"
                _be_new(body, what)
                yield what, body


def _dates(api: Mapping[str, Any], schema: Any, at: Place = ()) -> Iterator[tuple[Place, str]]:
    """Yield the places of dates in a schema, and whether they have a time."""
    if "$ref" in schema:
        schema = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("format") in EXTREMES[0]:
        yield at, schema["format"]
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _dates(api, each, at)
    for name, each in schema.get("properties", {}).items():
        yield from _dates(api, each, (*at, name))
    if "items" in schema:
        yield from _dates(api, schema["items"], (*at, 0))


def _holds(body: Any, place: Place) -> bool:
    """Whether the containers around that place exist."""
    for part in place[:-1]:
        if isinstance(part, int) and isinstance(body, list) and body:
            body = body[part]
        elif isinstance(body, dict) and body.get(str(part)):
            body = body[str(part)]
        else:
            return False
    return isinstance(body, list if isinstance(place[-1], int) else dict)


def _put(body: Any, place: Place, value: str) -> None:
    for part in place[:-1]:
        body = body[part]
    body[place[-1]] = value


def _be_new(body: Any, identity: str) -> None:
    """Give a resource with an id of its own another one: a repeat would be refused unread."""
    for each in body if isinstance(body, list) else [body]:
        if "id" in each:
            each["id"] = "x" + "".join(c for c in identity if c.isalnum())[-60:].lower()
