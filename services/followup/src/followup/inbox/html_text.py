"""HTML mails as text. One pass over the tags, however broken they are."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Final

_TAG: Final = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:]*+)(?P<attributes>[^<>]*+)>")
_SPACES: Final = re.compile(r"[ \t\r\n\f\xa0]+")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
_UNSHOWN: Final = ("head", "script", "style", "template", "title")
_BLOCKS: Final = (
    *("address", "article", "div", "dl", "dt", "dd", "fieldset", "footer", "form", "header"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre", "section", "table", "tr", "ul"),
)
_SHOWN_AS: Final = dict.fromkeys(("br", *_BLOCKS), "\n") | dict.fromkeys(("td", "th"), " ")
_VOID: Final = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr")
_HISTORY: Final = re.compile(
    r"gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION",
    re.IGNORECASE,
)
"""Classes and ids by which mail programs mark what they quote."""
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_TO_THE_END: Final = re.compile(r"divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION", re.IGNORECASE)
"""Marks behind which nothing but history follows."""


def text_of(html: str) -> tuple[str, bool]:
    """Return what the person wrote, and whether quoted history was left out."""
    pieces: list[str] = []
    skipped: list[str] = []  # open elements from the first that isn't shown
    has_history = False
    tags = list(_tags(html))
    closed = _closed(tag for tag, _ in tags)
    for number, (tag, text) in enumerate(tags):
        if not skipped:
            pieces.append(_SPACES.sub(" ", unescape(text)))
        if tag is None:
            continue
        name, closes = tag["name"].lower(), bool(tag["end"])
        if skipped:
            _step(skipped, name, closes=closes)
            continue
        pieces.append(_SHOWN_AS.get(name, ""))
        if closes or name in _VOID:
            continue
        if name == "blockquote" or _HISTORY.search(tag["attributes"]):
            has_history = True
            if _TO_THE_END.search(tag["attributes"]):
                break
            hides = True
        else:
            hides = name in _UNSHOWN or _HIDDEN.search(tag["attributes"]) is not None
        # What is never closed would take the person's text below it, too.
        if hides and number in closed:
            skipped.append(name)
    lines = (line.strip() for line in "".join(pieces).splitlines())
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip(), has_history


def _closed(tags: Iterable[re.Match[str] | None]) -> set[int]:
    """Return the numbers of the tags that open an element which is closed further on."""
    opened: defaultdict[str, list[int]] = defaultdict(list)
    closed = set()
    for number, tag in enumerate(tags):
        if tag is None:
            continue
        name = tag["name"].lower()
        if not tag["end"]:
            opened[name].append(number)
        elif opened[name]:
            closed.add(opened[name].pop())
    return closed


def _step(skipped: list[str], name: str, *, closes: bool) -> None:
    """Follow one tag inside of what isn't shown; only elements of the same name count."""
    if name != skipped[0]:
        return
    if closes:
        skipped.pop()
    else:
        skipped.append(name)


def _tags(html: str) -> Iterator[tuple[re.Match[str] | None, str]]:
    """Yield each tag with the text before it, and at last the text behind them all."""
    shown = _without_comments(html)
    position = 0
    for tag in _TAG.finditer(shown):
        yield tag, shown[position : tag.start()]
        position = tag.end()
    yield None, shown[position:]


def _without_comments(html: str) -> str:
    """Return the document without comments and declarations; an open comment takes the rest."""
    pieces, position = [], 0
    while (start := html.find("<!", position)) >= 0:
        pieces.append(html[position:start])
        end = "-->" if html.startswith("<!--", start) else ">"
        found = html.find(end, start)
        position = len(html) if found < 0 else found + len(end)
    pieces.append(html[position:])
    return "".join(pieces)
