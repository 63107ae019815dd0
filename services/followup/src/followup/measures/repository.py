"""Count the outcomes of contacts, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from followup.domain.measures.experiments import Counted
from followup.domain.measures.precision import FOLLOWED_WITHIN, Precision
from followup.domain.measures.report import ContactChannel, Cut, Row, rank
from followup.domain.playbooks.experiment import Experiment, Variant
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.send_times.answer_rates import ANSWERED_WITHIN
from followup.measures.visits import VISITS
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.proportions import Proportion

_KEYS: Final[Mapping[Cut, str]] = {
    Cut.ALL: "null::text",
    Cut.PLAYBOOK: "playbook_id",
    Cut.STEP: "playbook_id || '/' || step_id",
    Cut.VARIANT: "playbook_id || '/' || step_id || '/' || variant",
    Cut.ROLE: "role",
    Cut.WEEKDAY: "to_char(local, 'ID')",
    Cut.HOUR: "to_char(local, 'HH24')",
    Cut.WEEKDAY_HOUR: "to_char(local, 'ID-HH24')",
}

_COUNTS: Final = """
, keyed as (
    select
        {key} as key,
        *,
        sent and at <= $6::timestamptz - $7::interval as counts
    from visits where channel = $5
)
select
    key,
    refused,
    grouping(refused) = 1 as total,
    count(*) as planned,
    count(*) filter (where sent) as sent,
    count(*) filter (where failed) as failed,
    count(*) filter (where counts) as n,
    count(*) filter (where counts and answered_at <= at + $7) as answered,
    count(*) filter (where counts and declined_at <= at + $7) as declined,
    count(*) filter (where counts and booked_at <= at + $7) as booked,
    count(*) filter (where sent and opted_out_at is not null) as opted_out,
    count(*) filter (where sent and complained_at is not null) as complained,
    count(*) filter (where sent and bounced_at is not null) as bounced
from keyed
group by grouping sets ((key), (key, refused))
"""


async def rows(
    connection: RawConnection,
    *,
    begins: datetime,
    ends: datetime,
    playbook_id: str | None,
    channel: ContactChannel,
    cut: Cut,
    now: datetime,
) -> list[Row]:
    """Return the outcomes of the contacts from ``begins`` until before ``ends``, by key.

    Answers count if they came within :data:`ANSWERED_WITHIN`, for contacts older than that;
    opt-outs, complaints and bounces count whenever they came, for all mails that went.
    """
    found = await connection.fetch(
        VISITS + _COUNTS.format(key=_KEYS[cut]),
        begins,
        ends,
        playbook_id,
        None,
        channel.value,
        now,
        ANSWERED_WITHIN,
    )
    refused: dict[str | None, dict[str, int]] = {}
    for row in sorted(found, key=lambda row: (-row["planned"], row["refused"] or "")):
        if not row["total"] and row["refused"] is not None:
            refused.setdefault(row["key"], {})[row["refused"]] = row["planned"]
    counted = [_row(row, refused.get(row["key"], {})) for row in found if row["total"]]
    return sorted(counted, key=lambda row: rank(row.key))


def _row(row: Any, refused: Mapping[str, int]) -> Row:
    n, sent = row["n"], row["sent"]
    return Row(
        key=row["key"],
        planned=row["planned"],
        sent=sent,
        failed=row["failed"],
        refused=refused,
        awaited=sent - n,
        answered=Proportion(row["answered"], n),
        declined=Proportion(row["declined"], n),
        booked=Proportion(row["booked"], n),
        opted_out=Proportion(row["opted_out"], sent),
        complained=Proportion(row["complained"], sent),
        bounced=Proportion(row["bounced"], sent),
    )


_MEASURED: Final[Mapping[OccurrenceKind, str]] = {
    OccurrenceKind.ANSWERED: "answered_at",
    OccurrenceKind.MEETING_BOOKED: "booked_at",
}

_VARIANTS: Final = """
, ordered as (
    select *, row_number() over (partition by variant order by at, message_id) <= $6 as counts
    from visits where sent and variant is not null and step_id = any($5::text[])
)
select
    variant,
    count(*) as sent,
    count(*) filter (where counts) as n,
    count(*) filter (where counts and {measured} <= at + $7::interval) as reacted,
    max(at) filter (where counts) as last_sent_at
from ordered group by variant
"""


async def variants(
    connection: RawConnection,
    playbook_id: str,
    version: int,
    experiment: Experiment,
    step_ids: Sequence[str],
    now: datetime,
) -> dict[Variant, Counted]:
    """Return the contacts by each variant that an experiment counts, in one version of a playbook.

    They are mails that went, or tasks that were done.
    """
    rows = await connection.fetch(
        VISITS + _VARIANTS.format(measured=_MEASURED[experiment.measure]),
        _EVER,
        now,
        playbook_id,
        version,
        list(step_ids),
        experiment.mails_per_variant,
        ANSWERED_WITHIN,
    )
    found = {each: Counted(each, Proportion(0, 0), 0, None) for each in Variant}
    for row in rows:
        variant = Variant(row["variant"])
        reacted = Proportion(row["reacted"], row["n"])
        found[variant] = Counted(variant, reacted, row["sent"], row["last_sent_at"])
    return found


_EVER: Final = datetime.fromisoformat("2000-01-01T00:00:00+09:00")

_PRECISION: Final = """
select
    name,
    count(*) as fired,
    count(*) filter (where handling = 'no_playbook') as no_playbook,
    count(*) filter (where counts) as n,
    count(*) filter (where counts and entered) as entered,
    count(*) filter (where counts and answered) as answered,
    count(*) filter (where counts and met) as met
from (
    select
        name,
        handling,
        seen_at <= $1::timestamptz - $2::interval as counts,
        exists (
            select from entry_decision
            where trigger_id = 'behaviour-' || seen_behaviour.id and sequence_id is not null
        ) as entered,
        followed.answered,
        followed.met
    from seen_behaviour
    cross join lateral (
        select
            coalesce(bool_or(fact->>'occurrence' = 'answered'), false) as answered,
            coalesce(bool_or(fact->>'occurrence' = 'meeting_booked'), false) as met
        from sequence_fact
        where kind = 'occurred' and at > seen_at and at <= seen_at + $2
        and sequence_id in (
            select sequence_id from sequence where sequence.lead_id = seen_behaviour.lead_id
            union all
            select sequence_id from sequence
            where seen_behaviour.lead_id is null
            and sequence.municipality_code = seen_behaviour.municipality_code
        )
    ) followed
) each
group by name
"""


async def precisions(connection: RawConnection, now: datetime) -> dict[str, Precision]:
    """Return the precision of each behaviour that was ever seen, by its name."""
    rows = await connection.fetch(_PRECISION, now, FOLLOWED_WITHIN)
    return {
        row["name"]: Precision(
            row["fired"],
            row["no_playbook"],
            Proportion(row["entered"], row["n"]),
            Proportion(row["answered"], row["n"]),
            Proportion(row["met"], row["n"]),
        )
        for row in rows
    }
