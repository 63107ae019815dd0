"""SQL that counts qualifications, and what became of their handoffs, by rule."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kakehashi_common.db import RawConnection
from lead_scoring.domain.rule_feedback import Judged

_COUNT: Final = """
    select rule, reason, max(rule_version), count(*) as qualified, count(handoff_id) as handed_off,
        count(*) filter (where reason is null and accepted_at is not null) as accepted,
        count(returned_at) as returned,
        count(*) filter (where outcome = 'won') as won,
        count(*) filter (where outcome = 'lost') as lost,
        count(*) filter (where outcome = 'no_decision') as no_decision
    from (
        select q.rules, q.points, q.rule_version, l.handoff_id, l.reason, l.accepted_at,
            l.returned_at,
            -- A deal that is known has the last word: it may have been opened again.
            case when d.deal_id is null then l.outcome else d.outcome end as outcome
        from qualification q
        left join handoff_label l
            on l.lead_id = q.lead_id and l.qualification_id = q.qualification_id
        left join deal d on d.deal_id = l.deal_id
        where $1::timestamptz is null or q.qualified_at >= $1
    ) labelled
    cross join lateral (
        select null as rule
        union all
        select given.rule from unnest(rules, points) as given (rule, points) where given.points > 0
    ) by_rule
    group by rule, reason
"""
"""Rule null: of all qualifications. A row per reason of rejection, and one without."""


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """Qualifications to which a rule gave points."""

    rule: str
    """As ``engagement.<id>`` or ``fit.<id>``."""
    rule_version: int
    """The newest rule set by which it gave them."""
    judged: Judged


async def count(
    connection: RawConnection, since: datetime | None
) -> tuple[Judged, list[RuleCounts]]:
    """Count what qualified at ``since`` or later: all of it, and by rule in order of names."""
    sums: dict[str | None, Counter[str]] = {None: Counter()}
    reasons: dict[str | None, dict[str, int]] = {None: {}}
    versions: dict[str | None, int] = {}
    for rule, reason, version, *numbers in await connection.fetch(_COUNT, since):
        sums.setdefault(rule, Counter()).update(dict(zip(_COUNTED, numbers, strict=True)))
        versions[rule] = max(version, versions.get(rule, version))
        of_rule = reasons.setdefault(rule, {})
        if reason is not None:
            of_rule[reason] = numbers[1]

    def judged(rule: str | None) -> Judged:
        return Judged(
            **{name: sums[rule][name] for name in _COUNTED},
            rejected=dict(sorted(reasons[rule].items(), key=lambda each: (-each[1], each[0]))),
        )

    named = sorted(rule for rule in sums if rule is not None)
    return judged(None), [RuleCounts(rule, versions[rule], judged(rule)) for rule in named]


_COUNTED: Final = (
    "qualified",
    "handed_off",
    "accepted",
    "returned",
    "won",
    "lost",
    "no_decision",
)


async def count_without_qualification(connection: RawConnection, since: datetime | None) -> int:
    """Count handoffs requested at ``since`` or later that no stored qualification began."""
    found: int = await connection.fetchval(
        "select count(*) from handoff_label l "
        "where ($1::timestamptz is null or l.requested_at >= $1) and not exists ("
        "select from qualification q "
        "where q.lead_id = l.lead_id and q.qualification_id = l.qualification_id)",
        since,
    )
    return found
