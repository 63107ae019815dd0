"""One HTTP connection: how long its client may take, and how many there may be.

Uvicorn closes a connection that idles between two requests (``timeout_keep_alive``), but waits for
ever for a first byte, for the rest of a head or body, and for a client that doesn't read its
answer. Its ``limit_concurrency`` counts a connection only once a whole head has come, and what it
refuses itself it answers in plain text.
"""

import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote_from_bytes

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from kakehashi_common.http.problem_details import MEDIA_TYPE, problem_details

log = structlog.get_logger(__name__)

_REQUEST_LINE: Final = re.compile(rb"[!-~]+ (?P<target>.+) HTTP/[0-9.]+\r")
_KEPT_AS_THEY_ARE: Final = "".join(map(chr, range(0x21, 0x7F)))
_MAX_SHOWN: Final = 300
"""Bytes of a target that a refusal shows as they should be sent."""
_MAX_KEPT: Final = 16_384
"""Bytes of a head that are kept for its refusal; h11 refuses longer ones."""
_TOKEN: Final = b"token="


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits for a client."""

    head: timedelta = timedelta(seconds=10)
    """From the connection, or from the answer before, until the last header has come."""
    body: timedelta = timedelta(seconds=60)
    """From the last header until the end of the body: enough for 8 MB at 1 Mbit/s."""
    unread: timedelta = timedelta(seconds=30)
    """Time limit for an answer whose client reads nothing of it."""


DEFAULT_LIMITS: Final = Limits()


class Connection(H11Protocol):
    """A connection with :class:`Limits`, which answers with problem details whatever it refuses.

    Args:
        arguments: uvicorn's.
        limits: how long the client may take.
        most: connections that may be open; one more is answered 503 and closed.
        named: uvicorn's.
    """

    def __init__(self, *arguments: Any, limits: Limits, most: int, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = limits
        self._most = most
        self._head = b""
        self._awaited: object = None
        """The part of a request that the client has to send now, by the states of h11."""
        self._deadline: asyncio.TimerHandle | None = None
        self._reading_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse one connection too many."""
        super().connection_made(transport)
        if len(self.connections) > self._most:
            log.warning("connection refused: too many are open", most=self._most)
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many connections are open. Nothing was lost; try again in 1 s.",
                headers={"Retry-After": "1"},
            )
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Handle received bytes."""
        if self.conn.their_state is h11.IDLE:
            self._head += data[: _MAX_KEPT - len(self._head)]
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        super().connection_lost(exc)
        for deadline in (self._deadline, self._reading_deadline):
            if deadline is not None:
                deadline.cancel()

    def pause_writing(self) -> None:
        """Wait for the client to read, not for ever."""
        super().pause_writing()
        if self._reading_deadline is None:
            unread = self._limits.unread.total_seconds()
            self._reading_deadline = self.loop.call_later(unread, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        if self._reading_deadline is not None:
            self._reading_deadline.cancel()
            self._reading_deadline = None

    def send_400_response(self, msg: str) -> None:
        """Answer a malformed request."""
        error = sys.exception()  # uvicorn calls this while it handles h11's
        hint = getattr(error, "error_status_hint", HTTPStatus.BAD_REQUEST)
        self._refuse(HTTPStatus(hint), _advice(self._head) or msg)

    def _watch(self) -> None:
        """Start the deadline of the part that the client has to send now, once."""
        awaited = self.conn.their_state
        if awaited is self._awaited:
            return
        self._awaited = awaited
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if awaited is not h11.IDLE:
            self._head = b""
        within = {h11.IDLE: self._limits.head, h11.SEND_BODY: self._limits.body}.get(awaited)
        if within is not None:
            self._deadline = self.loop.call_later(within.total_seconds(), self._too_late, within)

    def _too_late(self, within: timedelta) -> None:
        begun = self.conn.their_state is not h11.IDLE or bool(self.conn.trailing_data[0])
        if not begun or self.transport.is_closing():
            self.transport.close()
            return
        seconds = f"{within.total_seconds():g} s"
        part = "body" if self.conn.their_state is h11.SEND_BODY else "request line and headers"
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"The {part} did not arrive within {seconds}.")

    def _refuse(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer, unless an answer has begun, and close."""
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.abort()
            return
        if self.cycle is not None:
            self.cycle.disconnected = True  # what the application still writes is not sent
        body = problem_details(status, detail=detail).model_dump_json(exclude_none=True).encode()
        stated = {
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **(headers or {}),
        }
        answer = h11.Response(
            status_code=status, headers=list(stated.items()), reason=status.phrase.encode()
        )
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def _advice(head: bytes) -> str | None:
    """Return a sentence that shows how to write a target that is not ASCII."""
    line = _REQUEST_LINE.match(head)
    if line is None or (target := line["target"]).isascii():
        return None
    encoded = quote_from_bytes(target, safe=_KEPT_AS_THEY_ARE)
    shown = f"send {encoded}"
    if len(target) > _MAX_SHOWN or _TOKEN in target or not _is_utf8(target):
        shown = "群馬 is written %E7%BE%A4%E9%A6%AC"
    return (
        f"The address holds characters that have to be percent-encoded, as UTF-8: {shown}. "
        "curl does it itself: -G --data-urlencode 'prefecture=群馬'."
    )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
