"""The requests in READMEs are accepted by the services.

Calls are checked against the committed OpenAPI documents, records against the topics' contracts.

The shell runs each document's blocks as a reader pastes them, with a `curl` that records its
arguments and returns everything that a later line reads.
"""

import json
import os
import re
import runpy
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import aiokafka
import pytest
from jsonschema import Draft202012Validator

from deploy.local.bootstrap import ROOT
from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.contracts.topics import TOPICS

PORTS: Final = {
    18080: "lead-scoring",
    18180: "budget-calendar",
    18280: "handoff",
    18380: "followup",
}
DOCUMENTS: Final[Mapping[str, dict[str, Any]]] = {
    service: json.loads((ROOT / "docs/openapi" / f"{service}.json").read_text())
    for service in PORTS.values()
}
READMES: Final = (ROOT / "README.md", *sorted(ROOT.glob("services/*/README.md")))
ISSUER: Final = 18090
BLOCK: Final = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PROGRAM: Final = re.compile(r"```python\n(.*?)```", re.DOTALL)
CALLING: Final = re.compile(r"\b(curl|ask) ")
LOCAL: Final = re.compile(r"http://127\.0\.0\.1:(\d+)")

CURL: Final = """#!{python}
import json, pathlib, sys
arguments = sys.argv[1:]
read = {{a: pathlib.Path(a[1:]).read_text() for a in arguments if a[:1] == "@"}}
with open({calls!r}, "a") as calls:
    calls.write(json.dumps([arguments, read]) + "\\n")
answer = json.dumps({{name: name for name in {names!r}}}, separators=(",", ":"))
if "-o" in arguments:
    pathlib.Path(arguments[arguments.index("-o") + 1]).write_text(answer)
else:
    print(answer)
"""
ANSWERED: Final = ("access_token", "handoff_id", "sequence_id", "approval_id")
"""The fields that later lines read out of an answer, by `sed`."""


@dataclass(frozen=True)
class Call:
    """One request to a service, and the scopes of its token."""

    service: str
    method: str
    path: str
    query: Sequence[tuple[str, str]]
    media_type: str | None
    body: str | None
    scopes: frozenset[str]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


def options() -> ArgumentParser:
    """Those of curl that documents use: another one is refused."""
    parser = ArgumentParser()
    for flag in ("-s", "-sf", "-G", "--retry-all-errors"):
        parser.add_argument(flag, action="store_true")
    for name in ("-o", "-w", "-D", "--retry", "--retry-delay"):
        parser.add_argument(name)
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument(
        "-d", "--data-binary", "--data-urlencode", dest="data", action="append", default=[]
    )
    parser.add_argument("url")
    return parser


def calls(document: Path, folder: Path) -> list[Call]:
    """Run a document's blocks that call something, and return their calls of services."""
    log = folder / "calls"
    tools = folder / "tools"
    (folder / "deploy/local").mkdir(parents=True)
    (folder / "deploy/local/stack.py").touch()  # whatever it would run writes nothing
    tools.mkdir()
    curl = CURL.format(python=sys.executable, calls=str(log), names=ANSWERED)
    stands_in = {"curl": curl, "grep": "#!/bin/sh\ncat\n", "sleep": "#!/bin/sh\n"}
    for name, text in stands_in.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    blocks = [each for each in BLOCK.findall(document.read_text()) if CALLING.search(each)]
    subprocess.run(
        ["/bin/bash", "-u", "-e", "-c", "\n".join(blocks)],
        cwd=folder,
        env={"PATH": f"{tools}:{Path(sys.executable).parent}:{os.defpath}", "LC_ALL": "C.UTF-8"},
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )
    return list(asked(log.read_text().splitlines()))


def asked(lines: Sequence[str]) -> Iterator[Call]:
    """Yield the calls of services; those of the issuer give them their scopes."""
    scopes: frozenset[str] = frozenset()
    for line in lines:
        arguments, read = json.loads(line)
        said = options().parse_args(arguments)
        local = LOCAL.match(said.url)
        port = 0 if local is None else int(local[1])
        if port == ISSUER:
            [granted] = [each for each in said.data if each.startswith("scope=")]
            scopes = frozenset(granted.removeprefix("scope=").split())
        if port not in PORTS:  # the mail server's pages
            continue
        url = urlsplit(said.url)
        headers = dict(each.lower().split(": ", 1) for each in said.headers)
        data = [read.get(each, each) for each in said.data]
        given = parse_qsl(url.query) + [
            (name, value) for each in data if said.G for name, _, value in [each.partition("=")]
        ]
        body = None if said.G or not data else "&".join(data)
        method = said.method or ("GET" if body is None else "POST")
        yield Call(
            PORTS[port],
            method,
            url.path,
            given,
            headers.get("content-type"),
            body,
            scopes,
        )


