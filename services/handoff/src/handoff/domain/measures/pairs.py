"""Success by pair of sender and owner (HO7), with few cases drawn toward the overall rate.

The estimate of a rate is the mean of a Beta distribution: ``(count + k · overall) / (n + k)``, with
the overall rate as the prior and ``k`` = :data:`PRIOR_CASES` as its weight, as if each pair had had
so many average cases before. With few cases a pair stays near the average; with many its own count
speaks. Source: empirical Bayes as in Efron & Morris 1975, with a fixed weight.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from handoff.domain.handoff.terms import Outcome
from handoff.domain.measures.rounds import ANSWERED, Answer, Offer, Round, Step
from kakehashi_common.domain.proportions import ENOUGH, Proportion

PRIOR_CASES: Final = ENOUGH
"""As many cases as are enough for a rate of its own count half."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A pair's proportion, and its estimate between that and the overall rate."""

    proportion: Proportion
    estimate: float | None
    """``None``: too few to say."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The success of one sender's handoffs to one owner."""

    sender: str
    owner: str
    accepted: Shrunk
    """Of answered offers, as in every report."""
    met: Shrunk
    """First meetings, of rounds that had one or ended without."""
    won: Shrunk
    """Of rounds whose deal was won, lost or ended without a decision."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs with enough cases."""

    overall_accepted: Proportion
    overall_met: Proportion
    overall_won: Proportion
    pairs: Sequence[Pair]
    """The most successful first: by won, then met, then accepted."""
    left_out: int
    """Pairs with too few handoffs to say anything."""


_UNDECIDED: Final = frozenset({Outcome.LOST, Outcome.NO_DECISION})


def pairs(rounds: Iterable[Round], enough: int = ENOUGH) -> Pairs:
    """Return the pairs of which at least one rate has ``enough`` cases.

    Handoffs without a sender belong to no pair, but to the overall rates.
    """
    everybody = _Counts()
    by_pair: defaultdict[tuple[str, str], _Counts] = defaultdict(_Counts)

    def counts(round_: Round, owner: str) -> Iterable[_Counts]:
        sender = round_.subject.sender
        return [everybody] if sender is None else [everybody, by_pair[sender, owner]]

    for each in rounds:
        for offer in each.offers:
            for one in counts(each, offer.member_id):
                one.count_offer(offer)
        if each.owner is not None:
            for one in counts(each, each.owner):
                one.count_round(each)
    overall = everybody.proportions(enough)
    known = [
        Pair(*pair, *map(_shrunk, own, overall))
        for pair, one in by_pair.items()
        if (own := one.proportions(enough)) and not all(each.too_few for each in own)
    ]
    return Pairs(*overall, sorted(known, key=rank), len(by_pair) - len(known))


def rank(pair: Pair) -> tuple[float, float, float, str, str]:
    """Return the sort key of pairs; rates of too few cases come last."""
    estimates = (pair.won.estimate, pair.met.estimate, pair.accepted.estimate)
    won, met, accepted = (1.0 if each is None else -each for each in estimates)
    return won, met, accepted, pair.sender, pair.owner


def _shrunk(own: Proportion, overall: Proportion) -> Shrunk:
    if own.too_few:
        return Shrunk(own, None)
    prior = PRIOR_CASES * overall.count / overall.n
    return Shrunk(own, (own.count + prior) / (own.n + PRIOR_CASES))


@dataclass(slots=True)
class _Counts:
    accepted: int = 0
    answered: int = 0
    met: int = 0
    finished: int = 0
    won: int = 0
    decided: int = 0

    def count_offer(self, offer: Offer) -> None:
        self.accepted += offer.answer is Answer.ACCEPTED
        self.answered += offer.answer in ANSWERED

    def count_round(self, round_: Round) -> None:
        met, won = round_.furthest >= Step.MET, round_.furthest is Step.WON
        self.met += met
        self.finished += met or round_.ended_at is not None
        self.won += won
        self.decided += won or round_.lost in _UNDECIDED

    def proportions(self, enough: int) -> tuple[Proportion, Proportion, Proportion]:
        return (
            Proportion(self.accepted, self.answered, enough),
            Proportion(self.met, self.finished, enough),
            Proportion(self.won, self.decided, enough),
        )
