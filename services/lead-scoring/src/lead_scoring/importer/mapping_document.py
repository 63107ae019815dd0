"""The model of a mapping file: which lead events a row of somebody's file means.

The format is documented in ``examples/README.md``.
"""

import re
from string import Formatter
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from kakehashi_common.contracts.events import EventData, Scalar, Slug
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    LeadEventData,
    LeadMerged,
    OutcomeRecorded,
    ProfileChanged,
)

EVENTS: dict[str, type[LeadEventData]] = {
    "activity_recorded": ActivityRecorded,
    "profile_changed": ProfileChanged,
    "outcome_recorded": OutcomeRecorded,
    "merged": LeadMerged,
}
"""The model of each event that a rule can name."""

OPEN_FIELDS = frozenset({"details", "attributes"})
"""Fields that take any key: ``details.campaign``."""


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
    if name in {"iso8601", "epoch_seconds", "epoch_milliseconds", "japanese"} or "%" in name:
        return name
    raise ValueError(
        f"{name!r} is no time format: use iso8601, epoch_seconds, epoch_milliseconds, japanese,"
        " or a pattern such as %Y/%m/%d %H:%M"
    )


def _formats_from_short_form(value: object) -> object:
    return [value] if isinstance(value, str) else value


Template = Annotated[str, Field(min_length=1), AfterValidator(_valid_template)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Time(_Strict):
    """The source of an event's instant: a column, the file's export, or both."""

    column: str | None = None
    format: Annotated[
        tuple[Annotated[str, AfterValidator(_valid_time_format)], ...],
        BeforeValidator(_formats_from_short_form),
        Field(min_length=1),
    ] = ("iso8601",)
    """The first that fits a value reads it."""
    timezone: Annotated[str, AfterValidator(_valid_zone)] | None = None
    """For values that carry no offset; without it they are rejected."""
    empty: Literal["reject", "export"] = "reject"
    """An empty value is a mistake (``reject``) or means the time of the export (``export``)."""

    @model_validator(mode="after")
    def _has_an_origin(self) -> Self:
        if self.column is None and self.empty == "reject":
            raise ValueError("name the column that says when, or write time: export")
        return self


def _time_from_short_form(value: object) -> object:
    """``export`` dates everything by the file's export."""
    return {"empty": "export"} if value == "export" else value


AnyTime = Annotated[Time, BeforeValidator(_time_from_short_form)]


class Condition(_Strict):
    """A test of one column; a rule applies when all that is given is true."""

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
    """The source of a field's value, and its conversion."""

    column: str | None = None
    template: Template | None = None
    const: Scalar = None
    hours_between: tuple[str, str] | None = None
    """Two columns with times in the mapping's format: hours from the first to the second."""
    lookup: str | None = None
    """A table of ``lookups`` that translates the value."""
    cast: Literal["str", "int", "float", "bool", "slug", "municipality"] | None = None
    prefecture: str | None = None
    """A column that says in which prefecture a municipality is; with ``cast: municipality``."""
    default: Scalar = None
    """Used for an empty value, and for one that the lookup does not have."""
    required: bool = False
    """Reject the line when the value is empty; otherwise the field is left out."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        origins = self.model_fields_set & {"column", "template", "const", "hours_between"}
        if len(origins) != 1:
            raise ValueError("give exactly one of column, template, const or hours_between")
        if self.prefecture is not None and self.cast != "municipality":
            raise ValueError("prefecture goes with cast: municipality")
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
    event: Literal["activity_recorded", "profile_changed", "outcome_recorded", "merged"]
    id: Template | None = None
    time: AnyTime | None = None
    data: dict[str, Annotated[FieldValue, BeforeValidator(_value_from_short_form)]]

    @property
    def model(self) -> type[LeadEventData]:
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
    snapshot: bool = False
    """Whether the file is a regular export of the current state, not a list of what happened.

    The id of a profile's event then carries its time: a record that changed is a new event.
    """
    time: AnyTime
    lead_id: Template
    normalise: Literal["nfkc"] | None = None
    """Normalisation of every text before anything else reads it."""
    lookups: dict[str, dict[str, Scalar]] = Field(default_factory=dict)
    unmatched: Literal["skip", "reject"] = "skip"
    """The treatment of a row to which no rule applies."""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @property
    def dated_by_export(self) -> bool:
        """Whether a row may be dated by the export."""
        return any((rule.time or self.time).empty == "export" for rule in self.rules)

    def columns(self) -> frozenset[str]:
        """Every column that the mapping reads."""
        used = {*_columns_of(self.lead_id), *_columns_of(self.id)}
        for rule in self.rules:
            used.update(rule.when)
            used.update(_columns_of(rule.id))
            used.update(filter(None, [(rule.time or self.time).column]))
            for value in rule.data.values():
                used.update(value.columns())
                used.update(filter(None, [value.prefecture]))
        return frozenset(used - {"line"})


def _columns_of(template: str | None) -> set[str]:
    if template is None:
        return set()
    return {column for _, column in template_columns(template) if column is not None}
