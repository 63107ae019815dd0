"""What a person sees while something takes longer than two seconds. Standard library only."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

_REMINDER_SECONDS = 10.0
_REDRAW_SECONDS = 0.2


class StackError(Exception):
    """Something a person can act on: shown as one line, without a traceback."""


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Say that `title` is under way, how long it has taken so far, and how long it took."""
    started = time.monotonic()
    finished = threading.Event()
    on_terminal = sys.stderr.isatty()

    def narrate() -> None:
        pause = _REDRAW_SECONDS if on_terminal else _REMINDER_SECONDS
        while not finished.wait(pause):
            seconds = time.monotonic() - started
            if on_terminal:
                _write(f"\r  … {title} ({seconds:.0f} s)")
            else:
                _write(f"  … {title}: still at it after {seconds:.0f} s\n")

    narrator = threading.Thread(target=narrate, daemon=True)
    narrator.start()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        finished.set()
        narrator.join()
        start_of_line = "\r\x1b[K" if on_terminal else ""
        _write(f"{start_of_line}  {mark} {title} ({time.monotonic() - started:.1f} s)\n")


def say(line: str) -> None:
    """One line for the person at the terminal, on stderr: stdout belongs to results."""
    _write(line + "\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
