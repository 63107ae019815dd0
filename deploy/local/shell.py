"""Running a command that either works or explains itself. Standard library only."""

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.local.progress import StackError

_TAIL_LINES = 15
_LINE_CHARACTERS = 400
_JAVA_FRAME: Final = re.compile(r"\s+(at \S+\(|\.{3} \d+ more)")
_PAUSE_SECONDS = 2.0
_ANSWER_SECONDS = 30.0
AFTER_A_DOWNLOAD: Final = (
    "If the network or a proxy is the reason, mend that and run the same command again: what was "
    "finished is kept."
)
"""The advice after a failed download."""


def run(
    command: Sequence[str | Path],
    failure: str,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    attempts: int = 1,
) -> None:
    """Run `command` with `environment` added to this process's own.

    `attempts` is for what downloads from a registry, which may hiccup.

    Raises:
        StackError: it failed each time; `failure` and the end of its output.
    """
    for attempt in range(attempts):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        result = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode == 0:
            return
    remedy = f"\n{AFTER_A_DOWNLOAD}" if attempts > 1 else ""
    raise StackError(f"{failure}:\n{last_lines(result.stdout)}{remedy}")


def answer(command: Sequence[str | Path]) -> str:
    """Return the output of a quick command; empty when it fails or doesn't exist."""
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_ANSWER_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout if result.returncode == 0 else ""


def last_lines(text: str) -> str:
    """Return the end of a log with its long lines cut, or say that it is empty.

    The frames of Java's stack traces are left out: what went wrong stands above them.
    """
    lines = [line for line in text.strip().splitlines() if not _JAVA_FRAME.match(line)]
    return "\n".join(shorten(line) for line in lines[-_TAIL_LINES:]) or "(it wrote nothing)"


def shorten(line: str) -> str:
    """`line`, without its middle when that is long: a JSON log line carries whole tracebacks."""
    if len(line) <= _LINE_CHARACTERS:
        return line
    half = _LINE_CHARACTERS // 2
    return f"{line[:half]} … {line[-half:]}"
