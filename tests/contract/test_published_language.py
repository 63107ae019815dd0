"""The published language as committed: schemas, examples, AsyncAPI, municipality codes."""

import json
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kakehashi_common.contracts.asyncapi import asyncapi
from kakehashi_common.contracts.topics import EVENT_MODELS, TOPICS
from kakehashi_common.contracts_check import (
    ASYNCAPI,
    Store,
    bad_examples,
    baseline,
    broken_promises,
    changed_since,
    stale_files,
)

ROOT = Path(__file__).parents[2]
STORE = Store()
EXAMPLES = sorted(STORE.examples.rglob("*.json"))


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_no_model_breaks_its_committed_schema() -> None:
    assert list(broken_promises(STORE, EVENT_MODELS)) == []


def test_no_model_breaks_what_the_last_release_or_main_has_promised() -> None:
    ref = baseline(STORE.folder)
    if ref is None:
        pytest.skip("no release and no origin/main: there is nothing to compare with")
    assert list(changed_since(ref, STORE, EVENT_MODELS)) == []


def test_committed_schemas_are_those_of_the_models_and_none_is_orphaned() -> None:
    assert list(stale_files(STORE, EVENT_MODELS)) == []


def test_every_example_still_parses_and_every_event_has_some() -> None:
    assert list(bad_examples(STORE, EVENT_MODELS)) == []


def test_no_commit_has_changed_an_example() -> None:
    """Examples are append-only: what was once published must parse for ever."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no history to compare with")
    git = ["git", "-C", str(ROOT), "log", "--diff-filter=MDR", "--format=%h %s", "--"]
    changed = subprocess.run(
        [*git, str(STORE.examples)], capture_output=True, text=True, check=True
    )
    assert changed.stdout == ""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_another_validator_accepts_the_example_by_the_committed_schema(path: Path) -> None:
    example = load(path)
    validator = Draft202012Validator(load(STORE.schemas / f"{example['type']}.json"))
    assert [error.message for error in validator.iter_errors(example["data"])] == []


def test_the_committed_asyncapi_document_says_what_the_topics_declare() -> None:
    version = metadata.version("kakehashi-common")
    assert load(ROOT / ASYNCAPI) == asyncapi(TOPICS, version=version)


def test_every_schema_that_asyncapi_refers_to_is_there() -> None:
    folder = (ROOT / ASYNCAPI).parent
    messages = load(ROOT / ASYNCAPI)["components"]["messages"].values()
    assert messages
    assert all((folder / message["payload"]["$ref"]).resolve().is_file() for message in messages)


def test_topic_names_types_and_parties_are_in_order() -> None:
    names = [topic.name for topic in TOPICS]
    types = [model.TYPE for topic in TOPICS for model in topic.models]
    assert len(set(names)) == len(names)
    assert len(set(types)) == len(types)
    for topic in TOPICS:
        assert topic.name.endswith("-v1")
        assert topic.producers
        assert topic.consumers
        assert topic.partitions > 0
        assert all(model.TYPE.startswith("jp.kakehashi.") for model in topic.models)
        assert all(model.TYPE.endswith(".v1") for model in topic.models)
