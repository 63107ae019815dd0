"""Reads Dockerfiles, for tests on machines that have no Docker."""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from deploy.local.bootstrap import ROOT


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a Dockerfile, such as ``COPY libs libs``."""

    keyword: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The words after the keyword, as a shell (or JSON, where it is a list) splits them."""
        if self.rest.startswith("["):
            return [str(word) for word in json.loads(self.rest)]
        return shlex.split(self.rest)

    @property
    def variables(self) -> dict[str, str]:
        """The variables that an ``ENV`` sets."""
        return dict(word.split("=", 1) for word in self.words)


def stages(service: str) -> list[list[Instruction]]:
    """The stages of a service's image; each begins with its ``FROM``."""
    text = (ROOT / "services" / service / "Dockerfile").read_text().replace("\\\n", " ")
    found: list[list[Instruction]] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line.startswith("#"):
            continue
        keyword, _, rest = line.partition(" ")
        if keyword == "FROM":
            found.append([])
        found[-1].append(Instruction(keyword, rest.strip()))
    return found


def of_kind(keyword: str, stage: Sequence[Instruction]) -> Iterator[Instruction]:
    """The instructions of a stage that begin with ``keyword``."""
    return (instruction for instruction in stage if instruction.keyword == keyword)


def environment(service: str) -> dict[str, str]:
    """Return the variables that the image sets for the process."""
    return {
        name: value
        for instruction in of_kind("ENV", stages(service)[-1])
        for name, value in instruction.variables.items()
    }


def in_context(path: str) -> bool:
    """Whether ``.dockerignore``, which lists what to let through, lets a file through."""
    patterns = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    let_in = False
    for pattern in patterns:  # the last one that matches decides
        wanted = pattern.removeprefix("!")
        if fnmatch(path, wanted) or fnmatch(f"/{path}", wanted.replace("**/", "*/")):
            let_in = pattern.startswith("!")
    return let_in
