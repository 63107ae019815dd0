from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Union

import pytest
from pydantic import BaseModel, Discriminator, Field, Tag, create_model

from kakehashi_common.contracts.compatibility import breaking_changes
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts_check import Store, bad_examples, stale_files, write


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Colour3(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Nested(BaseModel):
    inner: int


class NestedMore(BaseModel):
    inner: int
    more: str | None = None


class Began(BaseModel):
    kind: Literal["began"]


class BeganMore(BaseModel):
    kind: Literal["began"]
    more: str | None = None


class BeganStrict(BaseModel):
    kind: Literal["began"]
    more: str


class Ended(BaseModel):
    kind: Literal["ended"]


class Paused(BaseModel):
    kind: Literal["paused"]


class Other(BaseModel):
    kind: str


def known(*members: Any) -> Any:
    return Annotated[Union[members], Field(discriminator="kind")]  # noqa: UP007 - at run time


def with_other(*members: Any) -> Any:
    tagged = (Annotated[known(*members), Tag("known")], Annotated[Other, Tag("other")])
    return Annotated[Union[tagged], Discriminator(lambda _: "known")]  # noqa: UP007 - same


class NestedRenamed(BaseModel):
    inside: int


def schema(**fields: Any) -> dict[str, Any]:
    model: type[BaseModel] = create_model("Fact", **fields)
    return model.model_json_schema()


REQUIRED_TEXT = (str, ...)
OPTIONAL_TEXT = (str | None, None)

HARMLESS = {
    "nothing changed": (REQUIRED_TEXT, REQUIRED_TEXT),
    "a description is better": (
        (str, Field(description="old")),
        (str, Field(description="new", examples=["x"])),
    ),
    "a limit is looser": ((str, Field(max_length=5)), (str, Field(max_length=9))),
    "a limit is gone": ((int, Field(ge=1)), (int, ...)),
    "a nested object gains an optional field": ((Nested, ...), (NestedMore, ...)),
    "a member of a union gains an optional field": (
        (known(Began, Ended), ...),
        (known(BeganMore, Ended), ...),
    ),
    "a union that takes others gains a member": (
        (with_other(Began, Ended), ...),
        (with_other(Began, Ended, Paused), ...),
    ),
    "a list's item gains an optional field": ((list[Nested], ...), (list[NestedMore], ...)),
}

BREAKING = {
    "type narrowed": (OPTIONAL_TEXT, (str, "x"), "data.field may no longer be null"),
    "type changed": ((int, ...), REQUIRED_TEXT, "data.field may no longer be of type integer"),
    "type widened": (
        (int, ...),
        (int | str, ...),
        "data.field may now be of type string, which no reader expects",
    ),
    "made optional": (REQUIRED_TEXT, (str, "x"), "data.field is optional now"),
    "made required": (OPTIONAL_TEXT, (str | None, ...), "data.field is required now"),
    "enum value removed": ((Colour3, ...), (Colour, ...), "data.field may no longer be 'green'"),
    "enum value added": ((Colour, ...), (Colour3, ...), "data.field may now be 'green'"),
    "text becomes enum": (REQUIRED_TEXT, (Colour, ...), "data.field is now one of a list"),
    "literal value removed": (
        (Literal["a", "b"], ...),
        (Literal["a", "c"], ...),
        "data.field may no longer be 'b'",
    ),
    "limit tighter": (
        (str, Field(max_length=9)),
        (str, Field(max_length=5)),
        "data.field: maxLength was 9, is 5",
    ),
    "limit new": ((int, ...), (int, Field(ge=0)), "data.field: minimum was absent, is 0"),
    "pattern changed": (
        (str, Field(pattern="^a")),
        (str, Field(pattern="^b")),
        "data.field: pattern was '^a', is '^b'",
    ),
    "default changed": ((int, 1), (int, 2), "data.field has another default"),
    "nested field renamed": (
        (Nested, ...),
        (NestedRenamed, ...),
        "data.field.inner was removed or renamed",
    ),
    "list item's field renamed": (
        (list[Nested], ...),
        (list[NestedRenamed], ...),
        "data.field[].inner was removed or renamed",
    ),
    "a union gains a member": (
        (known(Began, Ended), ...),
        (known(Began, Ended, Paused), ...),
        "data.field may now be 'paused'",
    ),
    "a union loses a member": (
        (with_other(Began, Ended, Paused), ...),
        (with_other(Began, Ended), ...),
        "data.field may no longer be 'paused'",
    ),
    "a union no longer takes others": (
        (with_other(Began, Ended), ...),
        (known(Began, Ended), ...),
        "data.field may no longer be another kind",
    ),
    "a member of a union needs more": (
        (with_other(Began, Ended), ...),
        (with_other(BeganStrict, Ended), ...),
        "data.field<began>.more is new and required",
    ),
    "map's values changed": (
        (dict[str, int], ...),
        (dict[str, str], ...),
        "data.field[] may no longer be of type integer",
    ),
}


@pytest.mark.parametrize(("old", "new"), HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_changes_pass(old: Any, new: Any) -> None:
    assert breaking_changes(schema(field=old), schema(field=new)) == []


def test_an_optional_field_may_be_added() -> None:
    assert breaking_changes(schema(a=REQUIRED_TEXT), schema(a=REQUIRED_TEXT, b=OPTIONAL_TEXT)) == []


@pytest.mark.parametrize(("old", "new", "said"), BREAKING.values(), ids=BREAKING.keys())
def test_breaking_changes_are_named(old: Any, new: Any, said: str) -> None:
    found = breaking_changes(schema(field=old), schema(field=new))
    assert any(line.startswith(said) for line in found), found


def test_a_removed_and_a_new_required_field_are_named() -> None:
    found = breaking_changes(schema(a=OPTIONAL_TEXT), schema(b=REQUIRED_TEXT))
    assert "data.a was removed or renamed" in found
    assert "data.b is new and required: events of today don't have it" in found


class Happened(EventData):
    """Something happened."""

    TYPE: ClassVar[str] = "jp.kakehashi.test.happened.v1"

    what: str


def test_a_missing_an_outdated_and_an_orphaned_schema_are_named(tmp_path: Path) -> None:
    store, events = Store(tmp_path), {Happened.TYPE: Happened}
    assert list(stale_files(store, events)) == [
        f"{Happened.TYPE}: has no committed schema; run with --write"
    ]
    write(store, events)
    assert list(stale_files(store, events)) == []
    committed = store.schemas / f"{Happened.TYPE}.json"
    committed.write_text(committed.read_text(encoding="utf-8").replace("Something", "It"))
    (store.schemas / "jp.kakehashi.test.gone.v1.json").write_text("{}")
    assert list(stale_files(store, events)) == [
        f"{Happened.TYPE}: the committed schema is out of date; run with --write",
        "schemas/jp.kakehashi.test.gone.v1.json: belongs to no event; an event is never taken back",
    ]


def test_an_example_that_no_longer_parses_or_belongs_to_nothing_is_named(tmp_path: Path) -> None:
    store, events = Store(tmp_path), {Happened.TYPE: Happened}
    folder = store.examples / Happened.TYPE
    folder.mkdir(parents=True)
    head = f'{{"id": "1", "source": "s", "type": "{Happened.TYPE}", "time": "2025-04-01T00:00:00Z"'
    (folder / "good.json").write_text(head + ', "data": {"what": "雨"}}')
    assert list(bad_examples(store, events)) == []
    (folder / "old.json").write_text(head + ', "data": {"wath": "雨"}}')
    orphan = store.examples / "jp.kakehashi.test.gone.v1" / "any.json"
    orphan.parent.mkdir()
    orphan.write_text("{}")
    found = list(bad_examples(store, events))
    assert found[0].startswith("examples/jp.kakehashi.test.gone.v1/any.json: belongs to no event")
    assert found[1].endswith("old.json: no longer parses: data.what is missing: add it")
