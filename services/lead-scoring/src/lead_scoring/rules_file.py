"""Rule files: YAML text to a rule set, or every problem with its line and reason."""

from dataclasses import dataclass

from lead_scoring.domain.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a rule file. Lines and columns count from 1."""

    line: int
    column: int
    reason: str


class RulesFileError(ValueError):
    """A rule file cannot be used; ``problems`` says all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"line {p.line}: {p.reason}" for p in problems))


def check(text: str) -> RuleSet:
    """The rule set that ``text`` (YAML) describes.

    Raises:
        RulesFileError: with every problem found, in order of line.
    """
    raise NotImplementedError
