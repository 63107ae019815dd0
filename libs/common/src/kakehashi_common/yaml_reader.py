"""Reading YAML a person wrote, value by value, with the place and reason of every mistake.

The values come from the node tree, which knows where each one stands; nothing is constructed from
tags, and an alias is the node that it names. Size, depth and what aliases stand for are bounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kakehashi_common.contracts.texts import forbidden_character
from kakehashi_common.yaml_aliases import MAX_DEPTH, MAX_VALUES, Aliases, parts_of

Scalar = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"
_NULL = _TAG + "null"
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


MAX_BYTES: Final = 262_144
"""Of a file, in UTF-8: twenty times the largest that we ship. Reading more takes many seconds."""
_MOST_READ: Final = MAX_BYTES + 8
"""More than the limit still without a byte order mark and a character that the end cuts."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file. Lines and columns count from 1."""

    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.reason}"


MAX_PROBLEMS: Final = 20
"""Mistakes that are listed of one file; the others are counted."""


class Report:
    """The problems found so far, and how many there are beside those listed.

    What can't be read is always one of them. What can be read and is not wanted is refused only
    where the text is checked, not where it was accepted before.
    """

    def __init__(self, *, checking: bool = True) -> None:
        self.problems: list[Problem] = []
        self.more = 0
        self.checking = checking

    @property
    def count(self) -> int:
        """The number of problems found, listed or not."""
        return len(self.problems) + self.more

    @property
    def full(self) -> bool:
        """Whether further problems are only counted."""
        return len(self.problems) >= MAX_PROBLEMS

    def add(self, node: Node, reason: str, *, line: int = 0) -> None:
        """Note a mistake at the place where ``node`` starts, or in a line of its text block."""
        if self.full:
            self.more += 1
            return
        mark = node.start_mark
        if line and isinstance(node, ScalarNode) and node.style == "|":
            self.problems.append(Problem(mark.line + 1 + line, 1, reason))
        else:
            self.problems.append(Problem(mark.line + 1, mark.column + 1, reason))

    def refuse(self, node: Node, reason: str) -> None:
        """Note that what ``node`` says is readable, and not wanted."""
        if self.checking:
            self.add(node, reason)


class InvalidFileError(ValueError):
    """A file that can't be used; ``problems`` names each place and reason, first to last."""

    def __init__(self, problems: list[Problem], more: int = 0) -> None:
        others = [f"and {more:,} more"] if more else []
        super().__init__("\n".join([*map(str, problems), *others]))
        self.problems = problems
        self.more = more
        """The number of further mistakes."""


def text_of(path: Path) -> str:
    """Return the text of a file, a byte order mark left out, for :func:`read`.

    Of a file that is too large only so much is read that :func:`read` refuses it.

    Raises:
        OSError: it can't be read.
        InvalidFileError: it is not UTF-8.
    """
    with path.open("rb") as file:
        found = file.read(_MOST_READ)
    try:
        return found.decode("utf-8-sig", "strict" if len(found) < _MOST_READ else "replace")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        reason = "the file is not UTF-8; save it in that encoding"
        raise InvalidFileError([Problem(line, 1, reason)]) from None


def read(text: str, report: Report) -> Node | None:
    """Return the document's root; ``None`` (with the problem reported) when it is not YAML.

    What is too large is refused unread where the text is checked.
    """
    if report.checking and len(text.encode("utf-8", "replace")) > MAX_BYTES:
        reason = f"the file is larger than {MAX_BYTES:,} bytes; split it, or leave out what repeats"
        report.problems.append(Problem(1, 1, reason))
        return None
    try:
        root = _composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = "; ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = f"not valid YAML: {reason}"
        if isinstance(error, MaxDepthExceededError):
            said = f"nested too deeply: more than {MAX_DEPTH} levels"
        report.problems.append(Problem(line, column, said))
        return None
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        report.problems.append(Problem(1, 1, f"not valid YAML: {reason}"))
        return None
    if root is None:
        report.problems.append(Problem(1, 1, "the file is empty"))
        return None
    if (aliased := Aliases().first_excess(root)) is not None:
        report.refuse(
            aliased,
            "by its aliases it holds itself, is nested more than "
            f"{MAX_DEPTH} levels deep or holds more than {MAX_VALUES:,} values; write out what "
            "is meant",
        )
        return root if not report.checking else None
    _check_texts(root, report)
    return root


def _composed(text: str) -> Node | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    root: Node | None = yaml.compose(text)
    return root


def _check_texts(root: Node, report: Report) -> None:
    """Refuse what no text may hold, in keys too; an alias is looked at once."""
    seen: set[int] = set()
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        text = str(node.value) if isinstance(node, ScalarNode) else ""
        if (character := forbidden_character(text)) is not None:
            report.refuse(node, f"it holds {character}, a character that no text may hold")
        nodes.extend(reversed(parts_of(node)))


