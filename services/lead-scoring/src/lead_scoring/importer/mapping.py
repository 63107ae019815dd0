"""From a row of a file to lead events, by a mapping: pure, a row in, events or a rejection out."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from kakehashi_common.cloudevents.times import NEWEST, OLDEST
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_events import LeadEventData
from lead_scoring.importer.cell_values import narrowed, text_of
from lead_scoring.importer.field_values import OMIT, Getter, clock, filled, getter
from lead_scoring.importer.mapping_document import (
    Condition,
    MappingDocument,
    Rule,
    template_columns,
)
from lead_scoring.importer.row import RejectedError, Rejection, Row, Values

_MAX_ID = 200

Test = Callable[[Values], bool]


@dataclass(frozen=True, slots=True)
class _CompiledRule:
    name: str
    tests: tuple[Test, ...]
    model: type[LeadEventData]
    event_id: Callable[[Row], str] | None
    occurred_at: Callable[[Row], datetime]
    time_column: str | None
    dated_id: bool
    """Whether the event's id carries its time: a snapshot's next statement is another event."""
    fields: tuple[tuple[str, str | None, str | None, Getter], ...]
    """Field, key inside an open field, the column to blame, and where the value comes from."""


class RowMapping:
    """A mapping file, made ready to be applied to many rows.

    ``now`` bounds the times that are believed, as the consumer does: at most 20 years old, at
    most a day ahead. ``exported_at`` is the time of what a mapping dates by the export; ``now`` if
    left out.
    """

    def __init__(
        self, document: MappingDocument, now: datetime, exported_at: datetime | None = None
    ) -> None:
        self.source = document.source
        self.now = now
        self._lead_id = filled(document.lead_id)
        self._lead_column = _first_column(document.lead_id)
        self._row_id = _row_hash if document.id is None else filled(document.id)
        self._reject_unmatched = document.unmatched == "reject"
        self._rules = tuple(_compile(rule, document, exported_at or now) for rule in document.rules)
        self._narrowed = document.columns() if document.normalise else frozenset()
        self._oldest, self._newest = now - OLDEST, now + NEWEST

    def events(self, row: Row) -> list[Event[LeadEventData]] | Rejection:
        """Return the events of ``row`` in the order of the rules, maybe none.

        A row is taken whole or not at all: one bad field rejects the line with all its events.
        """
        if self._narrowed:
            row = Row(row.line, self._narrow(row.values), row.last_line)
        try:
            events = [self._event(rule, row) for rule in self._rules if _applies(rule, row)]
        except RejectedError as rejected:
            return row.rejected(rejected.kind, rejected.column, rejected.reason)
        if not events and self._reject_unmatched:
            return row.rejected("no_rule", None, "no rule of the mapping applies to this line")
        return events

    def _narrow(self, values: Values) -> Values:
        texts = {name: values.get(name) for name in self._narrowed}
        return {
            **values,
            **{name: narrowed(text) for name, text in texts.items() if isinstance(text, str)},
        }

    def _event(self, rule: _CompiledRule, row: Row) -> Event[LeadEventData]:
        if rule.event_id is not None:
            event_id = rule.event_id(row)
        else:
            event_id = f"{self._row_id(row)}:{rule.name}"
        occurred_at = self._believed(rule, row)
        if rule.dated_id:
            event_id = f"{event_id}:{occurred_at.isoformat()}"
        if len(event_id) > _MAX_ID:
            raise RejectedError(
                "id_too_long", None, f"the event id is longer than {_MAX_ID} characters"
            )
        data: dict[str, Any] = {"lead_id": self._lead_id(row)}
        blame = {"lead_id": self._lead_column}
        for field, key, column, value_of in rule.fields:
            value = value_of(row)
            if value is OMIT:
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
            raise RejectedError(f"refused_{first['type']}", blame.get(field), said) from None
        return Event(event_id, self.source, occurred_at, content)

    def _believed(self, rule: _CompiledRule, row: Row) -> datetime:
        occurred_at = rule.occurred_at(row)
        if self._oldest <= occurred_at <= self._newest:
            return occurred_at
        raise RejectedError(
            "time_out_of_range",
            rule.time_column,
            f"{occurred_at.isoformat()} is out of range:"
            " an event is at most 20 years old and at most one day ahead",
        )


def _applies(rule: _CompiledRule, row: Row) -> bool:
    return all(test(row.values) for test in rule.tests)


def _compile(rule: Rule, document: MappingDocument, exported_at: datetime) -> _CompiledRule:
    time = rule.time or document.time
    fields = []
    for name, value in rule.data.items():
        field, _, key = name.partition(".")
        column = next(iter(value.columns()), None)
        fields.append((field, key or None, column, getter(name, value, document)))
    return _CompiledRule(
        name=rule.name,
        tests=tuple(_test(column, condition, document) for column, condition in rule.when.items()),
        model=rule.model,
        event_id=filled(rule.id) if rule.id is not None else None,
        occurred_at=clock(time, exported_at),
        time_column=time.column,
        dated_id=document.snapshot and rule.event == "profile_changed",
        fields=tuple(fields),
    )


def _first_column(template: str) -> str | None:
    return next((column for _, column in template_columns(template) if column), None)


def _row_hash(row: Row) -> str:
    """A stable id for a row that has none: the same row on the same line, the same id."""
    content = json.dumps([row.line, dict(row.values)], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _test(column: str, condition: Condition, document: MappingDocument) -> Test:
    as_read = narrowed if document.normalise else str
    choices = None if condition.one_of is None else frozenset(map(as_read, condition.one_of))
    excluded = frozenset(map(as_read, condition.not_in or ()))
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
