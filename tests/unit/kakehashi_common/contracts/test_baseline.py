"""A breaking change is found although the committed schema was edited along with the model."""

import json
import subprocess
from pathlib import Path
from typing import ClassVar

import pytest

from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts_check import (
    Store,
    baseline,
    broken_promises,
    changed_since,
    write,
)

TYPE = "jp.kakehashi.test.happened.v1"


class Promised(EventData):
    TYPE: ClassVar[str] = TYPE
    name: str
    note: str | None = None


class Grown(EventData):
    TYPE: ClassVar[str] = TYPE
    name: str
    note: str | None = None
    more: str | None = None


class Broken(EventData):
    TYPE: ClassVar[str] = TYPE
    title: str
    note: str | None = None


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.jp", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def commit(store: Store, model: type[EventData]) -> None:
    write(store, {TYPE: model})
    git(store.folder, "add", "-A")
    git(store.folder, "commit", "-qm", model.__name__)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A repository whose first commit promises ``Promised``, with an example."""
    git(tmp_path, "init", "-q", "-b", "main")
    store = Store(tmp_path)
    (store.examples / TYPE).mkdir(parents=True)
    (store.examples / TYPE / "one.json").write_text(json.dumps({"type": TYPE}), encoding="utf-8")
    commit(store, Promised)
    return store


@pytest.mark.parametrize(
    "promise",
    [("tag", "v1.0.0"), ("update-ref", "refs/remotes/origin/main", "HEAD")],
    ids=["a release", "origin/main"],
)
def test_a_promise_is_broken_by_a_commit_and_kept_by_growth(
    store: Store, promise: tuple[str, ...]
) -> None:
    git(store.folder, *promise)
    commit(store, Grown)
    ref = baseline(store.folder)
    assert ref is not None
    assert list(changed_since(ref, store, {TYPE: Grown})) == []

    commit(store, Broken)
    assert list(broken_promises(store, {TYPE: Broken})) == []
    found = " ".join(changed_since(ref, store, {TYPE: Broken}))
    assert "data.name was removed or renamed" in found
    assert "data.title is new and required" in found


def test_an_edited_example_and_a_removed_event_break_a_promise(store: Store) -> None:
    git(store.folder, "tag", "v1.0.0")
    (store.examples / TYPE / "one.json").write_text("{}", encoding="utf-8")
    found = list(changed_since("v1.0.0", store, {}))
    assert any("one.json: was edited or removed" in line for line in found)
    assert any(f"{TYPE}: was removed" in line for line in found)


def test_a_release_is_the_promise_even_where_main_has_gone_on(store: Store) -> None:
    git(store.folder, "tag", "v1.0.0")
    commit(store, Grown)
    git(store.folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert baseline(store.folder) == "v1.0.0"


def test_without_a_release_or_main_there_is_no_baseline(store: Store) -> None:
    assert baseline(store.folder) is None
