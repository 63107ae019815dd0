"""Measure a YAML document with each alias counted as everything that it stands for."""

import math
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

MAX_DEPTH: Final = 32
MAX_VALUES: Final = 100_000
"""Of a file, each alias counted as everything that it stands for: a few nested ones make billions.
"""


class Aliases:
    """Measures a tree in which one node can stand in many places.

    Each node is measured once. Its depth in the file is bounded, and an alias names a node that
    comes before it, so the recursion is as deep as the file is nested.
    """

    def __init__(self) -> None:
        self._measured: dict[int, tuple[float, float]] = {}
        self._found: Node | None = None

    def first_excess(self, root: Node) -> Node | None:
        """Return the first node that is too large or too deep, or holds itself."""
        self._measure(root)
        return self._found

    def _measure(self, node: Node) -> tuple[float, float]:
        """Return how many values and levels ``node`` stands for."""
        if (known := self._measured.get(id(node))) is not None:
            return known
        self._measured[id(node)] = (math.inf, math.inf)  # until it is known: it would hold itself
        parts = [self._measure(each) for each in parts_of(node)]
        values = 1 + sum(part[0] for part in parts)
        levels = 1 + max((part[1] for part in parts), default=0)
        self._measured[id(node)] = (values, levels)
        if self._found is None and (values > MAX_VALUES or levels > MAX_DEPTH):
            self._found = node
        return values, levels


def parts_of(node: Node) -> list[Node]:
    """Return the keys and values of a mapping, or the items of a list."""
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []
