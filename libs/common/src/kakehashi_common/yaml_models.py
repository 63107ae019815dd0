"""YAML that a person wrote, as a model: each of the model's errors is a problem with its line."""

from collections.abc import Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kakehashi_common.yaml_reader import InvalidFileError, Report, as_scalar, read

M = TypeVar("M", bound=BaseModel)

_PREFIX: Final = "Value error, "
"""Pydantic's, before what a validator of ours says."""


def read_model(text: str, model: type[M]) -> M:
    """Return what the text says.

    Raises:
        InvalidFileError: it can't be used; all problems are in it.
    """
    report = Report()
    root = read(text, report)
    value = _plain(root, report) if root is not None else None
    if root is not None and not report.problems:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for each in error.errors():
                where = ".".join(str(part) for part in each["loc"])
                said = each["msg"].removeprefix(_PREFIX)
                report.add(_at(root, each["loc"]), f"{where}: {said}" if where else said)
    raise InvalidFileError(sorted(report.problems), report.more)


def _plain(node: Node, report: Report) -> object:
    if isinstance(node, SequenceNode):
        return [_plain(each, report) for each in node.value]
    if not isinstance(node, MappingNode):
        return as_scalar(node)
    found: dict[str, object] = {}
    for key, value in node.value:
        name = str(key.value) if isinstance(key, ScalarNode) else ""
        if name in found:
            report.add(key, f"{name!r} is given twice")
        found[name] = _plain(value, report)
    return found


def _at(root: Node, path: Sequence[str | int]) -> Node:
    """Return the node at a path, or the last one on the way to it."""
    node = root
    for part in path:
        if isinstance(node, SequenceNode) and isinstance(part, int):
            node = node.value[part]
        elif isinstance(node, MappingNode):
            there = [value for key, value in node.value if key.value == str(part)]
            if not there:
                break
            [node] = there
    return node
