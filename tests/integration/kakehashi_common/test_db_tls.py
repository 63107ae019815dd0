"""PostgreSQL with TLS is a setting: what each mode checks, against a server that offers TLS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import DatabaseSettings
from tests.support.tls import Authority, postgres_behind_tls

pytestmark = pytest.mark.servers


@asynccontextmanager
async def behind_tls(
    settings: DatabaseSettings, certificate: tuple[Path, Path], client_ca: Path | None = None
) -> AsyncIterator[DatabaseSettings]:
    parts = urlsplit(settings.url)
    assert parts.hostname is not None
    async with postgres_behind_tls(
        parts.hostname, parts.port or 5432, *certificate, client_ca=client_ca
    ) as port:
        netloc = f"{parts.username}:{parts.password}@127.0.0.1:{port}"
        url = urlunsplit(("postgresql", netloc, parts.path, "", ""))
        yield settings.model_copy(update={"url": url})


async def connects(settings: DatabaseSettings, **tls: Any) -> bool:
    database = Database(settings.model_copy(update=tls), application="tests")
    try:
        await database.ping()
    except TransientError:
        return False
    finally:
        await database.close()
    return True


async def test_each_mode_checks_what_it_promises(
    database_settings: DatabaseSettings, tmp_path: Path
) -> None:
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    async with behind_tls(database_settings, ours.issue("db", "127.0.0.1")) as settings:
        assert await connects(settings, ssl_mode="verify-full", ssl_ca_file=ours.ca_file)
        assert await connects(settings, ssl_mode="require")
        assert await connects(settings, ssl_mode="prefer")
        assert not await connects(settings, ssl_mode="verify-full", ssl_ca_file=theirs.ca_file)
        assert not await connects(settings, ssl_mode="verify-ca", ssl_ca_file=theirs.ca_file)
        assert not await connects(settings, ssl_mode="verify-full")
        assert not await connects(settings, ssl_mode="disable")


async def test_a_certificate_for_another_host_passes_only_without_the_hosts_check(
    database_settings: DatabaseSettings, tmp_path: Path
) -> None:
    ours = Authority(tmp_path)
    async with behind_tls(database_settings, ours.issue("db", "db.example.jp")) as settings:
        assert not await connects(settings, ssl_mode="verify-full", ssl_ca_file=ours.ca_file)
        assert await connects(settings, ssl_mode="verify-ca", ssl_ca_file=ours.ca_file)


async def test_a_server_may_ask_for_a_client_certificate(
    database_settings: DatabaseSettings, tmp_path: Path
) -> None:
    ours = Authority(tmp_path)
    certificate, key = ours.issue("client", "client.example.jp")
    async with behind_tls(
        database_settings, ours.issue("db", "127.0.0.1"), client_ca=ours.ca_file
    ) as settings:
        assert await connects(
            settings,
            ssl_mode="verify-full",
            ssl_ca_file=ours.ca_file,
            ssl_certificate_file=certificate,
            ssl_key_file=key,
        )
        assert not await connects(settings, ssl_mode="verify-full", ssl_ca_file=ours.ca_file)


async def test_a_server_without_tls_is_refused_when_tls_is_required(
    database_settings: DatabaseSettings,
) -> None:
    assert not await connects(database_settings, ssl_mode="require")
    assert await connects(database_settings, ssl_mode="prefer")
