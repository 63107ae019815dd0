"""Each service installs and starts by itself, as its image does, without the checkout's tools."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.local import bootstrap
from deploy.local.declared import SERVICES, Service


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_installs_and_starts_alone(service: Service, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(tmp_path / "venv"),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    environment.pop("VIRTUAL_ENV", None)

    subprocess.run(
        [
            *(bootstrap.uv(), "sync", "--frozen", "--package", service.name),
            *("--no-default-groups", "--no-editable", "--quiet"),
        ],
        cwd=bootstrap.ROOT,
        env=environment,
        check=True,
    )
    started = subprocess.run(
        [tmp_path / "venv" / "bin" / "python", "-m", service.package, "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 0, started.stderr
    assert all(process in started.stdout for process in service.ports)
    assert not list(tmp_path.glob("venv/lib/*/site-packages/pytest"))
