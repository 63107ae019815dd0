"""From a bare Python to the checkout's `.venv`: uv into the cache, then `uv sync`.

Runs on the machine's own Python before anything is installed: standard library only.
"""

import os
import shutil
import sys
from pathlib import Path

from deploy.local import versions
from deploy.local.cache import cached, locked
from deploy.local.progress import StackError, step
from deploy.local.shell import answer, run

ROOT = Path(__file__).resolve().parents[2]
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"


def require_python() -> None:
    """Refuse a Python that can't run the code."""
    if sys.version_info < versions.PYTHON_MINIMUM:
        wanted = ".".join(map(str, versions.PYTHON_MINIMUM))
        raise StackError(
            f"python3 is {sys.version.split()[0]} ({sys.executable}); Kakehashi needs {wanted} or "
            "newer: install one, or name it with `make PYTHON=python3.12 …`"
        )


def uv() -> Path:
    """The pinned uv: from PATH when it is that version, else installed into the cache."""
    on_path = shutil.which("uv")
    if on_path and answer([on_path, "--version"]).split()[1:2] == [versions.UV]:
        return Path(on_path)
    return cached(f"uv-{versions.UV}", _install_uv) / "bin" / "uv"


def sync() -> None:
    """Bring `.venv` to what `uv.lock` says. Takes a fraction of a second when it already is."""
    require_python()
    command = [str(uv()), "sync", "--frozen", "--all-packages", "--all-groups", "--quiet"]
    if not VENV_PYTHON.exists():
        command += ["--python", sys.executable]
    os.environ.pop("VIRTUAL_ENV", None)  # uv would warn that it uses .venv instead
    lock = ROOT / ".local" / "sync.lock"
    with locked(lock), step("Python packages of uv.lock", unless_quick=True):
        run(
            command,
            "uv could not install the packages of uv.lock",
            cwd=ROOT,
            environment={"UV_PYTHON_DOWNLOADS": "never"},
            attempts=2,
        )


def _install_uv(target: Path) -> None:
    requirement = f"uv=={versions.UV}"
    with step(f"uv {versions.UV}"):
        if _has_module("pip"):
            installer = [sys.executable, "-m", "pip", "install", "--target", str(target)]
        elif _has_module("ensurepip"):
            run([sys.executable, "-m", "venv", target], "python3 -m venv failed")
            installer = [str(target / "bin" / "python"), "-m", "pip", "install"]
        else:
            raise StackError(
                f"{sys.executable} has neither pip nor venv, so uv can't be installed: install "
                f"one of them (Debian, Ubuntu: apt install python3-venv) or uv {versions.UV}"
            )
        run(
            [*installer, "--quiet", requirement],
            "pip could not install uv",
            # A user-wide `pip.conf` with `user = true` contradicts --target.
            environment={"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            attempts=2,
        )


def _has_module(name: str) -> bool:
    return bool(answer([sys.executable, "-c", f"import {name}; print(True)"]))
