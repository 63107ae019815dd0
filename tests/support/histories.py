"""Histories of workflows, kept for replaying when ``RECORD_HISTORIES=1`` asks for it."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory

_UNIT = Path(__file__).parents[1] / "unit"


async def record(service: str, name: str, handle: WorkflowHandle[Any, Any]) -> None:
    """Keep the history that ``handle`` names, when asked to."""
    if os.environ.get("RECORD_HISTORIES"):
        keep(service, name, await handle.fetch_history())


def keep(service: str, name: str, history: WorkflowHistory) -> None:
    """Write ``tests/unit/<service>/histories/<name>.json``, when asked to."""
    if os.environ.get("RECORD_HISTORIES"):
        folder = _UNIT / service / "histories"
        folder.mkdir(exist_ok=True)
        text = json.dumps(_anonymous(history.to_json_dict()), indent=1, ensure_ascii=False)
        text = text.replace(f"{os.getpid()}@{socket.gethostname()}", "worker")
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


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
