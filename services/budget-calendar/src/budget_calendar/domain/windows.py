"""Uncertain dates: when at the earliest, most likely, at the latest, and how we know."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kakehashi_common.domain.errors import DomainError


class Basis(StrEnum):
    """The source of a date. See ADR 0011 for why a prediction isn't an observation."""

    MANUAL = "manual"
    """A person who knows said so."""
    OBSERVED = "observed"
    """It has happened, or the municipality has announced it."""
    LAW = "law"
    """A statute or ordinance sets it; the source names the article."""
    PREDICTED = "predicted"
    """Computed from what this municipality did in earlier years."""
    PRACTICE = "practice"
    """The usual practice of municipalities of its kind."""


PRECEDENCE: tuple[Basis, ...] = tuple(Basis)
"""The first basis for which there is a date wins: manual, observed, law, predicted, practice."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days in Japan between which something happens; both ends are included.

    Raises:
        DomainError: the days are not in order.
    """

    earliest: date
    likely: date
    latest: date

    def __post_init__(self) -> None:
        if not self.earliest <= self.likely <= self.latest:
            raise DomainError(
                f"a window needs earliest ≤ likely ≤ latest, not {self.earliest}, {self.likely}, "
                f"{self.latest}",
                field="earliest" if self.earliest > self.likely else "latest",
                code="window_out_of_order",
            )

    @classmethod
    def on(cls, day: date) -> "Window":
        """A day that is certain."""
        return cls(day, day, day)

    @property
    def days(self) -> int:
        """The number of days in the window; 1 for a certain day."""
        return (self.latest - self.earliest).days + 1

    def shifted(self, by: timedelta) -> "Window":
        """The same window earlier or later."""
        return Window(self.earliest + by, self.likely + by, self.latest + by)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A window, how we know, and how sure that is."""

    window: Window
    basis: Basis
    source: str
    """Law and article, address of the publication, who corrected it, or ``common practice``."""
    confidence: float
    """The share of cases, 0–1, in which such a window holds: measured where it can be (the
    back-test of predictions), a documented default elsewhere."""
