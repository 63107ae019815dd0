"""Whether a changed JSON Schema still means the same to those who publish and those who read.

A version of an event only ever gains optional fields. Whatever else changes breaks somebody: a
publisher whose events are refused now, or a reader that meets values it does not know. Limits
may be loosened; texts (title, description, examples) may change.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_TEXTS = frozenset({"title", "description", "examples", "$schema", "$id", "$comment", "$defs"})
_STRUCTURE = frozenset(
    {"properties", "required", "items", "anyOf", "oneOf", "discriminator", "additionalProperties"}
)
_LOWER_BOUNDS = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER_BOUNDS = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return one sentence per change that needs a new version of the event."""
    return list(_compare("data", _resolve(old, old), _resolve(new, new)))


def _compare(path: str, old: Schema, new: Schema) -> Iterator[str]:
    old_kinds, new_kinds = _kinds(old), _kinds(new)
    for kind in old_kinds.keys() - new_kinds.keys():
        yield f"{path} may no longer be {_named(kind)}"
    for kind in new_kinds.keys() - old_kinds.keys():
        yield f"{path} may now be {_named(kind)}, which no reader expects"
    for kind in old_kinds.keys() & new_kinds.keys():
        yield from _compare_kind(path, old_kinds[kind], new_kinds[kind])
    if _default(old) != _default(new):
        yield f"{path} has another default"


def _compare_kind(path: str, old: Schema, new: Schema) -> Iterator[str]:
    yield from _properties(path, old, new)
    yield from _variants(path, _variants_of(old), _variants_of(new))
    for keyword in ("items", "additionalProperties"):
        before, after = _nested(old, keyword), _nested(new, keyword)
        if (before is None) != (after is None):
            yield f"{path}: {keyword} was {'added' if before is None else 'removed'}"
        elif before is not None and after is not None:
            yield from _compare(f"{path}[]", before, after)
    for keyword in sorted((old.keys() | new.keys()) - _TEXTS - _STRUCTURE - {"type", "default"}):
        if keyword == "enum":
            yield from _enum(path, old.get("enum"), new.get("enum"))
        elif not _loosened(keyword, old.get(keyword), new.get(keyword)):
            yield (
                f"{path}: {keyword} was {_shown(old.get(keyword))}, is {_shown(new.get(keyword))}"
            )


def _properties(path: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    for name in before.keys() - after.keys():
        yield f"{path}.{name} was removed or renamed"
    for name in after.keys() - before.keys():
        if name in is_required:
            yield f"{path}.{name} is new and required: events of today don't have it"
    for name in sorted(before.keys() & after.keys()):
        if name in is_required - was_required:
            yield f"{path}.{name} is required now: events of today may lack it"
        if name in was_required - is_required:
            yield f"{path}.{name} is optional now: readers of today count on it"
        yield from _compare(f"{path}.{name}", before[name], after[name])


def _variants(
    path: str, old: Mapping[str | None, Schema], new: Mapping[str | None, Schema]
) -> Iterator[str]:
    """Compare what the tag of a discriminated union distinguishes.

    One without a tag takes what is added later, whatever it holds.
    """
    for tag in old.keys() - new.keys():
        yield f"{path} may no longer be {'another kind' if tag is None else repr(tag)}"
    for tag in new.keys() - old.keys():
        if None not in old:
            yield f"{path} may now be {tag!r}, which readers of today refuse"
    for tag in sorted(filter(None, old.keys() & new.keys())):
        yield from _compare(f"{path}<{tag}>", old[tag], new[tag])


def _variants_of(schema: Schema) -> dict[str | None, Schema]:
    """Return the members of a discriminated union by their tag: the constant that they hold."""
    found: dict[str | None, Schema] = {}
    for member in schema.get("oneOf", ()):
        if "oneOf" in member:
            found |= _variants_of(member)
        else:
            fields = member.get("properties", {}).values()
            found[next((each["const"] for each in fields if "const" in each), None)] = member
    return found


def _enum(path: str, old: list[Any] | None, new: list[Any] | None) -> Iterator[str]:
    if old is None or new is None:
        yield f"{path} is {'now' if old is None else 'no longer'} one of a list of values"
        return
    for value in old:
        if value not in new:
            yield f"{path} may no longer be {value!r}"
    for value in new:
        if value not in old:
            yield f"{path} may now be {value!r}, which readers of today refuse"


def _loosened(keyword: str, old: Any, new: Any) -> bool:
    if old == new or (new is None and keyword in _LOWER_BOUNDS | _UPPER_BOUNDS):
        return True
    if old is None or new is None:
        return False
    if keyword in _LOWER_BOUNDS:
        return bool(new <= old)
    if keyword in _UPPER_BOUNDS:
        return bool(new >= old)
    return False


def _kinds(schema: Schema) -> dict[str, Schema]:
    """Return the alternatives by their JSON type."""
    alternatives = schema.get("anyOf", [schema])
    kinds: dict[str, Schema] = {}
    for alternative in alternatives:
        types = alternative.get("type", "anything")
        for kind in [types] if isinstance(types, str) else types:
            kinds[kind] = alternative
    return kinds


def _nested(schema: Schema, keyword: str) -> Schema | None:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else None


def _default(schema: Schema) -> Any:
    """Tell an absent default from ``null``."""
    return schema.get("default", _default)


def _resolve(schema: Any, root: Schema) -> Any:
    """Return ``schema`` with every ``$ref`` into the root's ``$defs`` replaced by its target."""
    if isinstance(schema, list):
        return [_resolve(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**_resolve(target, root), **{k: v for k, v in schema.items() if k != "$ref"}}
    return {key: _resolve(value, root) for key, value in schema.items()}


def _named(kind: str) -> str:
    return kind if kind in {"null", "anything"} else f"of type {kind}"


def _shown(value: Any) -> str:
    return "absent" if value is None else repr(value)
