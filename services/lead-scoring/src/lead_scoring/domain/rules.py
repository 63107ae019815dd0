"""A rule set: what is worth how many points, for how long, and what the points amount to.

Points are integers in tenths of a point. ``check`` of each class refuses values that make no sense
with :class:`InvalidRuleError`, which names the field as a rule file calls it. It is asked before
rules are published and never afterwards: stricter checks must not stop rules that are in force.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from lead_scoring.domain.profile import ATTRIBUTE, PERSONAL_FIELDS, Scalar

Dimension = Literal["fit", "engagement"]

MAX_TENTHS: Final = 1000
"""100.0 points: the most that a dimension can reach."""

MAX_HORIZON_DAYS: Final = 730
"""Two years: the longest that activity can count (a lead keeps 800 days of it)."""

MIN_HALF_LIFE_DAYS: Final = 0.1
MAX_HALF_LIFE_DAYS: Final = 3650
MAX_COOL_DOWN_DAYS: Final = 3650
MAX_DAILY_CAP: Final = 1000

FIT_GRADES: Final = ("A", "B", "C")
ENGAGEMENT_GRADES: Final = ("1", "2", "3")
GRADES: Final = tuple(f + e for f in FIT_GRADES for e in ENGAGEMENT_GRADES)

PROFILE_FIELDS: Final = frozenset(
    {
        "municipality_code",
        "municipality.kind",
        "municipality.size_band",
        "municipality.prefecture",
        "department",
        "role",
        "organisation_size",
    }
)
"""The fields that a fit rule may read, besides ``attributes.<name>``."""


class InvalidRuleError(ValueError):
    """A part of a rule set makes no sense; ``field`` is the key it stands under."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Label:
    """A text for people."""

    ja: str
    en: str

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        for language in ("ja", "en"):
            if not getattr(self, language).strip():
                raise InvalidRuleError(language, "a label needs a text")


@dataclass(frozen=True, slots=True)
class Group:
    """Rules whose points together count up to a cap."""

    id: str
    cap: int
    label: Label

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        if not 0 < self.cap <= MAX_TENTHS:
            raise InvalidRuleError("cap", "a cap is above 0 and at most 100 points")


@dataclass(frozen=True, slots=True)
class EngagementRule:
    """Points for what a lead does, each time, up to ``daily_cap`` times on a Japan day."""

    id: str
    group: str
    label: Label
    points: int
    kinds: tuple[str, ...]
    categories: tuple[str, ...] = ()
    """Only activity with one of these; empty: any category, and none."""
    half_life_days: float | None = None
    """The points halve in this time; ``None``: they last until the horizon."""
    daily_cap: int | None = None

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        if not 0 < self.points <= MAX_TENTHS:
            raise InvalidRuleError(
                "points", "engagement points are above 0 and at most 100 (only fit can subtract)"
            )
        if not self.kinds:
            raise InvalidRuleError("kinds", "name at least one kind of activity")
        if self.half_life_days is not None and not (
            MIN_HALF_LIFE_DAYS <= self.half_life_days <= MAX_HALF_LIFE_DAYS
        ):
            raise InvalidRuleError(
                "half_life_days",
                f"a half-life is between {MIN_HALF_LIFE_DAYS} and {MAX_HALF_LIFE_DAYS} days",
            )
        if self.daily_cap is not None and not 0 < self.daily_cap <= MAX_DAILY_CAP:
            raise InvalidRuleError("daily_cap", f"a daily cap is between 1 and {MAX_DAILY_CAP}")

    def matches(self, signal: str) -> bool:
        """Whether an activity counted under ``signal`` earns these points."""
        kind, _, category = signal.partition("/")
        return kind in self.kinds and (not self.categories or category in self.categories)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these values (``equals`` or ``in`` in a file)."""

    values: tuple[Scalar, ...]

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        if not self.values:
            raise InvalidRuleError("in", "name at least one value")


@dataclass(frozen=True, slots=True)
class ContainsAny:
    """The text contains one of these words.

    Full-width and half-width forms and letter case make no difference (ＤＸ is dx).
    """

    words: tuple[str, ...]

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        if not self.words or not all(word.strip() for word in self.words):
            raise InvalidRuleError("contains_any", "name at least one word, and no empty one")


@dataclass(frozen=True, slots=True)
class Between:
    """The number is at least ``at_least`` and below ``below``, where given."""

    at_least: float | None = None
    below: float | None = None

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            raise InvalidRuleError("below", "must be above at_least, or no number fits")


@dataclass(frozen=True, slots=True)
class Present:
    """The field has a value, or (``expected`` false) has none."""

    expected: bool = True


Condition = OneOf | ContainsAny | Between | Present


@dataclass(frozen=True, slots=True)
class FitRule:
    """Points, which may be negative, for what a lead is."""

    id: str
    group: str
    label: Label
    points: int
    field: str
    condition: Condition

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        if self.points == 0 or abs(self.points) > MAX_TENTHS:
            raise InvalidRuleError("points", "fit points are between -100 and 100, and not 0")
        if self.field in PERSONAL_FIELDS:
            raise InvalidRuleError("field", f"{self.field} is personal data, which is not scored")
        if self.field not in PROFILE_FIELDS and not (
            self.field.startswith(ATTRIBUTE) and len(self.field) > len(ATTRIBUTE)
        ):
            known = ", ".join(sorted(PROFILE_FIELDS))
            raise InvalidRuleError(
                "field", f"unknown field {self.field!r}; known: {known}, attributes.<name>"
            )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many tenths of a point each grade starts."""

    a: int
    b: int
    one: int
    two: int

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        for best, better, name in ((self.a, self.b, "A and B"), (self.one, self.two, "1 and 2")):
            if not 0 < better < best <= MAX_TENTHS:
                raise InvalidRuleError(
                    "fit" if name == "A and B" else "engagement",
                    f"thresholds {name} must fall, between 100 and above 0 points",
                )

    def grade(self, fit: int, engagement: int) -> str:
        """The grade, ``A1`` … ``C3``, of two scores in tenths."""
        row = 0 if fit >= self.a else 3 if fit >= self.b else 6
        return GRADES[row + (0 if engagement >= self.one else 1 if engagement >= self.two else 2)]


