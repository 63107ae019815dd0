"""Addresses that a webhook may lead to: public ones, and those that the settings name.

A name is resolved once, its addresses are checked, and one of them is connected to: a name that
resolves to something else a moment later changes nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import httpcore

from kakehashi_common.settings import is_loopback
from kakehashi_common.webhooks.settings import WebhookSettings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_RESOLVERS: Final = 32
"""Names that are resolved at a time."""

_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are an IPv4 address."""


def check_url(url: str, settings: WebhookSettings) -> str:
    """Return ``url`` if a webhook may have it.

    Raises:
        ValueError: it isn't https, holds a password or a fragment, or names an address that is
            refused. What a name resolves to is checked when it is connected to.
    """
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("write the address in ASCII, its path percent-encoded, without spaces")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("write an address such as https://example.jp/hooks") from None
    plain = parts.scheme == "http" and settings.http_to_localhost and is_loopback(host)
    if not host or port == 0 or not (parts.scheme == "https" or plain):
        raise ValueError("write an address that starts with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("leave out user, password and fragment: the signature proves who sends")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return url
    if not is_allowed(host, address, settings):
        raise ValueError(
            f"{host} is no public address, and …_WEBHOOKS__ALLOWED_NETWORKS doesn't name it"
        )
    return url


def is_allowed(host: str, address: Address, settings: WebhookSettings) -> bool:
    """Whether a webhook for ``host`` may connect to ``address``."""
    if settings.http_to_localhost and is_loopback(host) and address.is_loopback:
        return True
    if any(address in network for network in settings.allowed_networks):
        return True
    return all(each.is_global and not each.is_multicast for each in (address, *_within(address)))


def _within(address: Address) -> Iterable[Address]:
    """Yield the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _TRANSLATED:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


class CheckedNetwork(httpcore.AnyIOBackend):
    """Connects only where webhooks may lead."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        # The loop's own few threads also resolve the mail server: a name server that doesn't
        # answer for one webhook must not hold that up.
        self._resolvers = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of ``host`` that has been checked.

        Raises:
            httpcore.ConnectError: none of its addresses is allowed, or none answers.
        """
        refused: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self._resolved(host, port, timeout):
            if not is_allowed(host, address, self._settings):
                refused = httpcore.ConnectError(f"{host} resolves to {address}, which is refused")
                continue
            try:
                return await super().connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
        raise refused

    async def _resolved(self, host: str, port: int, timeout: float | None) -> list[Address]:  # noqa: ASYNC109
        loop = asyncio.get_running_loop()
        resolving = loop.run_in_executor(
            self._resolvers, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        )
        try:
            found = await asyncio.wait_for(resolving, timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"{host} isn't resolved in time") from None
        except OSError as error:
            raise httpcore.ConnectError(
                f"{host} can't be resolved: {error.strerror or error}"
            ) from error
        return list(dict.fromkeys(ipaddress.ip_address(each[4][0]) for each in found))
