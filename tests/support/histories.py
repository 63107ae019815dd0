"""Histories of workflows, kept for replaying when ``RECORD_HISTORIES=1`` asks for it."""

import json
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory

_UNIT = Path(__file__).parents[1] / "unit"

_AHEAD = "secondsAhead"
"""Of a file: how much later it was to the workflow than its server says, see ``ShiftedClock``."""


async def record(
    service: str, name: str, handle: WorkflowHandle[Any, Any], ahead: timedelta = timedelta(0)
) -> None:
    """Keep the history that ``handle`` names, when asked to."""
    if os.environ.get("RECORD_HISTORIES"):
        keep(service, name, await handle.fetch_history(), ahead)


def keep(
    service: str, name: str, history: WorkflowHistory, ahead: timedelta = timedelta(0)
) -> None:
    """Write ``tests/unit/<service>/histories/<name>.json``, when asked to."""
    if os.environ.get("RECORD_HISTORIES"):
        folder = _UNIT / service / "histories"
        folder.mkdir(exist_ok=True)
        kept = {_AHEAD: ahead.total_seconds()} if ahead else {}
        kept |= _anonymous(history.to_json_dict())
        text = json.dumps(kept, indent=1, ensure_ascii=False)
        text = text.replace(f"{os.getpid()}@{socket.gethostname()}", "worker")
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def committed(test_file: str) -> dict[str, str]:
    """The kept histories beside a test, by name."""
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((Path(test_file).parent / "histories").glob("*.json"))
    }


def events_of(history: str) -> list[dict[str, object]]:
    """The events of a kept history."""
    events: list[dict[str, object]] = json.loads(history)["events"]
    return events


def workflow_type(history: str) -> str:
    """The type of the workflow of a kept history."""
    started = json.loads(history)["events"][0]["workflowExecutionStartedEventAttributes"]
    return str(started["workflowType"]["name"])


def ahead_of(history: str) -> timedelta:
    """Return how far the workflow's clock was ahead of the times in its history."""
    return timedelta(seconds=json.loads(history).get(_AHEAD, 0))


def _anonymous(value: Any) -> Any:
    """The same without paths of files, which replaying does not need."""
    match value:
        case dict():
            return {
                name: "…" if name == "stackTrace" else _anonymous(each)
                for name, each in value.items()
            }
        case list():
            return [_anonymous(each) for each in value]
        case _:
            return value
