"""Rule files: YAML text to a rule set, or every problem with its line and reason.

``rules/municipal.yaml`` shows the whole format. Points have at most one decimal.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final, ParamSpec, Protocol, TypeVar, get_args

from ruamel.yaml.nodes import Node

from kakehashi_common.contracts.lead_events import DecisionRole
from kakehashi_common.contracts.municipalities import (
    Kind,
    SizeBand,
    known_municipality_code,
    municipalities,
)
from kakehashi_common.yaml_reader import InvalidFileError, Problem, Report, Section, read
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

MAX_CHARACTERS: Final = 100_000
"""Nine times the rule set that ships. A megabyte takes this pure Python reader ten seconds and
more, in which an API that reads it answers nobody."""

MUNICIPAL: Final = "municipal"
"""The rule set that is shipped: made for selling to municipalities."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_CONDITIONS = frozenset({"equals", "in", "contains_any", "at_least", "below", "present"})
_RANGE = frozenset({"at_least", "below"})
_TEXT_FIELDS = frozenset({"department"})
_NUMBER_FIELDS = frozenset({"organisation_size"})


class _Checked(Protocol):
    def check(self) -> None: ...


_P = ParamSpec("_P")
_T = TypeVar("_T")
_Part = TypeVar("_Part", bound=_Checked)


class RulesFileError(InvalidFileError):
    """A rule file that can't be used."""


def check(text: str) -> RuleSet:
    """The rule set that ``text`` (YAML) describes, fit to be published.

    Raises:
        RulesFileError: with every problem that was found.
    """
    if len(text) > MAX_CHARACTERS:
        raise RulesFileError([Problem(1, 1, f"longer than {MAX_CHARACTERS:,} characters")])
    return _read(text, Report())


def published(document: str) -> RuleSet:
    """The rule set of a ``document`` that was published, and so was checked by the rules of then.

    Raises:
        RulesFileError: its format can't be read any more.
    """
    return _read(document, Report(checking=False))


def _read(text: str, report: Report) -> RuleSet:
    root = read(text, report)
    rules = None if root is None else _rule_set(root, report)
    if rules is None or report.problems:
        raise RulesFileError(sorted(set(report.problems)), report.more)
    return rules


def shipped(name: str = MUNICIPAL) -> str:
    """The text of a rule file that comes with the package."""
    return files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def _build(
    section: Section, make: Callable[_P, _Part], *args: _P.args, **kwargs: _P.kwargs
) -> _Part | None:
    """Make a part of the rules, unless a value in it is already known to be wrong."""
    if not section.sound:
        return None
    part = make(*args, **kwargs)
    if section.report.checking:
        try:
            part.check()
        except InvalidRuleError as error:
            section.problem(error.field, error.reason)
            return None
    return part


def _rule_set(node: Node, report: Report) -> RuleSet | None:
    keys = "name description horizon_days grades qualification engagement fit"
    file = Section(node, report, "the rule file", keys)
    name, description = file.text("name"), file.text("description").strip()
    horizon = file.whole("horizon_days") or 0
    if name and not _SLUG.fullmatch(name):
        file.refuse("name", _not_a_slug(name))
    thresholds = _thresholds(file.section("grades", "fit engagement"))
    qualification = _qualification(file.section("qualification", "grades", "cool_down_days"))
    groups, rules = _dimension(file, "engagement", _engagement_rule)
    fit_groups, fit_rules = _dimension(file, "fit", _fit_rule)
    if thresholds is None or qualification is None:
        return None
    return _build(
        file,
        RuleSet,
        name=name,
        description=description,
        horizon_days=horizon,
        thresholds=thresholds,
        qualification=qualification,
        engagement_groups=groups,
        engagement_rules=rules,
        fit_groups=fit_groups,
        fit_rules=fit_rules,
    )


def _thresholds(grades: Section) -> Thresholds | None:
    fit, engagement = grades.section("fit", "A B"), grades.section("engagement", "1 2")
    return _build(
        grades,
        Thresholds,
        a=_tenths(fit, "A"),
        b=_tenths(fit, "B"),
        one=_tenths(engagement, "1"),
        two=_tenths(engagement, "2"),
    )


def _qualification(section: Section) -> QualificationRule | None:
    return _build(
        section,
        QualificationRule,
        grades=frozenset(section.texts("grades")),
        cool_down_days=section.whole("cool_down_days") or 0,
    )


def _dimension(
    file: Section, name: str, read_rule: Callable[[str, Section], _T | None]
) -> tuple[tuple[Group, ...], tuple[_T, ...]]:
    dimension = file.section(name, "groups rules")
    groups: dict[str, Group | None] = {}
    for key, node in _named(dimension.section("groups", optional=None)):
        section = Section(node, file.report, f"group {key}", "cap label")
        cap, label = _tenths(section, "cap"), _label(section)
        groups[key] = _build(section, Group, id=key, cap=cap, label=label)
    rules: list[_T | None] = []
    for key, node in _named(dimension.section("rules", optional=None)):
        section = Section(node, file.report, f"rule {key}", *_RULE_KEYS[name])
        if key in groups:
            file.report.refuse(node, f"{key!r} is the id of a group already; give the rule its own")
        group = section.text("group")
        if group and group not in groups:
            known = ", ".join(groups) or "none"
            section.refuse("group", f"no {name} group is called {group!r}; there are: {known}")
        rules.append(read_rule(key, section))
    return tuple(filter(None, groups.values())), tuple(filter(None, rules))


