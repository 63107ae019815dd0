"""Ports and proxies for servers that live as long as a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.settings import DatabaseSettings

_PIECE = 65_536


class Proxy:
    """A TCP proxy whose connections can go silent, as when a network or a server hangs.

    A silent connection is open and acknowledged by TCP, and nothing passes, not even its end.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.accepted = 0
        """Connections so far."""
        self.held_back = 0
        """Pieces that came while nothing passed."""

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def freeze(self) -> None:
        """Silence all connections, those to come included."""
        self._flowing.clear()

    def freeze_present(self) -> None:
        """Silence the connections that there are, for good; those to come work."""
        self._flowing.clear()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def thaw(self) -> None:
        """Let everything pass again, and first what was held back."""
        self._flowing.set()

    def database(self, settings: DatabaseSettings) -> DatabaseSettings:
        """Return ``settings`` of a database at the target with the proxy in front of it."""
        parts = urlsplit(settings.url)
        login, at, _ = parts.netloc.rpartition("@")
        netloc = f"{login}{at}127.0.0.1:{self.port}"
        return settings.model_copy(update={"url": urlunsplit(parts._replace(netloc=netloc))})

    def kafka(self) -> KafkaSettings:
        """Return settings whose first connection goes through the proxy.

        Brokers tell their own address, where all others go.
        """
        return KafkaSettings(bootstrap_servers=f"127.0.0.1:{self.port}", client_id="tests")

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """End all connections."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.accepted += 1
        flowing = self._flowing
        onward: asyncio.StreamWriter | None = None
        try:
            await flowing.wait()
            back, onward = await asyncio.open_connection(*self._target)
            await asyncio.gather(
                self._pump(reader, onward, flowing),
                self._pump(back, writer, flowing),
            )
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            for each in (writer, onward):
                if each is not None:
                    each.transport.abort()
            self._tasks.discard(task)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event
    ) -> None:
        while True:
            piece = await reader.read(_PIECE)
            self.held_back += not flowing.is_set()
            await flowing.wait()
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        with suppress(OSError):
            writer.close()


@asynccontextmanager
async def proxy_of(settings: DatabaseSettings | KafkaSettings) -> AsyncIterator[Proxy]:
    """Run a proxy in front of the server of ``settings``."""
    if isinstance(settings, KafkaSettings):
        host, _, port = settings.bootstrap_servers.rpartition(":")
        proxy = Proxy(host, int(port))
    else:
        parts = urlsplit(settings.url)
        proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
