from collections.abc import Callable, Mapping
from typing import NamedTuple

from lead_scoring.domain.explanation import Contribution
from lead_scoring.domain.lead import Lead
from lead_scoring.domain.profile import Scalar
from lead_scoring.domain.rules import RuleSet

MunicipalityFields = Callable[[str], Mapping[str, Scalar]]
"""Gives, for a municipality code, the values of ``kind``, ``size_band`` and ``prefecture``; an
empty mapping for an unknown one."""


class Evaluation(NamedTuple):
    """A lead's scores on one day, in tenths of a point."""

    fit: int
    engagement: int
    grade: str


class CompiledRules:
    """A rule set prepared for speed: made once per published version, shared by all leads."""

    def __init__(
        self, rules: RuleSet, version: int, municipality_fields: MunicipalityFields
    ) -> None:
        self.rules = rules
        self.version = version

    def evaluate(self, lead: Lead, on: int) -> Evaluation:
        """The lead's score on the Japan day ``on``."""
        raise NotImplementedError

    def explain(self, lead: Lead, on: int) -> tuple[Contribution, ...]:
        """Every contribution on the Japan day ``on``; sums to :meth:`evaluate`, exactly."""
        raise NotImplementedError

    def next_grade_change(self, lead: Lead, on: int) -> int | None:
        """The first Japan day after ``on`` with another grade, if nothing happens."""
        raise NotImplementedError
