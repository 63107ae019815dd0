"""A lead's id in a path, where it may hold slashes.

``%2F`` is part of an id, and ``/`` separates what follows it: ``/v1/leads/a%2Fhistory`` is the lead
``a/history``, ``/v1/leads/a/history`` the history of the lead ``a``. See ADR 0012.
"""

import re
from typing import Annotated, Final
from urllib.parse import unquote_to_bytes

from fastapi import Path
from pydantic import BeforeValidator
from starlette.types import ASGIApp, Receive, Scope, Send

from kakehashi_common.contracts.events import LeadId

_ENCODED: Final = re.compile(b"%2[Ff]")
_SLASH: Final = "%2F"
"""Stands for a slash of an id while the path is matched; no id holds a ``%``."""


def _with_slashes(value: object) -> object:
    return value.replace(_SLASH, "/") if isinstance(value, str) else value


LeadIdInPath = Annotated[
    LeadId,
    BeforeValidator(_with_slashes),
    Path(
        description="The publisher's id of the lead. Write a `/` in it as `%2F`; a plain one works "
        "too, unless the id ends like the path of something else, such as `/history`"
    ),
]


class EncodedSlashes:
    """Keeps ``%2F`` in the path that routes are matched by, which ASGI servers decode."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI asks."""
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and _ENCODED.search(raw):
            kept = unquote_to_bytes(_ENCODED.sub(b"%252F", raw))
            scope = {**scope, "path": kept.decode("utf-8", "replace")}
        await self._app(scope, receive, send)
