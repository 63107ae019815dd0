"""Reading a mapping file: YAML, with the line of every mistake."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kakehashi_common import yaml_reader
from lead_scoring.importer.mapping_document import MappingDocument, Rule


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a mapping file."""

    line: int | None
    reason: str

    def __str__(self) -> str:
        return self.reason if self.line is None else f"line {self.line}: {self.reason}"


class MappingFileError(ValueError):
    """A mapping file that can't be used; ``problems`` names each line and reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@cache
def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    return yaml


def read_mapping(text: str) -> MappingDocument:
    """Read a mapping file.

    Raises:
        MappingFileError: with the line and reason of every mistake.
    """
    report = yaml_reader.Report()
    yaml_reader.read(text, report)
    if report.problems:
        raise MappingFileError([Problem(each.line, each.reason) for each in report.problems])
    try:
        document = _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        raise MappingFileError([Problem(line, f"no YAML: {error.problem}")]) from None
    except YAMLError as error:
        raise MappingFileError([Problem(None, f"no YAML: {error}")]) from None
    if not isinstance(document, CommentedMap):
        raise MappingFileError([Problem(1, "the file must be a mapping with format, source, …")])
    try:
        mapping = MappingDocument.model_validate(_keys_as_text(document))
    except ValidationError as error:
        problems = [
            Problem(_line_of(document, found["loc"]), _reason(found["loc"], dict(found)))
            for found in error.errors(include_url=False)
        ]
        raise MappingFileError(sorted(problems, key=lambda p: p.line or 0)) from None
    problems = [
        Problem(_line_of(document, location), reason) for location, reason in _conflicts(mapping)
    ]
    if problems:
        raise MappingFileError(problems)
    return mapping


def _conflicts(mapping: MappingDocument) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield the place and reason of each contradiction between valid parts."""
    names: set[str] = set()
    for number, rule in enumerate(mapping.rules):
        if rule.name in names:
            reason = f"another rule is named {rule.name!r}; the name is part of an event's id"
            yield ("rules", number, "name"), reason
        names.add(rule.name)
        if wrong := _wrong_with_the_export(mapping, rule):
            yield ("rules", number), wrong
        for field, value in rule.data.items():
            if value.lookup is not None and value.lookup not in mapping.lookups:
                location = ("rules", number, "data", field, "lookup")
                yield location, f"there is no lookup {value.lookup!r}"


def _wrong_with_the_export(mapping: MappingDocument, rule: Rule) -> str | None:
    profile = rule.event == "profile_changed"
    if (rule.time or mapping.time).empty == "export":
        if not profile:
            return (
                f"{rule.event} needs the time at which it happened: only profile_changed, which"
                " says how things are, can be dated by the export"
            )
        if not mapping.snapshot:
            return "the next export has another date: what is dated by it needs snapshot: true"
    if mapping.snapshot and profile and mapping.id is None and rule.id is None:
        return "with snapshot: true a record needs an id by which the next export knows it"
    return None


def _keys_as_text(node: Any) -> Any:
    """Keys of a lookup or condition such as ``1: officer`` compare as the text in the file."""
    if isinstance(node, dict):
        return {str(key): _keys_as_text(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_keys_as_text(item) for item in node]
    return node


def _line_of(document: CommentedMap, location: tuple[int | str, ...]) -> int | None:
    """The line of the deepest node on the way that the file has."""
    node: Any = document
    line = 1
    for step in location:
        if isinstance(node, CommentedMap):
            step = {"one_of": "in"}.get(str(step), step)  # noqa: PLW2901
            key = next((k for k in node if str(k) == str(step)), None)
            if key is None:
                break
            line = node.lc.key(key)[0] + 1
            node = node[key]
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = node.lc.item(step)[0] + 1
            node = node[step]
        else:
            break
    return line


_REASONS = {
    "extra_forbidden": "is not known here",
    "missing": "is missing",
}


def _reason(location: tuple[int | str, ...], found: dict[str, Any]) -> str:
    message = _REASONS.get(found["type"]) or str(found["msg"]).removeprefix("Value error, ")
    path = ".".join(str(step + 1) if isinstance(step, int) else step for step in location)
    if not path:
        return message
    return f"{path} {message}" if found["type"] in _REASONS else f"{path}: {message}"
