"""Other points in a rule file, with all else left as it was written."""

from collections.abc import Mapping
from dataclasses import replace

from ruamel.yaml.nodes import MappingNode, Node

from kakehashi_common.errors import ConflictError
from kakehashi_common.yaml_reader import Report, read
from lead_scoring.domain.explanation import shown
from lead_scoring.domain.rules import RuleSet
from lead_scoring.rules.file import RulesFileError, published


def replaced(document: str, points: Mapping[str, int]) -> str:
    """Return a published rule file with other points of some rules; comments and layout stay.

    Args:
        document: the file, YAML.
        points: tenths of a point by rule, as ``engagement.<id>`` or ``fit.<id>``.

    Raises:
        ConflictError: a value is shared with another one (an alias), so that both would change.
        KeyError: there is no such rule.
    """
    root = read(document, Report(checking=False))
    places = []
    for name, tenths in points.items():
        dimension, _, rule = name.partition(".")
        node = _value(_value(_value(_value(root, dimension), "rules"), rule), "points")
        places.append((node.start_mark.index, node.end_mark.index, shown(tenths)))
    changed = document
    for start, end, text in sorted(places, reverse=True):
        changed = changed[:start] + text + changed[end:]
    if not _is_read_as(changed, _with_points(published(document), points)):
        raise ConflictError(
            "the rule file has values that stand for several rules (aliases): write them out, "
            "publish it, and ask again",
            code="shared_values",
        )
    return changed


def _is_read_as(document: str, expected: RuleSet) -> bool:
    try:
        return published(document) == expected
    except RulesFileError:  # the anchor is gone that an alias names
        return False


def _value(mapping: Node | None, key: str) -> Node:
    entries = mapping.value if isinstance(mapping, MappingNode) else ()
    for name, value in entries:
        if name.value == key and isinstance(value, Node):
            return value
    raise KeyError(key)


def _with_points(rules: RuleSet, points: Mapping[str, int]) -> RuleSet:
    return replace(
        rules,
        engagement_rules=tuple(
            replace(rule, points=points.get(f"engagement.{rule.id}", rule.points))
            for rule in rules.engagement_rules
        ),
        fit_rules=tuple(
            replace(rule, points=points.get(f"fit.{rule.id}", rule.points))
            for rule in rules.fit_rules
        ),
    )
