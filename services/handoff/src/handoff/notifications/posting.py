"""Deliveries by webhook: one POST, signed, to where it may lead."""

import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import certifi
import httpcore

from handoff.notifications import webhooks
from handoff.notifications.addresses import CheckedNetwork, check_url
from handoff.notifications.deliveries import Notice, TakenDelivery
from handoff.notifications.signatures import signed_headers
from handoff.settings import WebhookSettings
from kakehashi_common.clock import TOKYO, Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import PermanentError, TransientError

MOST_ANSWER_BYTES: Final = 65_536
"""Of an answer so much is read; only its status counts."""

_TIMEOUTS: Final = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 5.0}
"""Seconds."""


class WebhookPoster:
    """Posts notifications to webhooks. Use as an asynchronous context manager.

    Neither redirects are followed nor proxies of the environment used: either would lead past the
    check of addresses.
    """

    def __init__(
        self,
        database: Database,
        settings: WebhookSettings,
        handoff_url: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._settings = settings
        self._handoff_url = handoff_url
        self._clock = clock
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(
                cafile=str(settings.ssl_ca_file or certifi.where())
            ),
            max_connections=None,  # the notifier has few deliveries of each webhook in hand
            keepalive_expiry=10,
            network_backend=CheckedNetwork(settings),
        )

    async def deliver(self, taken: TakenDelivery) -> None:
        """Post a notification.

        Raises:
            PermanentError: the receiver doesn't want it, now or later.
            TransientError: it wasn't taken; another attempt may succeed.
        """
        async with self._database.transaction() as connection:
            webhook = await webhooks.find(connection, taken.webhook_id or "")
        if webhook is None:
            raise PermanentError("the webhook was deleted")
        [notice] = taken.notices
        body = json.dumps(self._content(notice), ensure_ascii=False).encode()
        now = self._clock.now()
        headers = {
            "content-type": "application/json",
            "user-agent": "Kakehashi",
            **signed_headers(
                webhook.secrets, str(notice.notification_id), int(now.timestamp()), body
            ),
        }
        try:
            check_url(webhook.url, self._settings)
            status, answered = await self._post(webhook.url, headers, body)
        except ValueError as error:
            raise TransientError(str(error)) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TransientError(f"no answer: {str(error) or type(error).__name__}") from error
        if status == HTTPStatus.GONE:
            raise PermanentError("answered 410: it doesn't want any more")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise TransientError(f"answered {status}", retry_after=retry_after(answered, now))

    async def close(self) -> None:
        """Close what is connected."""
        await self._pool.aclose()

    async def _post(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str | None]:
        """Return the answer's status, and what ``Retry-After`` says."""
        async with self._pool.stream(
            "POST",
            url,
            headers=list(headers.items()),
            content=body,
            extensions={"timeout": _TIMEOUTS},
        ) as answer:
            with suppress(httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
                await _read(answer)
            stated = {name.lower(): value for name, value in answer.headers}
            after = stated.get(b"retry-after")
            return answer.status, None if after is None else after.decode("latin-1")

    def _content(self, notice: Notice) -> dict[str, Any]:
        return {
            "type": f"handoff.{notice.reason}",
            "timestamp": _instant(notice.created_at),
            "data": {
                "notification_id": str(notice.notification_id),
                "handoff_id": notice.handoff_id,
                "lead_id": notice.lead_id,
                "municipality_code": notice.municipality_code,
                "recipient": notice.recipient,
                "member_id": notice.member_id,
                "text": notice.text,
                "act_by": None if notice.act_by is None else _instant(notice.act_by),
                "urgent": notice.urgent,
                "url": f"{self._handoff_url}/{notice.handoff_id}",
            },
        }


async def _read(answer: httpcore.Response) -> None:
    """Read an answer, so that its connection serves the next one; not if it is large."""
    read = 0
    async for part in answer.aiter_stream():
        read += len(part)
        if read >= MOST_ANSWER_BYTES:
            return


def retry_after(stated: str | None, now: datetime) -> timedelta | None:
    """Return how long ``Retry-After`` asks to wait; ``None`` where it says nothing readable.

    Source: RFC 9110, section 10.2.3: seconds, or an HTTP date.
    """
    if stated is None:
        return None
    if stated.isascii() and stated.isdecimal():
        return timedelta(seconds=min(int(stated[:10]), 10**9))
    try:
        until = parsedate_to_datetime(stated)
    except ValueError:
        return None
    return max(timedelta(0), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)


def _instant(at: datetime) -> str:
    return at.astimezone(TOKYO).isoformat()
