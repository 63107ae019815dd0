"""All watched behaviours, and the patterns to observe for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from followup.domain.triggers.conditions import (
    Behaviour,
    NoAnswer,
    Pattern,
    SeveralPeople,
    Silent,
    check_behaviour,
)
from kakehashi_common.domain.errors import DomainError, errors_within

MAX_PATTERNS: Final = 64
"""The most kinds of activity that are distinguished: it bounds what is stored of each person."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns of activity, found by what they may mean."""

    keys: frozenset[str]
    by_kind: Mapping[str, tuple[Pattern, ...]]

    @classmethod
    def of(cls, patterns: Iterable[Pattern]) -> "Patterns":
        """Return patterns, equal ones once."""
        by_key = {each.key: each for each in patterns}
        by_kind: dict[str, tuple[Pattern, ...]] = {}
        for each in by_key.values():
            for kind in each.kinds:
                by_kind[kind] = (*by_kind.get(kind, ()), each)
        return cls(frozenset(by_key), by_kind)

    def of_kind(self, kind: str) -> tuple[Pattern, ...]:
        """Return those that an activity of a kind may be meant by."""
        return self.by_kind.get(kind, ())


@dataclass(frozen=True)
class Watch:
    """The behaviours of all published playbooks."""

    behaviours: tuple[Behaviour, ...]
    patterns: Patterns
    """Of what one person does."""
    of_several: Patterns
    """Of what several people of an organisation do."""

    @classmethod
    def for_behaviours(cls, behaviours: Iterable[Behaviour]) -> "Watch":
        """Return the watch for ``behaviours``, of which those with equal names must be equal.

        Raises:
            DomainError: one can't be watched for; two differ under one name (``given_twice``); they
                have more than ``MAX_PATTERNS`` patterns (``too_many_patterns``).
        """
        by_name: dict[str, Behaviour] = {}
        for each in behaviours:
            with errors_within(each.name):
                if by_name.setdefault(each.name, check_behaviour(each)) != each:
                    raise DomainError("two behaviours have this name", code="given_twice")
        patterns = Patterns.of(pattern for each in by_name.values() for pattern in each.patterns)
        several = Patterns.of(
            condition.pattern
            for each in by_name.values()
            for condition in each.conditions
            if isinstance(condition, SeveralPeople)
        )
        if len(patterns.keys) + len(several.keys) > MAX_PATTERNS:
            raise DomainError(
                f"all behaviours together have more than {MAX_PATTERNS} patterns of activity: "
                "let some of them share one",
                field="behaviours",
                code="too_many_patterns",
            )
        return cls(tuple(by_name.values()), patterns, several)

    @cached_property
    def of_people(self) -> tuple[Behaviour, ...]:
        """Those that are a person's."""
        return tuple(each for each in self.behaviours if not each.of_organisation)

    @cached_property
    def of_organisations(self) -> tuple[Behaviour, ...]:
        """Those that are an organisation's as a whole."""
        return tuple(each for each in self.behaviours if each.of_organisation)

    @cached_property
    def of_absence(self) -> tuple[Behaviour, ...]:
        """Those that may come to be seen only because time passes."""
        return tuple(
            each
            for each in self.behaviours
            if any(isinstance(condition, NoAnswer | Silent) for condition in each.conditions)
        )
