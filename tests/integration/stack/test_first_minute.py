"""Problems of a first start, on a clone of this checkout: it works, or is refused at once with the
remedy."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from deploy.local.bootstrap import ROOT
from deploy.local.instance import default_ports, port_setting
from kakehashi_common.ports import free_port

_SECONDS = 240.0
"""Until the servers are up, on a machine that is busy."""

_ASK_POSTGRES = """
import asyncio, asyncpg, os

async def ask():
    connection = await asyncpg.connect(os.environ["KAKEHASHI_POSTGRES_URL"])
    print(await connection.fetchval("select 'it answers'"))
    await connection.close()

asyncio.run(ask())
"""


def clone(target: Path) -> Path:
    """Clone the tracked files, as they are in the working tree."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  # whichever git the developer uses
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    for name in map(os.fsdecode, filter(None, tracked)):
        if (ROOT / name).is_file():
            copied = target / name
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes((ROOT / name).read_bytes())
    return target


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which nothing was installed yet."""
    return clone(tmp_path_factory.mktemp("clone") / "kakehashi")


def stack(
    checkout: Path,
    *arguments: str,
    given: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, sys.executable, checkout / "deploy" / "local" / "stack.py", *arguments],
        cwd=checkout,
        env={**os.environ, **(given or {})},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr[result.stderr.index("error: ") :]


def ports_that_are_free() -> dict[str, int]:
    """A port of its own for everything that listens, by its setting."""
    return {port_setting("test", name): free_port() for name in default_ports("test")}


def write_settings(checkout: Path, settings: Mapping[str, int]) -> None:
    lines = (f"{name}={value}\n" for name, value in settings.items())
    (checkout / ".env.test").write_text("".join(lines))


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Path]:
    """A clone in a folder that nobody else may enter, under a name with a space and kanji."""
    home = tmp_path / "private"
    home.mkdir(mode=0o700)
    checkout = clone(home / "架け橋 by a colleague")
    write_settings(checkout, ports_that_are_free())
    yield checkout
    stack(checkout, "--instance", "test", "reset")


def test_servers_start_in_a_private_folder_with_an_unusual_name(private: Path) -> None:
    # As in most containers, root has no capability to look into everybody's folders.
    capability = "-dac_read_search"
    as_in_a_container = ("setpriv", "--bounding-set", capability, "--inh-caps", capability)

    started = stack(
        private,
        *("--instance", "test", "up", "--only", "servers"),
        prefix=as_in_a_container if os.geteuid() == 0 else (),
    )

    assert started.returncode == 0, started.stderr
    asked = stack(private, "--instance", "test", "exec", "--", "python", "-c", _ASK_POSTGRES)
    assert asked.stdout == "it answers\n", asked.stderr


def test_a_cache_that_cant_be_written_to_is_refused_before_anything_is_installed(
    bare: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()

    result = stack(bare, "setup", given={"XDG_CACHE_HOME": str(file)})

    assert refusal(result) == (
        f"error: {file / 'kakehashi'} can't be written to (Not a directory): "
        "choose another with XDG_CACHE_HOME\n"
    )
    assert not (bare / ".venv").exists()


def test_a_port_that_is_taken_is_refused_before_anything_is_installed(bare: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = ports_that_are_free() | {port_setting("test", "postgres"): port}
        write_settings(bare, settings)

        result = stack(bare, "--instance", "test", "up")

    (bare / ".env.test").unlink()
    assert f"port {port} for postgres is taken by another program" in refusal(result)
    assert not (bare / ".venv").exists()


def test_a_python_without_pip_and_venv_is_named_with_the_package_to_install(
    bare: Path, tmp_path: Path
) -> None:
    for module in ("pip", "ensurepip"):
        (tmp_path / f"{module}.py").write_text("raise ModuleNotFoundError")
    if shutil.which("uv"):
        pytest.skip("a uv on PATH needs neither pip nor venv")

    result = stack(
        bare,
        "setup",
        given={
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "PYTHONPATH": str(tmp_path),
        },
    )

    assert "has neither pip nor venv" in refusal(result)
    assert "apt install python3-venv" in refusal(result)


def test_without_network_the_remedy_is_named_and_nothing_half_finished_stays(
    bare: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    nowhere = "http://127.0.0.1:9"

    result = stack(
        bare,
        "setup",
        given={
            **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), nowhere),
            "XDG_CACHE_HOME": str(cache),
            "UV_CACHE_DIR": str(tmp_path / "uv"),
            "UV_HTTP_RETRIES": "0",
            "PIP_RETRIES": "0",
            "PIP_NO_CACHE_DIR": "1",
        },
    )

    assert "If the network or a proxy is the reason" in refusal(result)
    # An entry of the cache is complete or absent.
    finished = [entry for entry in (cache / "kakehashi").iterdir() if entry.is_dir()]
    assert all(entry.name.startswith("uv-") for entry in finished)
