"""The state of an experiment: it is decided once, by the rule that its playbook declares."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from followup.domain.playbooks.experiment import Experiment, Variant, Verdict, verdict
from followup.domain.send_times.answer_rates import ANSWERED_WITHIN
from kakehashi_common.domain.proportions import Proportion


class Standing(StrEnum):
    """The progress of an experiment."""

    RUNNING = "running"
    """A variant has not been sent often enough."""
    AWAITING_ANSWERS = "awaiting_answers"
    """The last mail that counts can still be answered."""
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Counted:
    """The mails of one variant that count: the first ones, as many as were declared."""

    variant: Variant
    reacted: Proportion
    """Those that were reacted to in time."""
    sent: int
    """All that went, beyond those that count too."""
    last_sent_at: datetime | None
    """The last one that counts."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of an experiment."""

    standing: Standing
    verdict: Verdict | None
    """``None``: it is not decided, and nothing is said before."""
    decided_at: datetime | None


def judge(experiment: Experiment, a: Counted, b: Counted, now: datetime) -> Judged:
    """Judge an experiment.

    Only the first mails of each variant count, as many as were declared, and only reactions within
    the time that is stated. So a verdict never changes once it is there, however often and however
    late somebody looks.
    """
    if min(a.reacted.n, b.reacted.n) < experiment.mails_per_variant:
        return Judged(Standing.RUNNING, None, None)
    decided_at = max(each.last_sent_at for each in (a, b) if each.last_sent_at) + ANSWERED_WITHIN
    if now < decided_at:
        return Judged(Standing.AWAITING_ANSWERS, None, None)
    return Judged(Standing.DECIDED, verdict(experiment, a.reacted, b.reacted), decided_at)