def mistakes(call: Call) -> Iterator[str]:
    """Yield what the service's description says against a call."""
    document = DOCUMENTS[call.service]
    found = [
        (operation, dict(zip(names(template), values, strict=True)))
        for template, operations in document["paths"].items()
        if (values := matched(template, call.path)) is not None
        and (operation := operations.get(call.method.lower())) is not None
    ]
    if not found:
        yield "no such operation"
        return
    operation, in_path = min(found, key=lambda each: len(each[1]))  # the most literal path
    given: dict[tuple[str, str], list[str]] = {}
    for name, value in call.query:
        given.setdefault(("query", name), []).append(value)
    given |= {("path", name): [value] for name, value in in_path.items()}
    declared = {(each["in"], each["name"]): each for each in operation.get("parameters", [])}
    for key in given.keys() - declared.keys():
        yield f"no parameter {key}"
    for key, parameter in declared.items():
        if key in given:
            if not any(valid(document, parameter["schema"], each) for each in meant(given[key])):
                yield f"{key} can't be {given[key]}"
        elif parameter["required"] and key[0] == "query":
            yield f"{key} is required"
    if not any(f"`{scope}`" in operation["description"] for scope in call.scopes):
        yield f"its scope is not among {sorted(call.scopes)}"
    yield from against_body(document, operation.get("requestBody"), call)


def against_body(document: Any, declared: Any, call: Call) -> Iterator[str]:
    """Yield the reasons why the body of a call is wrong."""
    if call.body is None:
        if declared is not None and declared.get("required"):
            yield "a body is required"
        return
    content = {} if declared is None else declared["content"]
    if call.media_type not in content:
        yield f"{call.media_type} is none of {list(content)}"
    elif call.media_type == "application/json":
        schema = content[call.media_type]["schema"] | {"components": document["components"]}
        for error in Draft202012Validator(schema).iter_errors(json.loads(call.body)):
            yield f"{error.json_path}: {error.message}"


def names(template: str) -> list[str]:
    return [each[1:-1] for each in template.split("/") if each.startswith("{")]


def matched(template: str, path: str) -> list[str] | None:
    """Return the values of a template's parameters in a path; ``None`` if it doesn't match."""
    parts, actual = template.split("/"), [unquote(each) for each in path.split("/")]
    if len(parts) != len(actual):
        return None
    pairs = list(zip(parts, actual, strict=True))
    if any(part != value for part, value in pairs if not part.startswith("{")):
        return None
    return [value for part, value in pairs if part.startswith("{")]


def meant(values: Sequence[str]) -> Iterator[Any]:
    """Yield the values that a parameter's text may stand for."""
    yield list(values)
    if len(values) == 1:
        yield values[0]
        if values[0].isdecimal():
            yield int(values[0])
        elif values[0] in {"true", "false"}:
            yield values[0] == "true"


def valid(document: Any, schema: Any, value: Any) -> bool:
    whole = schema | {"components": document["components"]}
    return bool(Draft202012Validator(whole).is_valid(value))


@pytest.mark.parametrize("readme", READMES, ids=lambda each: each.parent.name)
def test_the_calls_of_a_readme_are_taken(readme: Path, tmp_path: Path) -> None:
    made = calls(readme, tmp_path)

    assert made
    assert {str(each): said for each in made if (said := list(mistakes(each)))} == {}


@pytest.mark.parametrize(
    "readme",
    [each for each in READMES if PROGRAM.search(each.read_text())],
    ids=lambda each: each.parent.name,
)
def test_the_records_of_a_readme_are_read(
    readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, bytes, bytes, list[tuple[str, bytes]]]] = []

    class Producer:
        def __init__(self, **_: Any) -> None: ...

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None: ...

        async def send_and_wait(
            self, topic: str, value: bytes, key: bytes, headers: list[tuple[str, bytes]]
        ) -> None:
            sent.append((topic, value, key, headers))

    monkeypatch.setattr(aiokafka, "AIOKafkaProducer", Producer)
    for number, program in enumerate(PROGRAM.findall(readme.read_text())):
        file = tmp_path / f"{number}.py"
        file.write_text(program)
        runpy.run_path(str(file))

    [(name, value, key, headers)] = sent
    [topic] = [each for each in TOPICS if each.name == name]
    attributes = {said.removeprefix("ce_"): text.decode() for said, text in headers}
    event, _ = EventDecoder(topic.models).decode_object(
        attributes | {"data": json.loads(value)}, datetime.now(UTC)
    )
    assert key.decode() in event.data.model_dump(mode="json").values()
