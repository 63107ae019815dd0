"""A/B: two templates for one step, each contact always with the same one."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from followup.domain.playbooks.steps import OccurrenceKind
from kakehashi_common.domain.proportions import Proportion, wilson


class Variant(StrEnum):
    """One side of an experiment."""

    A = "a"
    B = "b"


MEASURES: Final = frozenset({OccurrenceKind.ANSWERED, OccurrenceKind.MEETING_BOOKED})
"""Occurrences that an experiment can measure: never opens, which scanning programs cause too."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The comparison, and the rule that decides it, both declared before the first mail goes."""

    measure: OccurrenceKind
    """Counted per mail sent or task done: one of :data:`MEASURES`."""
    mails_per_variant: int
    """It is decided once each variant has been sent, or done, so often, and not before."""
    share_b: float = 0.5
    """The share of contacts that get variant B."""


def variant_of(playbook_id: str, contact: str, experiment: Experiment) -> Variant:
    """Return the variant of a contact: by hash, so the same in every version."""
    digest = hashlib.sha256(f"{playbook_id}\n{contact}".encode()).digest()
    drawn = int.from_bytes(digest[:8]) / 2**64
    return Variant.B if drawn < experiment.share_b else Variant.A


class Verdict(StrEnum):
    """The result of an experiment."""

    TOO_FEW = "too_few"
    """It goes on: the declared number has not been reached."""
    A = "a"
    B = "b"
    NO_DIFFERENCE = "no_difference"


def verdict(experiment: Experiment, a: Proportion, b: Proportion) -> Verdict:
    """Judge an experiment by the reactions to the mails of each variant.

    One is better only if its whole 95 % interval (Wilson) lies above the other's: rather no
    difference than one that is chance. Looking often doesn't decide earlier.
    """
    if min(a.n, b.n) < experiment.mails_per_variant:
        return Verdict.TOO_FEW
    of_a, of_b = wilson(a.count, a.n), wilson(b.count, b.n)
    if of_a.low > of_b.high:
        return Verdict.A
    return Verdict.B if of_b.low > of_a.high else Verdict.NO_DIFFERENCE
