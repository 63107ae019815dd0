"""PostgreSQL: the engine, one transaction at a time, and raw asyncpg within it.

All errors that a later attempt can mend leave this module as :class:`TransientError`; what is
wrong with the statement or the data keeps SQLAlchemy's or asyncpg's own class.

No wait is without limit, even when the server accepts connections and never answers: connecting,
waiting for a free connection, each statement, cancelling one, closing.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import asyncpg
from sqlalchemy import URL, MetaData, event, make_url
from sqlalchemy import exc as sa_exc
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from kakehashi_common.errors import TransientError
from kakehashi_common.settings import DatabaseSettings
from kakehashi_common.sqlstates import REFUSED_DATA, is_servers_fault

if TYPE_CHECKING:
    RawConnection = asyncpg.Connection[asyncpg.Record]
else:
    RawConnection = asyncpg.Connection

ANSWER_TIMEOUT = timedelta(seconds=5)
"""Time limit beyond ``statement_timeout`` for a statement (PostgreSQL ends it first if it can), and
for the answer to a cancellation; after it the connection is dropped."""

CLOSE_TIMEOUT = timedelta(seconds=3)
"""Time limit for closing all connections of a process."""

_CLOSED_AT_ONCE: Final = "This connection is closed"
"""SQLAlchemy's message after two new connections in a row failed; the error has no class."""

_SOCKET_OPTIONS: Final = {
    # A peer that vanished is noticed after 25 s of silence, not after two hours.
    "TCP_KEEPIDLE": 10,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 25_000,
}
"""Set where the platform has them."""


def new_metadata() -> MetaData:
    """Return metadata whose constraints and indexes all get predictable names."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """One process's connections to one database. Nothing connects before the first use."""

    def __init__(self, settings: DatabaseSettings, *, application: str) -> None:
        self.settings = settings
        self.application = application
        """Shown to an operator in ``pg_stat_activity``."""
        self._silent_at = -1.0
        self._probe: _Connection | None = None
        self._probing = asyncio.Lock()
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(settings),
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_timeout=settings.pool_timeout_seconds,
            async_creator=self._open,
        )
        event.listen(self.engine.sync_engine, "checkout", self._replace_if_suspect)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open one transaction: committed when the block ends, rolled back when it raises.

        Raises:
            TransientError: the database is unavailable or asked for another attempt.
        """
        with transient_errors():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open one ORM session that is one transaction: committed when the block ends.

        Raises:
            TransientError: the database is unavailable or asked for another attempt.
        """
        with transient_errors():
            async with self._sessions.begin() as session:
                yield session

    @asynccontextmanager
    async def raw_transaction(self) -> AsyncIterator[RawConnection]:
        """Open one transaction on plain asyncpg, for ``unnest`` and ``COPY`` on the hot path.

        Raises:
            TransientError: the database is unavailable or asked for another attempt.
        """
        with transient_errors():
            async with self.engine.connect() as connection:
                raw = await self._driver(connection)
                try:
                    async with raw.transaction():
                        yield raw
                finally:
                    if raw.is_closed():  # SQLAlchemy can't know: it saw no error
                        await connection.invalidate()

    async def ping(self) -> None:
        """Prove that the database answers; for ``/readyz``.

        It has a connection of its own, so that it neither waits for the work nor slows it.

        Raises:
            TransientError: it does not.
        """
        async with self._probing:
            try:
                with transient_errors():
                    async with asyncio.timeout(self.settings.connect_timeout_seconds):
                        if self._probe is None or self._probe.is_closed():
                            self._probe = await self._open()
                        await self._probe.execute("select 1")
            except BaseException:
                self._drop_probe()
                raise

    async def close(self) -> None:
        """Close all connections; those that take too long are left to the end of the process."""
        self._drop_probe()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT.total_seconds()):
                await self.engine.dispose()

    async def _open(self) -> "_Connection":
        connection = await _open(self.settings, self.application)
        connection.on_silence = self._suspect_connections
        return connection

    def _suspect_connections(self) -> None:
        """Note that a connection got no answer: others as old are suspect, and are replaced."""
        self._silent_at = time.monotonic()

    def _replace_if_suspect(self, adapted: Any, _record: Any, _proxy: Any) -> None:
        """Have the pool open another connection if this one was closed or can't be trusted."""
        raw: _Connection = adapted.driver_connection
        if raw.opened_at <= self._silent_at:
            raw.terminate()
        if raw.is_closed():
            raise sa_exc.DisconnectionError

    def _drop_probe(self) -> None:
        if self._probe is not None:
            self._probe.terminate()
            self._probe = None

    @staticmethod
    async def _driver(connection: AsyncConnection) -> RawConnection:
        fairy = await connection.get_raw_connection()
        return cast("RawConnection", fairy.driver_connection)


async def driver_connection(connection: AsyncConnection | AsyncSession) -> RawConnection:
    """Return the asyncpg connection under ``connection``, inside the same transaction.

    SQLAlchemy sends ``BEGIN`` with its first statement only, so one is sent if need be: what the
    caller then does on asyncpg is committed and rolled back with the rest.
    """
    if isinstance(connection, AsyncSession):
        connection = await connection.connection()
    fairy = await connection.get_raw_connection()
    raw = cast("RawConnection", fairy.driver_connection)
    if not raw.is_in_transaction():
        await connection.exec_driver_sql("select 1")
    return raw


