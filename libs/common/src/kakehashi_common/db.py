"""PostgreSQL: the engine, one transaction at a time, and raw asyncpg within it.

All errors that a later attempt can mend leave this module as :class:`TransientError`; what is
wrong with the statement or the data keeps SQLAlchemy's or asyncpg's own class.
"""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, cast

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
from kakehashi_common.sqlstates import is_servers_fault

if TYPE_CHECKING:
    RawConnection = asyncpg.Connection[asyncpg.Record]
else:
    RawConnection = asyncpg.Connection


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
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(settings),
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_timeout=settings.pool_timeout_seconds,
            connect_args=_connect_arguments(settings, application),
        )
        event.listen(self.engine.sync_engine, "checkout", _replace_if_closed)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open one transaction: committed when the block ends, rolled back when it raises.

        Raises:
            TransientError: the database is away or asked for another attempt.
        """
        with transient_errors():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open one ORM session that is one transaction: committed when the block ends.

        Raises:
            TransientError: the database is away or asked for another attempt.
        """
        with transient_errors():
            async with self._sessions.begin() as session:
                yield session

    @asynccontextmanager
    async def raw_transaction(self) -> AsyncIterator[RawConnection]:
        """Open one transaction on plain asyncpg, for ``unnest`` and ``COPY`` on the hot path.

        Raises:
            TransientError: the database is away or asked for another attempt.
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

        Raises:
            TransientError: it does not.
        """
        with transient_errors():
            async with self.engine.connect() as connection:
                await connection.exec_driver_sql("select 1")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

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
        TransientError: the database is away.
    """
    arguments = _connect_arguments(settings, application)
    arguments["server_settings"] |= server_settings or {}
    with transient_errors():
        return await asyncpg.connect(settings.url, **arguments)


def sqlalchemy_url(settings: DatabaseSettings) -> URL:
    """Return the URL as SQLAlchemy wants it: with the asyncpg driver named."""
    return make_url(settings.url).set(drivername="postgresql+asyncpg")


def transient(error: BaseException) -> TransientError | None:
    """Return what to raise instead of ``error`` when trying again can succeed, else ``None``."""
    if isinstance(error, sa_exc.TimeoutError):
        return TransientError("no database connection became free in time")
    cause: BaseException | None = error
    if isinstance(error, sa_exc.DBAPIError):
        if error.connection_invalidated:
            return TransientError(f"lost the connection to PostgreSQL: {error.orig}")
        cause = error.orig
    while cause is not None:
        if reason := _transient_reason(cause):
            return TransientError(reason)
        cause = cause.__cause__
    return None


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
    if isinstance(error, OSError):  # TimeoutError is one
        return f"PostgreSQL can't be reached: {error or type(error).__name__}"
    if isinstance(error, asyncpg.InterfaceError) and "closed" in str(error):
        return f"lost the connection to PostgreSQL: {error}"
    if isinstance(error, asyncpg.InternalClientError):
        # What asyncpg says when the server's farewell comes between two statements.
        return f"lost the connection to PostgreSQL: {error}"
    return None


def _replace_if_closed(driver_connection: Any, _record: Any, _proxy: Any) -> None:
    """Tell the pool to open another connection when PostgreSQL has closed this one meanwhile."""
    if driver_connection.driver_connection.is_closed():
        raise sa_exc.DisconnectionError


def _connect_arguments(settings: DatabaseSettings, application: str) -> dict[str, Any]:
    return {
        "timeout": settings.connect_timeout_seconds,
        "ssl": _ssl(settings),
        "server_settings": {
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
        },
    }


def _ssl(settings: DatabaseSettings) -> ssl.SSLContext | str:
    if settings.ssl_mode in {"disable", "prefer"}:
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