@dataclass(frozen=True, slots=True)
class QualificationRule:
    """The grades that make a lead ready for field sales, and when again after it left them."""

    grades: frozenset[str]
    cool_down_days: int = 0

    def check(self) -> None:
        """Refuse what makes no sense, with :class:`InvalidRuleError`."""
        if unknown := sorted(self.grades - set(GRADES)):
            raise InvalidRuleError(
                "grades", f"no such grade: {', '.join(unknown)}; grades are A1 … C3"
            )
        if not 0 <= self.cool_down_days <= MAX_COOL_DOWN_DAYS:
            raise InvalidRuleError(
                "cool_down_days", f"a cool-down is between 0 and {MAX_COOL_DOWN_DAYS} days"
            )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that turns a lead into a score."""

    name: str
    description: str
    horizon_days: int
    """Activity older than this many days counts nothing."""
    thresholds: Thresholds
    qualification: QualificationRule
    engagement_groups: tuple[Group, ...] = ()
    engagement_rules: tuple[EngagementRule, ...] = ()
    fit_groups: tuple[Group, ...] = ()
    fit_rules: tuple[FitRule, ...] = field(default=())

    def check(self) -> None:
        """Refuse what makes no sense together; the parts are checked by themselves."""
        if not 0 < self.horizon_days <= MAX_HORIZON_DAYS:
            raise InvalidRuleError(
                "horizon_days", f"a horizon is between 1 and {MAX_HORIZON_DAYS} days"
            )
        sides: tuple[tuple[str, Sequence[Group], Sequence[EngagementRule | FitRule]], ...] = (
            ("engagement", self.engagement_groups, self.engagement_rules),
            ("fit", self.fit_groups, self.fit_rules),
        )
        for dimension, groups, rules in sides:
            # An explanation names its lines by these ids.
            ids = [part.id for part in (*groups, *rules)]
            if twice := sorted({name for name in ids if ids.count(name) > 1}):
                raise InvalidRuleError(dimension, f"ids used twice: {', '.join(twice)}")
            if unknown := {rule.group for rule in rules} - {group.id for group in groups}:
                raise InvalidRuleError(
                    dimension, f"rules name unknown groups: {', '.join(sorted(unknown))}"
                )

    def checksum(self) -> str:
        """SHA-256 (hex) over everything that can change a score or its explanation.

        Comments, layout and the order of rules make no difference.
        """
        plain = asdict(self)
        for part in ("engagement_groups", "engagement_rules", "fit_groups", "fit_rules"):
            plain[part] = sorted(plain[part], key=lambda each: str(each["id"]))
        for rule, described in zip(
            sorted(self.fit_rules, key=lambda each: each.id), plain["fit_rules"], strict=True
        ):
            described["condition"]["is"] = type(rule.condition).__name__
        plain["qualification"]["grades"] = sorted(self.qualification.grades)
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
