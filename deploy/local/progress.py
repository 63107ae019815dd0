"""Progress of steps that take longer than two seconds. Standard library only."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

_SILENT_SECONDS = 2.0
_REMINDER_SECONDS = 15.0
_REDRAW_SECONDS = 0.2


class StackError(Exception):
    """Something a person can act on: shown as one line, without a traceback."""


@contextlib.contextmanager
def step(title: str, *, unless_quick: bool = False) -> Iterator[None]:
    """Say what takes longer than two seconds while it does, and how long it took in the end.

    A terminal gets one line that counts; a log gets a line now and then. `unless_quick` leaves
    out what was done within two seconds.
    """
    started = time.monotonic()
    finished = threading.Event()
    on_terminal = sys.stderr.isatty()

    def report_progress() -> None:
        pause = _REDRAW_SECONDS if on_terminal else _SILENT_SECONDS
        start_of_line, end_of_line = ("\r", "") if on_terminal else ("", "\n")
        while not finished.wait(pause):
            seconds = time.monotonic() - started
            _write(f"{start_of_line}  … {title} ({seconds:.0f} s){end_of_line}")
            pause = _REDRAW_SECONDS if on_terminal else _REMINDER_SECONDS

    narrator = threading.Thread(target=report_progress, daemon=True)
    narrator.start()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        finished.set()
        narrator.join()
        seconds = time.monotonic() - started
        start_of_line = "\r\x1b[K" if on_terminal else ""
        if unless_quick and mark == "✓" and seconds < _SILENT_SECONDS:
            _write(start_of_line)
        else:
            _write(f"{start_of_line}  {mark} {title} ({seconds:.1f} s)\n")


def say(line: str) -> None:
    """One line for the person at the terminal, on stderr: stdout belongs to results."""
    _write(line + "\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
