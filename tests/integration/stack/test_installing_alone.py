"""Each service installs and starts by itself, by the steps of its image's Dockerfile.

What is left to a machine with Docker is the base image: Debian's, with another Python.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local import bootstrap
from deploy.local.declared import SERVICES, Service
from tests.support.images import Instruction, in_context, of_kind, stages


def copy(instruction: Instruction, into: Path) -> None:
    """Do what ``COPY`` does with the files that reach the builder."""
    *sources, destination = instruction.words
    for source in sources:
        found = bootstrap.ROOT / source
        files = [
            file
            for file in ([found] if found.is_file() else found.rglob("*"))
            if file.is_file() and in_context(file.relative_to(bootstrap.ROOT).as_posix())
        ]
        assert files, f"COPY {source}: the builder gets no such file"
        for file in files:
            below = file.relative_to(found) if found.is_dir() else file.name
            to_folder = found.is_dir() or destination.endswith("/")
            target = into / destination / below if to_folder else into / destination
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_steps_of_its_image_install_a_service_that_starts(
    service: Service, tmp_path: Path
) -> None:
    build, image = stages(service.name)
    context, installed = tmp_path / "build", tmp_path / "venv"
    environment = {
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(installed),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    environment.pop("VIRTUAL_ENV", None)

    for instruction in build:
        if instruction.keyword == "COPY":
            copy(instruction, context)
        elif instruction.keyword == "RUN" and instruction.words[0] == "uv":
            subprocess.run(
                [bootstrap.uv(), *instruction.words[1:], "--quiet"],
                cwd=context,
                env=environment,
                check=True,
            )
    shutil.rmtree(context)  # the image has the environment alone
    [entrypoint] = of_kind("ENTRYPOINT", image)
    python, *arguments = entrypoint.words
    started = subprocess.run(
        [installed / "bin" / python, *arguments, "--help"],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "200"},  # no name broken over two lines
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 0, started.stderr
    for process in ("migrate", *service.ports):
        assert process in started.stdout
    assert not list(installed.glob("lib/*/site-packages/pytest"))
