"""A mapping file: YAML that says which lead events a row of somebody's file means.

The format is documented in ``examples/README.md``. Reading reports every mistake with its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kakehashi_common.contracts.events import EventData, Scalar, Slug
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    OutcomeRecorded,
    ProfileChanged,
)

EVENTS: dict[str, type[ActivityRecorded | ProfileChanged | OutcomeRecorded]] = {
    "activity_recorded": ActivityRecorded,
    "profile_changed": ProfileChanged,
    "outcome_recorded": OutcomeRecorded,
}
"""What a rule's ``event`` may be."""

OPEN_FIELDS = frozenset({"details", "attributes"})
"""Fields that take any key: ``details.campaign``."""


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


def template_columns(template: str) -> tuple[tuple[str, str | None], ...]:
    """Split ``"{case}-{line}"`` into pairs of literal text and column.

    Raises:
        ValueError: a brace is unbalanced, or a column is empty or carries a format.
    """
    parts: list[tuple[str, str | None]] = []
    for literal, column, spec, conversion in Formatter().parse(template):
        if column is not None and (not column or spec or conversion):
            raise ValueError(
                f"template {template!r}: write {{column}}, without format or conversion"
            )
        parts.append((literal, column))
    return tuple(parts)


def _valid_template(template: str) -> str:
    template_columns(template)
    return template


def _valid_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone; write one such as Asia/Tokyo") from None
    return name


def _valid_regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern


def _valid_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"{name!r} is no text encoding; write utf-8 or cp932") from None
    return name


def _valid_time_format(name: str) -> str:
    if name in {"iso8601", "epoch_seconds", "epoch_milliseconds"} or "%" in name:
        return name
    raise ValueError(
        f"{name!r} is no time format: use iso8601, epoch_seconds, epoch_milliseconds,"
        " or a pattern such as %Y/%m/%d %H:%M"
    )


Template = Annotated[str, Field(min_length=1), AfterValidator(_valid_template)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Time(_Strict):
    """Where an event's instant comes from."""

    column: str
    format: Annotated[str, AfterValidator(_valid_time_format)] = "iso8601"
    timezone: Annotated[str, AfterValidator(_valid_zone)] | None = None
    """For values that carry no offset; without it they are rejected."""


class Condition(_Strict):
    """What one column must hold for a rule to apply; all that is given must be true."""

    one_of: tuple[str, ...] | None = Field(default=None, alias="in")
    not_in: tuple[str, ...] | None = None
    matches: Annotated[str, AfterValidator(_valid_regex)] | None = None
    empty: bool | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("asks nothing: give a value, in, not_in, matches or empty")
        return self


class FieldValue(_Strict):
    """Where a field's value comes from, and what is done to it on the way."""

    column: str | None = None
    template: Template | None = None
    const: Scalar = None
    hours_between: tuple[str, str] | None = None
    """Two columns with times in the mapping's format: hours from the first to the second."""
    lookup: str | None = None
    """A table of ``lookups`` that translates the value."""
    cast: Literal["str", "int", "float", "bool", "slug"] | None = None
    default: Scalar = None
    """Used for an empty value, and for one that the lookup does not have."""
    required: bool = False
    """Reject the line when the value is empty; otherwise the field is left out."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        origins = self.model_fields_set & {"column", "template", "const", "hours_between"}
        if len(origins) != 1:
            raise ValueError("give exactly one of column, template, const or hours_between")
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns that the value is made of; the first is blamed for a bad one."""
        if self.hours_between is not None:
            return self.hours_between[::-1]
        if self.template is not None:
            parts = template_columns(self.template)
            return tuple(column for _, column in parts if column is not None)
        return () if self.column is None else (self.column,)


def _value_from_short_form(value: object) -> object:
    """``"{a}-{b}"`` is a template, any other plain value is a constant."""
    if isinstance(value, str):
        return {"template": value}
    if value is None or isinstance(value, bool | int | float):
        return {"const": value}
    return value


def _condition_from_short_form(value: object) -> object:
    """A plain value must be equal; a list is a choice."""
    if isinstance(value, dict):
        return {
            key: [str(item) for item in asked] if isinstance(asked, list) else asked
            for key, asked in value.items()
        }
    if isinstance(value, list):
        return {"in": [str(item) for item in value]}
    return {"in": [str(value)]}


class Rule(_Strict):
    """One event that a row may mean."""

    name: Slug
    """Part of the event's id, so that renaming a rule makes new events."""
    when: dict[str, Annotated[Condition, BeforeValidator(_condition_from_short_form)]] = Field(
        default_factory=dict
    )
    event: Literal["activity_recorded", "profile_changed", "outcome_recorded"]
    id: Template | None = None
    time: Time | None = None
    data: dict[str, Annotated[FieldValue, BeforeValidator(_value_from_short_form)]]

    @property
    def model(self) -> type[ActivityRecorded | ProfileChanged | OutcomeRecorded]:
        """The contract model of the event."""
        return EVENTS[self.event]

    @model_validator(mode="after")
    def _fills_the_event(self) -> Self:
        model: type[EventData] = self.model
        fields = model.model_fields.keys() - {"lead_id"}
        for name in self.data:
            top, dot, _ = name.partition(".")
            if top not in fields or bool(dot) != (top in OPEN_FIELDS):
                known = ", ".join(f"{f}.*" if f in OPEN_FIELDS else f for f in sorted(fields))
                raise ValueError(f"{self.event} has no field {name!r}; it has {known}")
        missing = [
            name
            for name, field in model.model_fields.items()
            if field.is_required() and name != "lead_id" and name not in self.data
        ]
        if missing:
            raise ValueError(f"{self.event} needs {' and '.join(missing)}")
        return self


class MappingDocument(_Strict):
    """A whole mapping file."""

    format: Literal["csv", "ndjson"]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Annotated[str, AfterValidator(_valid_encoding)] = "utf-8-sig"
    lines_per_record: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """The most lines of one CSV record; its quotes are then believed. 1: no cell breaks a line."""
    source: Annotated[str, Field(min_length=1, max_length=200)]
    id: Template | None = None
    """The row's id; left out, a hash of the row and its line."""
    time: Time
    lead_id: Template
    lookups: dict[str, dict[str, Scalar]] = Field(default_factory=dict)
    unmatched: Literal["skip", "reject"] = "skip"
    """What happens to a row to which no rule applies."""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    def columns(self) -> frozenset[str]:
        """Every column that the mapping reads."""
        used = {self.time.column, *_columns_of(self.lead_id), *_columns_of(self.id)}
        for rule in self.rules:
            used.update(rule.when)
            used.update(_columns_of(rule.id))
            if rule.time is not None:
                used.add(rule.time.column)
            for value in rule.data.values():
                used.update(value.columns())
        return frozenset(used - {"line"})


def _columns_of(template: str | None) -> set[str]:
    if template is None:
        return set()
    return {column for _, column in template_columns(template) if column is not None}


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
    """What is wrong between parts that are right by themselves, and where."""
    names: set[str] = set()
    for number, rule in enumerate(mapping.rules):
        if rule.name in names:
            reason = f"another rule is named {rule.name!r}; the name is part of an event's id"
            yield ("rules", number, "name"), reason
        names.add(rule.name)
        for field, value in rule.data.items():
            if value.lookup is not None and value.lookup not in mapping.lookups:
                location = ("rules", number, "data", field, "lookup")
                yield location, f"there is no lookup {value.lookup!r}"


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