class Section:
    """A mapping with known keys.

    A getter reports what is wrong and then returns a harmless value, so that reading goes on and
    finds the rest; what was read may be used only while the section is :attr:`sound`.
    """

    def __init__(
        self, node: Node, report: Report, what: str, required: str = "", optional: str | None = ""
    ) -> None:
        """Read the keys; ``required`` and ``optional`` (``None``: any) are separated by spaces."""
        self.report = report
        self.what = what
        self._node = node
        self._problems_before = report.count
        self._entries: dict[str, tuple[Node, Node]] = {}
        if not isinstance(node, MappingNode):
            report.add(node, f"{what} must be a mapping of keys to values")
            return
        known = None if optional is None else {*required.split(), *optional.split()}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, ScalarNode) else ""
            if name in self._entries:
                first = self._entries[name][0].start_mark.line + 1
                report.add(key, f"{name!r} is given twice in {what} (first in line {first})")
            elif known is not None and name not in known:
                hint = "" if report.full else _hint(name, known)
                report.add(key, f"unknown key {name!r} in {what}{hint}")
            else:
                self._entries[name] = (key, value)
        if missing := [name for name in required.split() if name not in self._entries]:
            report.add(node, f"{what} lacks {', '.join(missing)}")

    @property
    def sound(self) -> bool:
        """Whether nothing was reported since the section was opened, of it and its parts."""
        return self.report.count == self._problems_before

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def entries(self) -> Iterator[tuple[str, Node, Node]]:
        """Each key with its own node and its value's, in the file's order."""
        for name, (key, value) in self._entries.items():
            yield name, key, value

    def problem(self, key: str, reason: str) -> None:
        """Report a problem with the value of ``key``, or with the section if it has no such key."""
        if key not in self._entries:
            self.report.add(self._node, reason)
            return
        name, value = self._entries[key]
        # An empty value is found only where the next thing stands, often a line further down.
        self.report.add(name if value.tag == _NULL else value, reason)

    def refuse(self, key: str, reason: str) -> None:
        """Report the value of ``key`` as readable, and not wanted."""
        if self.report.checking:
            self.problem(key, reason)

    def section(self, key: str, required: str = "", optional: str | None = "") -> "Section":
        """The mapping under ``key``; where there is none, an empty one that is not sound."""
        if key in self._entries:
            return Section(self._entries[key][1], self.report, key, required, optional)
        absent = Section(MappingNode(_TAG + "map", []), self.report, key)
        absent._problems_before = -1
        return absent

    def text(self, key: str) -> str:
        """A text; empty where there is none."""
        if key not in self._entries:
            return ""
        node = self._entries[key][1]
        if node.tag == _NULL:
            self.problem(key, f"{key} must be a text")
            return ""
        return _text(node, self.report, key)

    def items(self, key: str) -> tuple[Node, ...]:
        """The nodes of a list; none where there is none."""
        if key not in self._entries:
            return ()
        node = self._entries[key][1]
        if not isinstance(node, SequenceNode) or not node.value:
            self.problem(key, f"{key} must be a list of at least one, such as [a, b]")
            return ()
        return tuple(node.value)

    def scalar(self, key: str) -> Scalar:
        """A text, a number, true or false; ``None`` where there is none."""
        if key not in self._entries:
            return None
        value = as_scalar(self._entries[key][1])
        if value is None:
            self.problem(key, f"{key} must be a text, a number, true or false")
        return value

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """A list of texts, numbers, true or false; empty where there is none."""
        values = tuple(as_scalar(node) for node in self.items(key))
        if None in values:
            self.problem(key, f"each of {key} must be a text, a number, true or false")
            return ()
        return values

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none."""
        return tuple(_text(node, self.report, f"each of {key}") for node in self.items(key))

    def number(self, key: str) -> Decimal | None:
        """A number, written plainly; ``None`` where there is none."""
        if key not in self._entries:
            return None
        number = as_number(self._entries[key][1])
        if number is None:
            self.problem(key, f"{key} must be a plain number, such as 2.5")
        return number

    def whole(self, key: str) -> int | None:
        """A whole number; ``None`` where there is none."""
        if key not in self._entries:
            return None
        number = as_number(self._entries[key][1])
        if number is None or number != number.to_integral_value():
            self.problem(key, f"{key} must be a whole number, such as 30")
            return None
        return int(number)

    def sections(
        self, key: str, required: str = "", optional: str | None = ""
    ) -> tuple["Section", ...]:
        """A list of mappings; empty where there is none."""
        what = f"each of {key}"
        return tuple(
            Section(node, self.report, what, required, optional) for node in self.items(key)
        )

    def day(self, key: str) -> date | None:
        """A day, in quotes or not; ``None`` where there is none."""
        if key not in self._entries:
            return None
        node = self._entries[key][1]
        text = str(node.value) if isinstance(node, ScalarNode) else ""
        try:
            return date.fromisoformat(text if _DAY.fullmatch(text) else "")
        except ValueError:
            self.problem(key, f"{key} must be a day that exists, such as 2027-03-31")
            return None

    def boolean(self, key: str) -> bool | None:
        """True or false; ``None`` where there is neither."""
        if key not in self._entries:
            return None
        value = as_scalar(self._entries[key][1])
        if not isinstance(value, bool):
            self.problem(key, f"{key} must be true or false")
            return None
        return value


def as_number(node: Node) -> Decimal | None:
    """The number that a node holds, ``None`` if it holds something else."""
    if not isinstance(node, ScalarNode) or node.tag not in {_TAG + "int", _TAG + "float"}:
        return None
    return Decimal(node.value) if _NUMBER.fullmatch(node.value) else None


def as_scalar(node: Node) -> Scalar:
    """The text, number or truth value that a node holds; ``None`` for anything else."""
    if not isinstance(node, ScalarNode) or node.tag == _NULL:
        return None
    if node.tag == _TAG + "bool":
        return str(node.value).lower() == "true"
    if (number := as_number(node)) is not None:
        return int(number) if node.tag == _TAG + "int" else float(number)
    return str(node.value)


def _text(node: Node, report: Report, what: str) -> str:
    if isinstance(node, ScalarNode) and node.tag == _TAG + "str" and node.value.strip():
        return str(node.value)
    scalar = isinstance(node, ScalarNode) and node.value
    quoted = f"; write '{node.value}', in quotes" if scalar else ""
    report.add(node, f"{what} must be a text{quoted}")
    return ""


def _hint(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known keys: {', '.join(sorted(known))}"
