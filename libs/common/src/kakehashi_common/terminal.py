"""Output of commands: control characters are shown, never sent; lines break between phrases.

A dead letter, a cell of a file or a name may hold a terminal's escape sequences, which would move
the cursor, rewrite lines or set the clipboard of whoever looks at it.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final, ParamSpec

import rich.console
import typer
from rich.console import ConsoleOptions, JustifyMethod, OverflowMethod, RenderableType
from rich.containers import Lines
from rich.markup import escape
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

from kakehashi_common.contracts.texts import visible
from kakehashi_common.line_breaks import folded, phrases

P = ParamSpec("P")

FAILED: Final = 1
"""Exit code of a command that could not do what it was asked to."""

TIME_SKIPPING_SERVER: Final = typer.Option(
    envvar="KAKEHASHI_TIME_SKIPPING_SERVER",
    exists=True,
    dir_okay=False,
    help="Temporal's time-skipping test server; the SDK downloads one if left out.",
)
"""The option of a command that simulates."""


class Console(rich.console.Console):
    """Rich's console, with control characters written out.

    Rich breaks lines at spaces, and text without spaces, as Japanese is, anywhere; this console
    breaks it between phrases, in tables too.
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render as rich does; colours are rich's own, and come later."""
        if type(renderable) is Text:
            renderable = _Phrased.of(renderable)
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return what rich makes of a string; tables measure and print their cells so."""
        return _Phrased.of(super().render_str(text, **options))


class _Phrased(Text):
    """Text whose lines break between phrases."""

    @classmethod
    def of(cls, text: Text) -> "_Phrased":
        return cls(
            text.plain,
            text.style,
            justify=text.justify,
            overflow=text.overflow,
            no_wrap=text.no_wrap,
            end=text.end,
            tab_size=text.tab_size,
            spans=text.spans,
        )

    def wrap(
        self,
        console: rich.console.Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        keeps_lines = no_wrap if no_wrap is not None else self.no_wrap
        if keeps_lines or overflow == "ignore" or self.plain.isascii():
            return super().wrap(
                console,
                width,
                justify=justify,
                overflow=overflow,
                tab_size=tab_size,
                no_wrap=no_wrap,
            )
        lines = Lines()
        for line in self.split(allow_blank=True):
            line.expand_tabs(tab_size)
            broken = line.divide(_line_ends(line.plain, width))
            for each in broken:
                each.rstrip_end(width)
            broken.justify(
                console,
                width,
                justify=justify or self.justify or "default",
                overflow=overflow or self.overflow or "fold",
            )
            lines.extend(broken)
        return lines

    def __rich_measure__(
        self, console: rich.console.Console, options: ConsoleOptions
    ) -> Measurement:
        measured = super().__rich_measure__(console, options)
        if self.plain.isascii():
            return measured
        least = max(
            (
                Text(phrase.strip()).cell_len
                for line in self.plain.splitlines()
                for phrase in phrases(line)
            ),
            default=0,
        )
        return Measurement(min(least, measured.maximum), measured.maximum)


def _line_ends(text: str, width: int) -> list[int]:
    """Return the positions at which the lines of the text end."""
    ends: list[int] = []
    at = 0
    for line in folded(text, width):
        if at:
            ends.append(at + len(text[at:]) - len(text[at:].lstrip(" ")))
        at = text.index(line, at) + len(line)
    return ends


def reports_errors(
    *errors: type[Exception],
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Have a command say an error of these classes on the screen, and end with :data:`FAILED`."""

    def decorate(command: Callable[P, None]) -> Callable[P, None]:
        @wraps(command)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                command(*args, **kwargs)
            except errors as error:
                said = f"[red]{escape(str(error))}[/]"
                Console(stderr=True).print(said, highlight=False, soft_wrap=True)
                raise typer.Exit(FAILED) from None

        return run

    return decorate
