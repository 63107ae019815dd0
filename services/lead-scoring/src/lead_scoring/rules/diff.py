"""Compares two rule sets, in the words of a rule file."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from lead_scoring.domain.rules import RuleSet

_TENTHS = frozenset({"points", "cap", "a", "b", "one", "two"})
"""Fields that hold tenths of a point."""

_CALLED = {
    "a": "fit.A",
    "b": "fit.B",
    "one": "engagement.1",
    "two": "engagement.2",
    "values": "in",
    "words": "contains_any",
    "expected": "present",
}
"""The name of a field in a rule file."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same; ``None`` where there is nothing on that side."""

    where: str
    before: str | None
    after: str | None


def differences(before: RuleSet, after: RuleSet) -> list[Difference]:
    """Everything that differs, in the order of the file; nothing when they mean the same."""
    old, new = _flat(before), _flat(after)
    return [
        Difference(where, old.get(where), new.get(where))
        for where in dict.fromkeys([*old, *new])
        if old.get(where) != new.get(where)
    ]


def _flat(rules: RuleSet) -> dict[str, str]:
    return dict(_lines(rules))


def _lines(rules: RuleSet) -> Iterator[tuple[str, str]]:
    yield "name", rules.name
    yield "description", rules.description
    yield "horizon_days", str(rules.horizon_days)
    yield from _fields("grades", asdict(rules.thresholds))
    yield "qualification.grades", ", ".join(sorted(rules.qualification.grades))
    yield "qualification.cool_down_days", str(rules.qualification.cool_down_days)
    for dimension in ("engagement", "fit"):
        for part in (*getattr(rules, f"{dimension}_groups"), *getattr(rules, f"{dimension}_rules")):
            yield from _fields(f"{dimension}.{part.id}", _plain(part))


def _plain(part: Any) -> dict[str, Any]:
    fields = {name: getattr(part, name) for name in part.__slots__ if name != "id"}
    condition = fields.pop("condition", None)
    return fields if condition is None else {**fields, **asdict(condition)}


def _fields(where: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if is_dataclass(value) and not isinstance(value, type):
            yield from _fields(f"{where}.{name}", asdict(value))
        elif value is not None and value != ():
            shown = value / 10 if name in _TENTHS else value
            yield f"{where}.{_CALLED.get(name, name)}", _text(shown)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