def _named(section: Section) -> Iterator[tuple[str, Node]]:
    for name, key, value in section.entries():
        if not _SLUG.fullmatch(name):
            section.report.refuse(key, _not_a_slug(name))
        yield name, value


def _engagement_rule(name: str, section: Section) -> EngagementRule | None:
    half_life = section.number("half_life_days")
    return _build(
        section,
        EngagementRule,
        id=name,
        group=section.text("group"),
        label=_label(section),
        points=_tenths(section, "points"),
        kinds=_slugs(section, "kinds"),
        categories=_slugs(section, "categories"),
        half_life_days=None if half_life is None else float(half_life),
        daily_cap=section.whole("daily_cap"),
    )


def _fit_rule(name: str, section: Section) -> FitRule | None:
    return _build(
        section,
        FitRule,
        id=name,
        group=section.text("group"),
        label=_label(section),
        points=_tenths(section, "points"),
        field=section.text("field"),
        condition=_condition(section),
    )


def _condition(section: Section) -> Condition:
    """The one condition of a fit rule, where ``at_least`` and ``below`` together are one."""
    field = section.text("field")
    attribute = field.startswith(ATTRIBUTE)
    if attribute and not _SLUG.fullmatch(field.removeprefix(ATTRIBUTE)):
        section.refuse("field", _not_a_slug(field.removeprefix(ATTRIBUTE)))
    given = {key for key in _CONDITIONS if key in section}
    if len(given) != 1 and given != _RANGE:
        section.refuse(
            "field",
            f"{section.what} needs one condition: {', '.join(sorted(_CONDITIONS))}"
            " (at_least and below may stand together)",
        )
    if given & _RANGE and field not in _NUMBER_FIELDS and not attribute:
        section.refuse(min(given), f"{field} is no number, so it has no {' or '.join(given)}")
    if "contains_any" in given and field not in _TEXT_FIELDS and not attribute:
        section.refuse("contains_any", f"{field} has fixed values; use equals or in")
    least, below = section.number("at_least"), section.number("below")
    present = section.boolean("present")
    words = section.texts("contains_any")
    values = _values(section, "equals" if "equals" in given else "in", field)
    condition: Condition | None = None
    if least is not None or below is not None:
        condition = _build(
            section,
            Between,
            at_least=None if least is None else float(least),
            below=None if below is None else float(below),
        )
    elif words:
        condition = _build(section, ContainsAny, words)
    elif values:
        condition = OneOf(values)
    return condition or Present(present is not False)


def _values(section: Section, key: str, field: str) -> tuple[Scalar, ...]:
    """Values that the field can have: a rule with another one would never match."""
    given = section.scalars(key) if key == "in" else (section.scalar(key),)
    values = tuple(value for value in given if value is not None)
    possible = _vocabularies().get(field)
    for value in values:
        if possible is not None and value not in possible:
            names = ", ".join(sorted(possible))
            section.refuse(key, f"{field} is never {value!r}; it is one of: {names}")
        if field == "municipality_code":
            if not isinstance(value, str):
                section.refuse(key, f"a municipality code is a text: write '{value}', in quotes")
            try:
                known_municipality_code(str(value))
            except ValueError as error:
                section.refuse(key, str(error))
    return values


@cache
def _vocabularies() -> dict[str, frozenset[str]]:
    """The only values that some fields can have."""
    return {
        "role": frozenset(DecisionRole),
        "municipality.kind": frozenset(get_args(Kind)),
        "municipality.size_band": frozenset(get_args(SizeBand)),
        "municipality.prefecture": frozenset(m.prefecture for m in municipalities().values()),
    }


def _label(section: Section) -> Label:
    label = section.section("label", "ja en")
    return _build(label, Label, ja=label.text("ja"), en=label.text("en")) or _UNREAD


_UNREAD = Label("-", "-")
"""Stands where a label could not be read; the section is then not sound, and nothing is built."""


def _slugs(section: Section, key: str) -> tuple[str, ...]:
    texts = section.texts(key)
    for node, text in zip(section.items(key) if texts else (), texts, strict=True):
        if text and not _SLUG.fullmatch(text):
            section.report.refuse(node, _not_a_slug(text))
    return texts


def _tenths(section: Section, key: str) -> int:
    tenths = (section.number(key) or 0) * 10
    if tenths != int(tenths):
        section.refuse(key, f"{key} has more than one decimal; points count in tenths")
    return int(tenths)


def _not_a_slug(text: str) -> str:
    return (
        f"{text!r} must be lower-case letters, digits, '_', '-' or '.', starting with a letter"
        " or digit, at most 64 characters"
    )


_RULE_KEYS = {
    "engagement": ("group label points kinds", "categories half_life_days daily_cap"),
    "fit": ("group label points field", " ".join(_CONDITIONS)),
}
"""The required and the optional keys of a rule."""
