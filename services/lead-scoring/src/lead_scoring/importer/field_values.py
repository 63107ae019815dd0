"""From a row to the value of one field: templates, times, lookups, casts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kakehashi_common.contracts.events import Scalar
from lead_scoring.importer.cell_values import (
    CAST_NAMES,
    CASTS,
    NotATimeError,
    instant_parser,
    municipality_code,
    narrowed,
    text_of,
)
from lead_scoring.importer.mapping_document import (
    FieldValue,
    MappingDocument,
    Time,
    template_columns,
)
from lead_scoring.importer.row import LINE, RejectedError, Row

Getter = Callable[[Row], object]

OMIT = object()
"""The value of a field that is left out."""


def filled(template: str) -> Callable[[Row], str]:
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
                raise RejectedError(
                    "empty", column, f"{column} is empty, and {template!r} needs it"
                )
            out.append(text)
        return "".join(out)

    return fill


def clock(time: Time, exported_at: datetime) -> Callable[[Row], datetime]:
    """Return what reads a row's time, in UTC."""
    if time.column is None:
        return lambda _: exported_at
    column, read = time.column, instant_in(time.column, time)

    def instant(row: Row) -> datetime:
        if text_of(row.values.get(column)):
            return read(row)
        if time.empty == "export":
            return exported_at
        raise RejectedError("empty", column, f"{column} is empty; an event needs its time")

    return instant


def instant_in(column: str, time: Time) -> Callable[[Row], datetime]:
    """Return what reads the time in a column that is not empty."""
    zone = None if time.timezone is None else ZoneInfo(time.timezone)
    parse = instant_parser(time.format)

    def instant(row: Row) -> datetime:
        text = text_of(row.values.get(column))
        try:
            value = parse(text)
            if value.tzinfo is None:
                if zone is None:
                    raise RejectedError(
                        "no_utc_offset",
                        column,
                        f"{text!r} has no UTC offset; give one, or name the mapping's timezone",
                    )
                value = value.replace(tzinfo=zone)
            return value.astimezone(UTC)
        except NotATimeError as error:
            raise RejectedError("not_a_time", column, str(error)) from None
        except (ValueError, OverflowError):
            raise RejectedError(
                "not_a_time", column, f"{text!r} is out of the calendar's range"
            ) from None

    return instant


def getter(field: str, value: FieldValue, document: MappingDocument) -> Getter:
    """Return what reads the value of ``field`` from a row; it may be `OMIT`."""
    raw = _raw(value, document.time)
    column = next(iter(value.columns()), None)
    if column is None:
        return raw
    has_default = "default" in value.model_fields_set
    translate = _translator(column, value, _lookups(document))

    def get(row: Row) -> object:
        found = raw(row)
        if found is not None and found != "":
            return translate(row, found)
        if has_default:
            return value.default
        if value.required:
            raise RejectedError("empty", column, f"{column} is empty, and {field} needs it")
        return OMIT

    return get


def _lookups(document: MappingDocument) -> Mapping[str, Mapping[str, Scalar]]:
    """Return the lookups, with keys that are written as values are after normalisation."""
    if document.normalise is None:
        return document.lookups
    return {
        name: {narrowed(key): to for key, to in table.items()}
        for name, table in document.lookups.items()
    }


def _translator(
    column: str, value: FieldValue, lookups: Mapping[str, Mapping[str, Scalar]]
) -> Callable[[Row, object], object]:
    """The lookup and the cast of a field, for a value that is there."""
    table = None if value.lookup is None else lookups[value.lookup]
    has_default = "default" in value.model_fields_set
    cast = CASTS.get(value.cast or "")

    def translate(row: Row, found: object) -> object:
        if table is not None:
            key = text_of(found)
            if key in table:
                found = table[key]
            elif has_default:
                return value.default
            else:
                raise RejectedError(
                    f"not_in_{value.lookup}",
                    column,
                    f"{key!r} is not in the lookup {value.lookup!r} of the mapping",
                )
        if value.cast == "municipality":
            return _municipality(row, column, text_of(found), value.prefecture)
        if cast is None:
            return found
        try:
            return cast(text_of(found))
        except ValueError:
            raise RejectedError(
                f"no_{value.cast}", column, f"{found!r} is no {CAST_NAMES[value.cast or '']}"
            ) from None

    return translate


def _municipality(row: Row, column: str, name: str, prefecture: str | None) -> str:
    within = "" if prefecture is None else text_of(row.values.get(prefecture))
    try:
        return municipality_code(name, within)
    except ValueError as error:
        raise RejectedError("no_municipality", column, str(error)) from None


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
    from_start, to_end = instant_in(start, time), instant_in(end, time)

    def hours(row: Row) -> object:
        if not text_of(row.values.get(start)) or not text_of(row.values.get(end)):
            return None
        return round((to_end(row) - from_start(row)) / timedelta(hours=1), 2)

    return hours
