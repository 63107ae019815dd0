"""The quality of packets (HO15, HO16): how complete they are, and how much of it was confirmed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from handoff.domain.packet.packet import Verdict
from kakehashi_common.domain.proportions import Proportion

ENTRY_RATE_TARGET: Final = 0.9
"""Of required fields that are filled when a handoff is accepted. From the mission."""

QUALITY_TARGET: Final = 0.8
"""Of judged texts that are confirmed. From the mission."""


@dataclass(frozen=True, slots=True)
class JudgedText:
    """One text that the receiving side has judged."""

    field: str
    source: str
    """A member's id, or the source of the event that it was prepared from."""
    entered_by_person: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The numbers of confirmed, wrong and unverifiable texts."""

    confirmed: int
    wrong: int
    unknown: int

    @property
    def n(self) -> int:
        """The number of texts that were judged."""
        return self.confirmed + self.wrong + self.unknown

    def share(self, verdict: Verdict) -> Proportion:
        """Return the share of one verdict."""
        return Proportion(getattr(self, verdict.value), self.n)


@dataclass(frozen=True, slots=True)
class Quality:
    """The verdicts altogether, by field, by the source of what was prepared, and by person."""

    total: Verdicts
    fields: Mapping[str, Verdicts]
    sources: Mapping[str, Verdicts]
    people: Mapping[str, Verdicts]


def quality(judged: Iterable[JudgedText]) -> Quality:
    """Count verdicts; the keys of each mapping are in order."""
    texts = list(judged)
    return Quality(
        _count(texts),
        _grouped((each.field, each) for each in texts),
        _grouped((each.source, each) for each in texts if not each.entered_by_person),
        _grouped((each.source, each) for each in texts if each.entered_by_person),
    )


@dataclass(frozen=True, slots=True)
class Entered:
    """The number of times that a field was required and filled."""

    required: int
    filled: int

    @property
    def rate(self) -> Proportion:
        """The share that was filled."""
        return Proportion(self.filled, self.required)


def entered(packets: Iterable[tuple[Iterable[str], Iterable[str]]]) -> Mapping[str, Entered]:
    """Count, by field, how often it was required and filled.

    Args:
        packets: of each the required fields, and those of them that were missing.
    """
    found: dict[str, Entered] = {}
    for required, missing in packets:
        lacking = set(missing)
        for key in required:
            before = found.get(key, Entered(0, 0))
            found[key] = Entered(before.required + 1, before.filled + (key not in lacking))
    return dict(sorted(found.items()))


def _grouped(texts: Iterable[tuple[str, JudgedText]]) -> Mapping[str, Verdicts]:
    groups: dict[str, list[JudgedText]] = {}
    for key, each in texts:
        groups.setdefault(key, []).append(each)
    return {key: _count(found) for key, found in sorted(groups.items())}


def _count(texts: Iterable[JudgedText]) -> Verdicts:
    verdicts = [each.verdict for each in texts]
    return Verdicts(
        confirmed=verdicts.count(Verdict.CONFIRMED),
        wrong=verdicts.count(Verdict.WRONG),
        unknown=verdicts.count(Verdict.UNKNOWN),
    )
