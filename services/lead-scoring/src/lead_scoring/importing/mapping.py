"""From a row of a file to lead events, by a mapping: pure, a row in, events or a rejection out."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from kakehashi_common.contracts.events import Event, Scalar
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    LeadEventData,
    OutcomeRecorded,
    ProfileChanged,
)
from kakehashi_common.messaging.cloudevents import NEWEST, OLDEST
from lead_scoring.importing.cell_values import CAST_NAMES, CASTS, instant_parser, text_of
from lead_scoring.importing.mapping_file import (
    Condition,
    FieldValue,
    MappingDocument,
    Rule,
    Time,
    template_columns,
)

Values = Mapping[str, object]

LINE = "line"
"""A column that every row has: its line in the file."""

_MAX_ID = 200


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a line gave no event."""

    line: int
    column: str | None
    reason: str
    kind: str
    """What reasons of one kind have in common, whatever the value: for grouping, snake_case."""
    last_line: int | None = None
    """The last of several lines, all of which are rejected."""

    @property
    def lines(self) -> int:
        """How many physical lines are rejected."""
        return 1 if self.last_line is None else self.last_line - self.line + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: where it starts, and its values by column."""

    line: int
    values: Values
    last_line: int | None = None
    """Where it ends, if it takes several lines."""

    def rejected(self, kind: str, column: str | None, reason: str) -> Rejection:
        """Return why the whole record is rejected."""
        return Rejection(self.line, column, reason, kind, self.last_line)


class _RejectedError(Exception):
    def __init__(self, kind: str, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.column = column
        self.reason = reason


Getter = Callable[[Row], object]
Test = Callable[[Values], bool]


@dataclass(frozen=True, slots=True)
class _CompiledRule:
    name: str
    tests: tuple[Test, ...]
    model: type[ActivityRecorded | ProfileChanged | OutcomeRecorded]
    event_id: Callable[[Row], str] | None
    occurred_at: Callable[[Row], datetime]
    time_column: str
    fields: tuple[tuple[str, str | None, str | None, Getter], ...]
    """Field, key inside an open field, the column to blame, and where the value comes from."""


_OMIT = object()


class RowMapping:
    """A mapping file, made ready to be applied to many rows.

    ``now`` bounds the times that are believed, as the consumer does: at most 20 years old, at
    most a day ahead.
    """

    def __init__(self, document: MappingDocument, now: datetime) -> None:
        self.source = document.source
        self._lead_id = _template(document.lead_id)
        self._lead_column = _first_column(document.lead_id)
        self._row_id = _row_hash if document.id is None else _template(document.id)
        self._reject_unmatched = document.unmatched == "reject"
        self._rules = tuple(_compile(rule, document) for rule in document.rules)
        self._oldest, self._newest = now - OLDEST, now + NEWEST

    def events(self, row: Row) -> list[Event[LeadEventData]] | Rejection:
        """What ``row`` means: its events in the order of the rules, maybe none.

        A row is taken whole or not at all: one bad field rejects the line with all its events.
        """
        try:
            events = [self._event(rule, row) for rule in self._rules if _applies(rule, row)]
        except _RejectedError as rejected:
            return row.rejected(rejected.kind, rejected.column, rejected.reason)
        if not events and self._reject_unmatched:
            return row.rejected("no_rule", None, "no rule of the mapping applies to this line")
        return events

    def _event(self, rule: _CompiledRule, row: Row) -> Event[LeadEventData]:
        if rule.event_id is not None:
            event_id = rule.event_id(row)
        else:
            event_id = f"{self._row_id(row)}:{rule.name}"
        if len(event_id) > _MAX_ID:
            raise _RejectedError(
                "id_too_long", None, f"the event id is longer than {_MAX_ID} characters"
            )
        data: dict[str, Any] = {"lead_id": self._lead_id(row)}
        blame = {"lead_id": self._lead_column}
        for field, key, column, value_of in rule.fields:
            value = value_of(row)
            if value is _OMIT:
                continue
            if key is None:
                data[field] = value
                blame[field] = column
            else:
                data.setdefault(field, {})[key] = value
        try:
            content = rule.model.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = str(first["loc"][0]) if first["loc"] else ""
            reason = str(first["msg"]).removeprefix("Value error, ")
            said = f"{field}: {reason}" if field else reason
            raise _RejectedError(f"refused_{first['type']}", blame.get(field), said) from None
        return Event(event_id, self.source, self._believed(rule, row), content)

    def _believed(self, rule: _CompiledRule, row: Row) -> datetime:
        occurred_at = rule.occurred_at(row)
        if self._oldest <= occurred_at <= self._newest:
            return occurred_at
        raise _RejectedError(
            "time_out_of_range",
            rule.time_column,
            f"{occurred_at.isoformat()} is out of range:"
            " an event is at most 20 years old and at most one day ahead",
        )


def _applies(rule: _CompiledRule, row: Row) -> bool:
    return all(test(row.values) for test in rule.tests)


def _compile(rule: Rule, document: MappingDocument) -> _CompiledRule:
    fields = []
    for name, value in rule.data.items():
        field, _, key = name.partition(".")
        column = next(iter(value.columns()), None)
        fields.append((field, key or None, column, _getter(name, value, document)))
    return _CompiledRule(
        name=rule.name,
        tests=tuple(_test(column, condition) for column, condition in rule.when.items()),
        model=rule.model,
        event_id=_template(rule.id) if rule.id is not None else None,
        occurred_at=_clock(rule.time or document.time),
        time_column=(rule.time or document.time).column,
        fields=tuple(fields),
    )


def _first_column(template: str) -> str | None:
    return next((column for _, column in template_columns(template) if column), None)


def _template(template: str) -> Callable[[Row], str]:
    """Fill in a template of which no column may be empty."""
    parts = template_columns(template)

    def fill(row: Row) -> str:
        out = []
        for literal, column in parts:
            out.append(literal)
            if column is None:
                continue
            text = str(row.line) if column == LINE else text_of(row.values.get(column))
            if not text:
                raise _RejectedError(
                    "empty", column, f"{column} is empty, and {template!r} needs it"
                )
            out.append(text)
        return "".join(out)

    return fill


def _row_hash(row: Row) -> str:
    """A stable id for a row that has none: the same row on the same line, the same id."""
    content = json.dumps([row.line, dict(row.values)], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _test(column: str, condition: Condition) -> Test:
    choices = None if condition.one_of is None else frozenset(condition.one_of)
    excluded = frozenset(condition.not_in or ())
    pattern = None if condition.matches is None else re.compile(condition.matches)
    empty = condition.empty

    def holds(values: Values) -> bool:
        text = text_of(values.get(column))
        return (
            (choices is None or text in choices)
            and text not in excluded
            and (pattern is None or pattern.fullmatch(text) is not None)
            and (empty is None or empty == (not text))
        )

    return holds


def _clock(time: Time) -> Callable[[Row], datetime]:
    zone = None if time.timezone is None else ZoneInfo(time.timezone)
    parse = instant_parser(time.format)

    def instant(row: Row) -> datetime:
        text = text_of(row.values.get(time.column))
        if not text:
            raise _RejectedError(
                "empty", time.column, f"{time.column} is empty; an event needs its time"
            )
        try:
            value = parse(text)
            if value.tzinfo is None:
                if zone is None:
                    raise _RejectedError(
                        "no_utc_offset",
                        time.column,
                        f"{text!r} has no UTC offset; give one, or name the mapping's timezone",
                    )
                value = value.replace(tzinfo=zone)
            return value.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            raise _RejectedError(
                "not_a_time", time.column, f"{text!r} is no time in the format {time.format}"
            ) from None

    return instant


def _getter(field: str, value: FieldValue, document: MappingDocument) -> Getter:
    raw = _raw(value, document.time)
    column = next(iter(value.columns()), None)
    if column is None:
        return raw
    has_default = "default" in value.model_fields_set
    translate = _translator(column, value, document.lookups)

    def get(row: Row) -> object:
        found = raw(row)
        if found is not None and found != "":
            return translate(found)
        if has_default:
            return value.default
        if value.required:
            raise _RejectedError("empty", column, f"{column} is empty, and {field} needs it")
        return _OMIT

    return get


def _translator(
    column: str, value: FieldValue, lookups: Mapping[str, Mapping[str, Scalar]]
) -> Callable[[object], object]:
    """The lookup and the cast of a field, for a value that is there."""
    table = None if value.lookup is None else lookups[value.lookup]
    has_default = "default" in value.model_fields_set
    cast = CASTS.get(value.cast or "")

    def translate(found: object) -> object:
        if table is not None:
            key = text_of(found)
            if key in table:
                found = table[key]
            elif has_default:
                return value.default
            else:
                raise _RejectedError(
                    f"not_in_{value.lookup}",
                    column,
                    f"{key!r} is not in the lookup {value.lookup!r} of the mapping",
                )
        if cast is None:
            return found
        try:
            return cast(text_of(found))
        except ValueError:
            raise _RejectedError(
                f"no_{value.cast}", column, f"{found!r} is no {CAST_NAMES[value.cast or '']}"
            ) from None

    return translate


def _raw(value: FieldValue, time: Time) -> Getter:
    if value.template is not None:
        return _free_template(value.template)
    if value.hours_between is not None:
        return _duration(*value.hours_between, time)
    if value.column is not None:
        column = value.column

        def read(row: Row) -> object:
            found = row.values.get(column)
            return found.strip() if isinstance(found, str) else found

        return read
    return lambda _: value.const


def _free_template(template: str) -> Getter:
    """Fill in a template of which columns may be empty."""
    parts = template_columns(template)

    def fill(row: Row) -> str:
        out = []
        for literal, column in parts:
            out.append(literal)
            if column is not None:
                out.append(str(row.line) if column == LINE else text_of(row.values.get(column)))
        return "".join(out).strip()

    return fill


def _duration(start: str, end: str, time: Time) -> Getter:
    from_start = _clock(time.model_copy(update={"column": start}))
    to_end = _clock(time.model_copy(update={"column": end}))

    def hours(row: Row) -> object:
        if not text_of(row.values.get(start)) or not text_of(row.values.get(end)):
            return None
        return round((to_end(row) - from_start(row)) / timedelta(hours=1), 2)

    return hours
