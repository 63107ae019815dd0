"""Reads of labels, and the rules judged by them."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from kakehashi_common.db import Database, RawConnection
from kakehashi_common.errors import NotFoundError
from lead_scoring.domain.label import Label
from lead_scoring.domain.rule_feedback import Judged, is_below, lowered
from lead_scoring.domain.rules import EngagementRule, FitRule, RuleSet
from lead_scoring.feedback import repository, rule_counts
from lead_scoring.feedback.repository import StoredDeal
from lead_scoring.feedback.rule_counts import RuleCounts
from lead_scoring.rules import points
from lead_scoring.rules import repository as rules
from lead_scoring.rules.rule_cache import RuleCache
from lead_scoring.scoring.repository import qualifications
from lead_scoring.scoring.repository.qualifications import StoredQualification


@dataclass(frozen=True, slots=True)
class LabelledHandoff:
    """A handoff's label with the qualification that began it and the deal that it led to."""

    label: Label
    qualification: StoredQualification | None
    """``None``: a person began it, or the qualification is not kept."""
    deal: StoredDeal | None

    @property
    def outcome(self) -> str | None:
        """``won``, ``lost`` or ``no_decision``; of a known deal what was said of it last."""
        if self.deal is not None:
            return self.deal.outcome
        return (self.label.ending.outcome or None) if self.label.ending else None


@dataclass(frozen=True, slots=True)
class JudgedRule:
    """A rule, and what became of the leads that it helped to qualify."""

    rule: str
    """As ``engagement.<id>`` or ``fit.<id>``."""
    described: EngagementRule | FitRule | None
    """As it is in force, or was when it last qualified a lead."""
    in_force: bool
    judged: Judged
    below: bool
    """Whether its acceptance lies wholly below that of all."""
    proposed_points: int | None
    """Tenths of a point to try instead; ``None``: nothing speaks against those in force."""


@dataclass(frozen=True, slots=True)
class RejectionReport:
    """Rejected leads by the rules that qualified them."""

    overall: Judged
    rules: Sequence[JudgedRule]
    """In order of dimension and id."""
    without_qualification: int
    """Handoffs that no stored qualification began, which are in no other number."""


class FeedbackQueries:
    """Reads; each is one transaction."""

    def __init__(self, database: Database, rule_cache: RuleCache) -> None:
        self._database = database
        self._rule_cache = rule_cache

    async def labels(self, after: str | None, limit: int) -> list[LabelledHandoff]:
        """Return labels in order of the handoffs' ids, those behind the id ``after``."""
        async with self._database.raw_transaction() as connection:
            found = await repository.list_labels(connection, after, limit)
            return await labelled(connection, found)

    async def rejections(self, since: datetime | None) -> RejectionReport:
        """Judge the rules by what qualified at ``since`` or later.

        Raises:
            NotFoundError: no rules have been published.
        """
        async with self._database.raw_transaction() as connection:
            return await self._judge(connection, since)

    async def rule_draft(self, since: datetime | None) -> str:
        """Return the rules in force (YAML) with the proposed points; nothing else differs.

        Raises:
            NotFoundError: nothing is proposed, or no rules have been published.
            ConflictError: the points can't be replaced one by one.
        """
        async with self._database.raw_transaction() as connection:
            report = await self._judge(connection, since)
            in_force = await rules.newest(connection)
        proposed = {
            each.rule: each.proposed_points
            for each in report.rules
            if each.proposed_points is not None
        }
        if in_force is None or not proposed:
            raise NotFoundError(
                "the acceptance of no rule lies wholly below that of all: there is nothing to "
                "propose",
                code="nothing_to_propose",
            )
        # Seconds for the longest document: a thread keeps other requests going.
        return await asyncio.to_thread(points.replaced, in_force.document, proposed)

    async def _judge(self, connection: RawConnection, since: datetime | None) -> RejectionReport:
        overall, counted = await rule_counts.count(connection, since)
        in_force = _by_name((await self._rule_cache.in_force(connection)).rules)
        judged = []
        for each in counted:
            described = in_force.get(each.rule)
            if described is None:
                former = await self._rule_cache.version(connection, each.rule_version)
                described = _by_name(former.rules).get(each.rule)
            judged.append(_judged(each, described, overall, in_force=each.rule in in_force))
        return RejectionReport(
            overall,
            judged,
            await rule_counts.count_without_qualification(connection, since),
        )


async def handoffs_of_lead(connection: RawConnection, lead_id: str) -> list[LabelledHandoff]:
    """Return the labels of a lead's handoffs, in the order in which they were requested."""
    return await labelled(connection, await repository.labels_of_lead(connection, lead_id))


async def labelled(connection: RawConnection, labels: Sequence[Label]) -> list[LabelledHandoff]:
    """Return labels with their qualifications and deals."""
    began = {
        (each.lead_id, each.qualification_id): each
        for each in await qualifications.of_leads(
            connection, sorted({label.lead_id for label in labels})
        )
    }
    deal_of = {
        label.handoff_id: label.ending.deal_id
        for label in labels
        if label.ending is not None and label.ending.deal_id
    }
    known = await repository.deals(connection, sorted(set(deal_of.values())))
    return [
        LabelledHandoff(
            label,
            began.get((label.lead_id, label.qualification_id or "")),
            known.get(deal_of.get(label.handoff_id, "")),
        )
        for label in labels
    ]


def _judged(
    counts: RuleCounts,
    described: EngagementRule | FitRule | None,
    overall: Judged,
    *,
    in_force: bool,
) -> JudgedRule:
    acceptance = counts.judged.acceptance
    below = is_below(acceptance, overall.acceptance)
    proposed = None
    if below and in_force and described is not None and described.points > 0:
        proposed = lowered(described.points, acceptance, overall.acceptance)
    return JudgedRule(
        counts.rule,
        described,
        in_force,
        counts.judged,
        below,
        proposed if described is not None and proposed != described.points else None,
    )


def _by_name(rule_set: RuleSet) -> dict[str, EngagementRule | FitRule]:
    return dict(_named(rule_set))


def _named(rule_set: RuleSet) -> Iterator[tuple[str, EngagementRule | FitRule]]:
    for engagement in rule_set.engagement_rules:
        yield f"engagement.{engagement.id}", engagement
    for fit in rule_set.fit_rules:
        yield f"fit.{fit.id}", fit
