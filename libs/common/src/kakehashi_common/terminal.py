"""What commands print: text of others is shown, never obeyed.

A dead letter, a cell of a file or a name may hold a terminal's escape sequences, which would move
the cursor, rewrite lines or set the clipboard of whoever looks at it.
"""

from collections.abc import Iterable

import rich.console
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

from kakehashi_common.contracts.texts import visible


class Console(rich.console.Console):
    """Rich's console, with the characters that a terminal would obey written out."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render as rich does; colours are rich's own, and come later."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)