async def connect(
    settings: DatabaseSettings,
    *,
    application: str,
    server_settings: Mapping[str, str] | None = None,
) -> RawConnection:
    """Open one asyncpg connection outside any pool, for what holds a session-level lock.

    ``server_settings`` are PostgreSQL parameters of this session, such as a time-out.

    Raises:
        TransientError: the database is unavailable.
    """
    with transient_errors():
        return await _open(settings, application, server_settings)


class _Connection(RawConnection):
    """A connection that is dropped when the server does not even answer a cancellation.

    asyncpg asks the server to cancel a statement whose time is up, or whose task was cancelled, and
    the connection's next statement (``ROLLBACK``) waits for the outcome.
    """

    opened_at: float
    """When the connection was established, by the monotonic clock."""
    on_silence: Callable[[], None] | None = None

    async def _cancel(self, waiter: Any, cancel_waiter: Any = None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()) as limit:
                await super()._cancel(waiter, cancel_waiter)  # type: ignore[misc]
        if limit.expired():
            self.terminate()
            if self.on_silence is not None:
                self.on_silence()

    async def _cleanup_stmts(self) -> None:
        async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()):  # asyncpg has no limit here
            await super()._cleanup_stmts()  # type: ignore[misc]


def sqlalchemy_url(settings: DatabaseSettings) -> URL:
    """Return the URL as SQLAlchemy wants it: with the asyncpg driver named."""
    return make_url(settings.url).set(drivername="postgresql+asyncpg")


def transient(error: BaseException) -> TransientError | None:
    """Return what to raise instead of ``error`` when trying again can succeed, else ``None``."""
    if isinstance(error, sa_exc.TimeoutError):
        return TransientError("no database connection became free in time")
    if type(error) is sa_exc.InvalidRequestError and str(error) == _CLOSED_AT_ONCE:
        return TransientError("lost the connection to PostgreSQL: two were closed as they opened")
    cause: BaseException | None = error
    if isinstance(error, sa_exc.DBAPIError):
        if error.connection_invalidated:
            return TransientError(f"lost the connection to PostgreSQL: {error.orig}")
        cause = error.orig
    for each in _with_causes(cause):
        if reason := _transient_reason(each):
            return TransientError(reason)
    return None


def is_refused_data(error: BaseException) -> bool:
    """Return whether PostgreSQL or its driver refuses a value as such: any attempt with it fails.

    Such are the character NUL, half of a surrogate pair, a text longer than its column or index.
    """
    return any(
        str(getattr(each, "sqlstate", None))[:2] in REFUSED_DATA
        or isinstance(each, UnicodeEncodeError)
        or _is_drivers_data_error(each)
        for each in _with_causes(error)
    )


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_drivers_data_error(error: BaseException) -> bool:
    """Whether asyncpg refuses a value; its class isn't exported, the server's has the same name."""
    return isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)


@contextmanager
def transient_errors() -> Iterator[None]:
    """Turn an error of the block that another attempt can mend into :class:`TransientError`."""
    try:
        yield
    except Exception as error:
        if (instead := transient(error)) is not None:
            raise instead from error
        raise


def _transient_reason(error: BaseException) -> str | None:
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        if not is_servers_fault(state):
            return None
        lost = state.startswith("08")
        said = "lost the connection to PostgreSQL" if lost else "PostgreSQL can't do it now"
        return f"{said} ({state}): {error}"
    if _is_drivers_data_error(error):  # its message quotes the value
        return None
    if isinstance(error, OSError):
        slow = isinstance(error, TimeoutError)
        said = "it does not answer in time" if slow else str(error) or type(error).__name__
        return f"PostgreSQL can't be reached: {said}"
    # The latter is asyncpg's message when the server closes a connection between statements.
    if (isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)) or isinstance(
        error, asyncpg.InternalClientError
    ):
        return f"lost the connection to PostgreSQL: {error}"
    return None


async def _open(
    settings: DatabaseSettings,
    application: str,
    server_settings: Mapping[str, str] | None = None,
) -> _Connection:
    connection = await asyncpg.connect(
        settings.url,
        connection_class=_Connection,
        timeout=settings.connect_timeout_seconds,
        command_timeout=settings.statement_timeout_seconds + ANSWER_TIMEOUT.total_seconds(),
        ssl=_ssl(settings),
        server_settings={
            "application_name": application,
            "timezone": "UTC",
            "statement_timeout": str(int(settings.statement_timeout_seconds * 1000)),
            # Compiling a plan costs more than any of our statements; asyncpg's own catalogue
            # queries suffer most.
            "jit": "off",
            # A client that vanished holds its locks until PostgreSQL notices: 25 s, not 2 h.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
            **(server_settings or {}),
        },
    )
    connection.opened_at = time.monotonic()
    _keep_alive(connection)
    return connection


def _keep_alive(connection: RawConnection) -> None:
    peer = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]  # noqa: SLF001
    if peer is None or peer.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _SOCKET_OPTIONS.items():
        if hasattr(socket, name):
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _ssl(settings: DatabaseSettings) -> ssl.SSLContext | Literal["disable", "prefer"]:
    if settings.ssl_mode in ("disable", "prefer"):
        return settings.ssl_mode
    context = ssl.create_default_context(
        cafile=None if settings.ssl_ca_file is None else str(settings.ssl_ca_file)
    )
    context.check_hostname = settings.ssl_mode == "verify-full"
    if settings.ssl_mode == "require":
        # As libpq: encrypted, and nobody checks by whom.
        context.verify_mode = ssl.CERT_NONE
    if settings.ssl_certificate_file is not None:
        context.load_cert_chain(settings.ssl_certificate_file, settings.ssl_key_file)
    return context
