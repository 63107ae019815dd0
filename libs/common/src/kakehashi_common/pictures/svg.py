"""SVG elements as text."""

from collections.abc import Sequence
from html import escape

from kakehashi_common.contracts.texts import visible

Value = str | float


def element(name: str, *children: str, **attributes: Value | None) -> str:
    """One SVG element; ``stroke_width=1`` becomes ``stroke-width="1"``, ``None`` is left out."""
    written = "".join(
        f' {key.replace("__", ":").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def polygon(points: Sequence[tuple[float, float]], fill: str, rim: str) -> str:
    """A filled polygon with a thin rim."""
    written = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return element("polygon", points=written, fill=fill, stroke=rim, stroke_width=1.2)


def number(value: float) -> str:
    """Up to two decimals, so that the same picture is written the same everywhere."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _value(value: Value) -> str:
    return escape(visible(value)) if isinstance(value, str) else number(value)


def markup(text: str) -> str:
    """Return ``text`` as the content of an element; what XML can't hold is written out."""
    return escape(visible(text), quote=False)
