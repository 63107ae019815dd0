"""Go step by step, and stop at the first one that does not happen."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

from rich.markup import escape
from rich.table import Table

from kakehashi_common.http.client import ApiError
from kakehashi_common.terminal import Console

T = TypeVar("T")

_LOOKS_EVERY: Final = 0.3
_PAGES: Final = Path(".local")
"""The folder of pages that a browser can't request, since it has no token."""


class StepError(RuntimeError):
    """A step did not happen; the message says what was awaited, and what was found."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """The present state, which is not the awaited one."""

    found: str


@dataclass(eq=False)
class Steps:
    """Prints what happens, and waits for it.

    Args:
        console: where to.
        within: how long each thing may take.
    """

    console: Console
    within: timedelta
    current: str = field(default="0  What the journey needs", init=False)
    """The current step."""
    _steps: int = field(default=0, init=False)

    def begin(self, title: str) -> None:
        """Begin a step."""
        self._steps += 1
        self.current = f"{self._steps}  {title}"
        self.console.print()
        self.console.rule(f"[bold]{escape(self.current)}", align="left")

    def print(self, text: str) -> None:
        """Print a sentence."""
        self.console.print(text, highlight=False)

    def lines(self, rows: Iterable[tuple[str, ...]]) -> None:
        """Print rows in columns."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
        for row in rows:
            table.add_row(*map(escape, row))
        self.console.print(table)

    def link(self, name: str, url: str) -> None:
        """Print where to look, unwrapped so that it can be copied."""
        self.console.print(f"  → {name:22} {url}", highlight=False, markup=False, soft_wrap=True)

    def page(self, name: str, file: str, text: str) -> None:
        """Keep a page for a browser, and print where it is."""
        _PAGES.mkdir(exist_ok=True)
        kept = (_PAGES / file).resolve()
        kept.write_text(text, encoding="utf-8")
        self.link(name, kept.as_uri())

    def wait(self, what: str, look: Callable[[], T | NotYet]) -> T:
        """Wait for something, and return it.

        Raises:
            StepError: it did not come in time.
        """
        started = time.monotonic()
        with self.console.status(f"Waiting for {escape(what)} …"):
            while True:
                try:
                    found = look()
                except ApiError as error:
                    found = NotYet(str(error))
                if not isinstance(found, NotYet):
                    return found
                if time.monotonic() - started > self.within.total_seconds():
                    raise StepError(
                        f"waited {self.within.total_seconds():.0f} s for {what}; "
                        f"found: {found.found}"
                    )
                time.sleep(_LOOKS_EVERY)
