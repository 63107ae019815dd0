"""The commands that store: council sessions over HTTP, the registry in the database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from budget_calendar.cli import app
from kakehashi_common.http.server import serve
from kakehashi_common.ports import free_port
from kakehashi_common.settings import OpsSettings
from tests.support.budget_calendar_api import SCOPES, Service
from tests.support.ministry_workbooks import KIRYU, MAEBASHI, municipal

KIRYU_FILES = "examples/kiryu_council_sessions"


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[str]:
    """The API on a port, as a command reaches it."""
    port, stop = free_port(), asyncio.Event()
    serving = asyncio.create_task(serve(service.app, OpsSettings(port=port), stop))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        await serving


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(f"BUDGET_CALENDAR_{name}", value)
        yield


async def run(*arguments: str | Path) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, [str(each) for each in arguments])
    return result.exit_code, result.output


async def test_sessions_are_stored_over_http_and_say_what_moved(service: Service) -> None:
    async with service.database.transaction() as connection:
        await service.calendars.open_years(connection, "102032", (2026, 2027))
    token = service.issuer.token("sato", list(SCOPES))
    async with served(service) as url:
        with environment(API_URL=url, TOKEN=token):
            code, output = await run("sessions", "import", KIRYU_FILES, "--code", "102032")
    assert code == 0, output
    assert "Stored 51 sessions." in output
    vote = "第1回定例会 最終議決日 (Last voting day (session 1))"
    assert f"2026 {vote}: 2027-" in output
    assert f"2027 {vote}: 2028-" in output
    assert await service.rows("council_session") == 51
    [row] = await service.fetch("select who, what from audit")
    assert (row["who"], row["what"]) == ("sato", "observe_sessions")


async def test_sessions_without_the_scope_are_refused_in_a_line(service: Service) -> None:
    token = service.issuer.token("sato", ["budget-calendar:read"])
    async with served(service) as url:
        with environment(API_URL=url):
            code, output = await run(
                "sessions", "import", KIRYU_FILES, "--code", "102032", "--token", token
            )
    assert code == 1
    assert "budget-calendar:correct" in output.replace("\n", " ")
    assert await service.rows("council_session") == 0


async def test_without_an_api_the_command_says_so() -> None:
    with environment(API_URL=f"http://127.0.0.1:{free_port()}", TOKEN="any"):  # noqa: S106 - nobody asks
        code, output = await run("sessions", "import", KIRYU_FILES, "--code", "102032")
    assert code == 1
    assert "no API at" in output


async def test_the_registry_is_refreshed_in_the_database(service: Service, tmp_path: Path) -> None:
    await service.fetch("update municipality set type = 'town' where code = '102032' returning 1")
    async with service.database.transaction() as connection:
        await service.calendars.open(connection, "102032", 2027)
    path = municipal(tmp_path / "m.xlsx", MAEBASHI, KIRYU)
    url = make_url(service.database.settings.url).render_as_string(hide_password=False)
    with environment(DATABASE__URL=url):
        code, output = await run("registry", "import", "--municipal-indices", path)
    assert "Stored 2 that have changed; calendars of 1 have moved." in output
    # What the file lacks is an error, and the rest is taken over all the same.
    assert code == 1
    assert "missing from file: 1,739" in output
    [row] = await service.fetch("select type from municipality where code = '102032'")
    assert row["type"] == "city"
    [audit] = await service.fetch("select what, who from audit")
    assert audit["what"] == "refresh_registry"
    assert audit["who"].startswith("operator:")
    versions = await service.fetch("select version, cause from calendar order by version")
    assert [(each["version"], each["cause"]) for each in versions] == [
        (1, "opened"),
        (2, "registry"),
    ]
    with environment(DATABASE__URL=url):
        _, output = await run("registry", "import", "--municipal-indices", path)
    assert "Stored 0 that have changed" in output


async def test_a_registry_without_a_database_is_refused_in_a_line(tmp_path: Path) -> None:
    path = municipal(tmp_path / "m.xlsx", MAEBASHI, KIRYU)
    with environment(DATABASE__URL=f"postgresql://nobody@127.0.0.1:{free_port()}/none"):
        code, output = await run("registry", "import", "--municipal-indices", path)
    assert code == 1
    assert "PostgreSQL can't be reached" in output.replace("\n", " ")
