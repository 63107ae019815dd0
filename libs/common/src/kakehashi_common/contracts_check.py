"""``python -m kakehashi_common.contracts_check [--write] [--against REF]``: keep the promises.

Fails when a model no longer matches its committed JSON Schema, when a change would break those who
publish or read, when a committed example no longer parses, or when a schema or example belongs to
no event. What was promised is what the last release's tag holds; before there is one, what
``origin/main`` holds (its merge base with this commit). The contract tests compare with it too, so
a schema that is edited by hand along with its model does not slip through; ``--against`` names
another commit. ``--write`` writes the schemas and the AsyncAPI document of today's models, and
refuses a breaking change: that is a new event type on a new topic. That no commit edits an example,
the contract tests hold.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from kakehashi_common import contracts
from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.contracts.asyncapi import asyncapi
from kakehashi_common.contracts.compatibility import breaking_changes
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.topics import EVENT_MODELS, TOPICS

CONTRACTS = Path(contracts.__file__).parent
ASYNCAPI = Path("docs/asyncapi/kakehashi.json")
"""Below the root of the repository, where the command is run."""


@dataclass(frozen=True, slots=True)
class Store:
    """The committed schemas and examples."""

    folder: Path = CONTRACTS

    @property
    def schemas(self) -> Path:
        """``<type>.json`` each."""
        return self.folder / "schemas"

    @property
    def examples(self) -> Path:
        """``<type>/<what it shows>.json`` each, a CloudEvent in structured form."""
        return self.folder / "examples"

    def schema(self, event_type: str) -> dict[str, Any] | None:
        """Return a committed schema."""
        path = self.schemas / f"{event_type}.json"
        return _read(path) if path.exists() else None


def schema_of(model: type[EventData]) -> dict[str, Any]:
    """Return the JSON Schema of an event's data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:kakehashi:{model.TYPE}",
        **model.model_json_schema(),
    }


def broken_promises(store: Store, events: Mapping[str, type[EventData]]) -> Iterator[str]:
    """Yield one line per breaking change against the committed schemas."""
    for event_type, model in events.items():
        committed = store.schema(event_type)
        if committed is not None:
            for change in breaking_changes(committed, schema_of(model)):
                yield f"{event_type}: {change}"


def stale_files(store: Store, events: Mapping[str, type[EventData]]) -> Iterator[str]:
    """Yield one line per schema that is missing, out of date or of no event."""
    for event_type, model in events.items():
        committed = store.schema(event_type)
        if committed is None:
            yield f"{event_type}: has no committed schema; run with --write"
        elif committed != schema_of(model):
            yield f"{event_type}: the committed schema is out of date; run with --write"
    for path in sorted(store.schemas.glob("*.json")):
        if path.stem not in events:
            yield f"schemas/{path.name}: belongs to no event; an event is never taken back"


def bad_examples(store: Store, events: Mapping[str, type[EventData]]) -> Iterator[str]:
    """Yield one line per example that doesn't parse, of no event, or missing."""
    decoder = EventDecoder(events.values())
    for event_type in events:
        if not any((store.examples / event_type).glob("*.json")):
            yield f"{event_type}: has no example; add one below examples/{event_type}"
    for path in sorted(store.examples.rglob("*")):
        name = path.relative_to(store.folder)
        if path.is_dir():
            continue
        if path.suffix != ".json" or path.parent.name not in events:
            yield f"{name}: belongs to no event; an event is never taken back"
            continue
        example = _read(path)
        if example.get("type") != path.parent.name:
            yield f"{name}: has the type {example.get('type')}"
            continue
        try:
            # as of its own time: an example stays valid however old it gets
            received_at = datetime.fromisoformat(example["time"]) + timedelta(minutes=1)
            decoder.decode_object(example, received_at)
        except (RejectedEventError, KeyError, ValueError) as error:
            yield f"{name}: no longer parses: {error}"


def baseline(folder: Path) -> str | None:
    """Return the commit that holds what was promised; ``None`` where git knows of none."""
    released = ("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    for command in (released, ("merge-base", "HEAD", "origin/main")):
        found = _run_git(folder, *command)
        if found.returncode == 0:
            return found.stdout.strip()
    return None


def changed_since(ref: str, store: Store, events: Mapping[str, type[EventData]]) -> Iterator[str]:
    """Yield one line per promise that ``ref`` had made and the working tree breaks."""
    folder = store.folder.resolve()
    listed = _git(folder, "ls-tree", "-r", "--name-only", ref, "--", "schemas", "examples")
    for name in listed.splitlines():
        before = _git(folder, "show", f"{ref}:./{name}")
        path = folder / name
        if name.startswith("examples/"):
            if not path.exists() or path.read_text(encoding="utf-8") != before:
                yield f"{name}: was edited or removed since {ref}; examples are only ever added"
        elif path.stem not in events:
            yield f"{path.stem}: was removed since {ref}"
        else:
            for change in breaking_changes(json.loads(before), schema_of(events[path.stem])):
                yield f"{path.stem}: {change} (since {ref})"


def write(store: Store, events: Mapping[str, type[EventData]]) -> None:
    """Write the schema of every event."""
    store.schemas.mkdir(exist_ok=True)
    for event_type, model in events.items():
        _write(store.schemas / f"{event_type}.json", schema_of(model))


def main(
    *,
    rewrite: Annotated[bool, typer.Option("--write", help="Bring the files up to date")] = False,
    against: Annotated[str | None, typer.Option(help="Not the baseline: this commit")] = None,
) -> None:
    """Check the committed contracts; see the module's docstring."""
    store, events = Store(), EVENT_MODELS
    document = asyncapi(TOPICS, version=metadata.version("kakehashi-common"))
    broken = [*broken_promises(store, events), *bad_examples(store, events)]
    if (ref := against or baseline(store.folder)) is not None:
        broken += changed_since(ref, store, events)
    if broken:
        _fail(broken, "A change that breaks others is a new event type on a new topic.")
    if rewrite:
        write(store, events)
        ASYNCAPI.parent.mkdir(parents=True, exist_ok=True)
        _write(ASYNCAPI, document)
    stale = list(stale_files(store, events))
    if not ASYNCAPI.exists() or _read(ASYNCAPI) != document:
        stale.append(f"{ASYNCAPI}: is out of date; run with --write")
    if stale:
        _fail(stale, "Run `python -m kakehashi_common.contracts_check --write`.")
    typer.echo(f"{len(events)} events as promised.")


def _fail(lines: Sequence[str], advice: str) -> None:
    for line in lines:
        typer.echo(line, err=True)
    typer.echo(advice, err=True)
    raise typer.Exit(1)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def _run_git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  # git with our own arguments
        ["git", *arguments],  # noqa: S607  # whichever git the developer uses
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


def _git(folder: Path, *arguments: str) -> str:
    done = _run_git(folder, *arguments)
    if done.returncode:
        _fail([done.stderr.strip()], "Give a commit that this clone has, such as origin/main.")
    return done.stdout


if __name__ == "__main__":
    typer.run(main)
