"""Requests to where people say: a POST of a webhook, signed, and a GET of what they publish."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import certifi
import httpcore

from kakehashi_common.errors import PermanentError, TransientError
from kakehashi_common.webhooks.addresses import CheckedNetwork, check_url
from kakehashi_common.webhooks.settings import WebhookSettings
from kakehashi_common.webhooks.signatures import signed_headers

MOST_ANSWER_BYTES: Final = 65_536
"""Of an answer so much is read; only its status counts."""

_TIMEOUTS: Final = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 5.0}
"""Seconds; the time to read starts again with each part of an answer."""
_ANSWER_SECONDS: Final = 30.0
"""For all of it: an answer that trickles in holds nobody up."""


class WebhookClient:
    """Posts to webhooks; whoever uses it closes it.

    Neither redirects are followed nor proxies of the environment used: either would lead past the
    check of addresses.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(
                cafile=str(settings.ssl_ca_file or certifi.where())
            ),
            max_connections=None,  # whoever posts has few messages for each webhook in hand
            keepalive_expiry=10,
            network_backend=CheckedNetwork(settings),
        )

    async def post(
        self, url: str, secrets: Sequence[str], message_id: str, body: bytes, now: datetime
    ) -> None:
        """Post one message of JSON.

        Args:
            url: of the webhook.
            secrets: each one signs.
            message_id: the same however often the message is posted: receivers take it once.
            body: of the message.
            now: signed with it, so that an old message can't be played again.

        Raises:
            PermanentError: the receiver doesn't want it, now or later (``410``).
            TransientError: it wasn't taken; another attempt may succeed.
        """
        headers = {
            "content-type": "application/json",
            "user-agent": "Kakehashi",
            **signed_headers(secrets, message_id, int(now.timestamp()), body),
        }
        try:
            check_url(url, self._settings)
            async with asyncio.timeout(_ANSWER_SECONDS):
                status, answered = await self._post(url, headers, body)
        except ValueError as error:
            raise TransientError(str(error)) from None
        except TimeoutError:
            raise TransientError(f"no answer within {_ANSWER_SECONDS:.0f} s") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TransientError(f"no answer: {str(error) or type(error).__name__}") from error
        if status == HTTPStatus.GONE:
            raise PermanentError("answered 410: it doesn't want any more")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise TransientError(f"answered {status}", retry_after=retry_after(answered, now))

    async def fetch(self, url: str, most_bytes: int) -> bytes:
        """Return what stands at a URL, by the same rules of where it may lead.

        Raises:
            ValueError: it may not lead there (see
                :func:`~kakehashi_common.webhooks.addresses.check_url`), or is too large.
            TransientError: it isn't answered with 200.
        """
        check_url(url, self._settings)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._fetch(url, most_bytes)
        except TimeoutError:
            raise TransientError(f"no answer within {_ANSWER_SECONDS:.0f} s") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TransientError(f"no answer: {str(error) or type(error).__name__}") from error

    async def _fetch(self, url: str, most_bytes: int) -> bytes:
        headers = [("user-agent", "Kakehashi"), ("accept-encoding", "identity")]
        async with self._pool.stream(
            "GET", url, headers=headers, extensions={"timeout": _TIMEOUTS}
        ) as answer:
            if answer.status != HTTPStatus.OK:
                raise TransientError(f"answered {answer.status}")
            body = bytearray()
            async for part in answer.aiter_stream():
                body += part
                if len(body) > most_bytes:
                    raise ValueError(f"it is larger than {most_bytes:,} bytes")
            return bytes(body)

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
