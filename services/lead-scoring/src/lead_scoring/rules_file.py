"""Rule files: YAML text to a rule set, or every problem with its line and reason.

``rules/municipal.yaml`` shows the whole format. Points have at most one decimal.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final, TypeVar, get_args

from ruamel.yaml.nodes import Node

from kakehashi_common.contracts.lead_events import DecisionRole
from kakehashi_common.contracts.municipalities import (
    Kind,
    SizeBand,
    known_municipality_code,
    municipalities,
)
from lead_scoring.domain.profile import ATTRIBUTE, Scalar
from lead_scoring.domain.rules import (
    Between,
    Condition,
    ContainsAny,
    EngagementRule,
    FitRule,
    Group,
    InvalidRuleError,
    Label,
    OneOf,
    Present,
    QualificationRule,
    RuleSet,
    Thresholds,
)
from lead_scoring.yaml_reader import Problem, Report, Section, as_scalar, read

MUNICIPAL: Final = "municipal"
"""The rule set that is shipped: made for selling to municipalities."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_CONDITIONS = ("equals", "in", "contains_any", "at_least", "below", "present")

_T = TypeVar("_T")


class RulesFileError(ValueError):
    """A rule file that can't be used; ``problems`` names each place and reason, first to last."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def check(text: str) -> RuleSet:
    """The rule set that ``text`` (YAML) describes.

    Raises:
        RulesFileError: with every problem that was found.
    """
    report = Report()
    root = read(text, report)
    rules = _rule_set(root, report) if root is not None else None
    if rules is None or report.problems:
        raise RulesFileError(sorted(report.problems))
    return rules


def shipped(name: str = MUNICIPAL) -> str:
    """The text of a rule file that comes with the package."""
    return files(__package__).joinpath("rules", f"{name}.yaml").read_text(encoding="utf-8")


def _rule_set(node: Node, report: Report) -> RuleSet | None:
    keys = "name description horizon_days grades qualification engagement fit"
    file = _section(node, report, "the rule file", keys)
    name = file.text("name")
    if name and not _SLUG.fullmatch(name):
        file.problem("name", _not_a_slug(name))
    description = file.text("description").strip()
    horizon = file.whole("horizon_days") or 0
    thresholds = _thresholds(file)
    qualification = _qualification(file)
    groups, rules = _groups(file, "engagement"), _rules(file, "engagement", _engagement_rule)
    fit_groups, fit_rules = _groups(file, "fit"), _rules(file, "fit", _fit_rule)
    if thresholds is None or qualification is None:
        return None
    return _build(
        file,
        lambda: RuleSet(
            name,
            description,
            horizon,
            thresholds,
            qualification,
            groups,
            rules,
            fit_groups,
            fit_rules,
        ),
    )


def _section(
    node: Node, report: Report, what: str, required: str = "", optional: str = ""
) -> Section:
    return Section(
        node, report, what, frozenset(required.split()), frozenset(optional.split())
    )


def _build(section: Section, build: Callable[[], _T]) -> _T | None:
    """Build a part of the rules, unless one of its values is already known to be wrong."""
    if not section.sound:
        return None
    try:
        return build()
    except InvalidRuleError as error:
        section.problem(error.field, error.reason)
        return None


def _thresholds(file: Section) -> Thresholds | None:
    if (node := file.part("grades")) is None:
        return None
    grades = _section(node, file.report, "grades", "fit engagement")
    found: list[int] = []
    for dimension, names in (("fit", "A B"), ("engagement", "1 2")):
        if (node := grades.part(dimension)) is not None:
            section = _section(node, file.report, f"the {dimension} thresholds", names)
            found += [_tenths(section, name) for name in names.split()]
    return _build(grades, lambda: Thresholds(*found))


def _qualification(file: Section) -> QualificationRule | None:
    if (node := file.part("qualification")) is None:
        return None
    section = _section(node, file.report, "qualification", "grades", "cool_down_days")
    grades = frozenset(section.texts("grades"))
    days = section.whole("cool_down_days") or 0
    return _build(section, lambda: QualificationRule(grades, days))


def _groups(file: Section, dimension: str) -> tuple[Group, ...]:
    groups: list[Group] = []
    for name, section in _entries(file, dimension, "groups", "cap label"):
        cap = _tenths(section, "cap")
        label = _label(section)
        if label and (group := _build(section, lambda: Group(name, cap, label))):
            groups.append(group)
    return tuple(groups)
