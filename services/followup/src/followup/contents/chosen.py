"""Keep the content that was chosen for a step, once for each visit of the step."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from followup.domain.contents.choice import ChosenContent
from kakehashi_common.db import RawConnection

_chosen: Final = TypeAdapter(tuple[ChosenContent, ...])


@dataclass(frozen=True, slots=True)
class StepContent:
    """The choice for one visit of a step."""

    visit: str
    """The id of its approval or task, too."""
    sequence_id: str
    step_id: str
    lead_id: str
    """Of the recipient."""
    chosen_at: datetime
    chosen: tuple[ChosenContent, ...]
    """Empty: nothing suited."""


async def keep(connection: RawConnection, choice: StepContent) -> StepContent:
    """Store a choice and return it; of a visit whose choice is stored, return that."""
    tag = await connection.execute(
        "insert into step_content (visit, sequence_id, step_id, lead_id, chosen_at, chosen) "
        "values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        choice.visit,
        choice.sequence_id,
        choice.step_id,
        choice.lead_id,
        choice.chosen_at,
        _chosen.dump_json(choice.chosen).decode(),
    )
    stored = None if tag == "INSERT 0 1" else await find(connection, choice.visit)
    return stored or choice


async def find(connection: RawConnection, visit: str) -> StepContent | None:
    """Return what was chosen for a visit of a step; ``None``: nothing was looked for yet."""
    row = await connection.fetchrow("select * from step_content where visit = $1", visit)
    return None if row is None else _step_content(row)


async def of_visits(
    connection: RawConnection, visits: Collection[str]
) -> Mapping[str, tuple[ChosenContent, ...]]:
    """Return what was chosen for visits of steps, of those for which something was looked for."""
    rows = await connection.fetch(
        "select * from step_content where visit = any($1::text[])", sorted(visits)
    )
    return {row["visit"]: _step_content(row).chosen for row in rows}


async def of_sequence(connection: RawConnection, sequence_id: str) -> list[StepContent]:
    """Return what was chosen for a sequence's steps, in order."""
    rows = await connection.fetch(
        "select * from step_content where sequence_id = $1 order by chosen_at, visit", sequence_id
    )
    return [_step_content(row) for row in rows]


async def sent_to(
    connection: RawConnection, lead_ids: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """Return the ids of the content that people have got, or are about to get, in a text.

    By the ids of their leads; who has got none is left out. A text that was rejected, has expired
    or was withdrawn doesn't count, nor what was only offered to whoever wrote it.
    """
    rows = await connection.fetch(
        """
        select person, array_agg(distinct each -> 'content' ->> 'content_id') as content_ids
        from unnest($1::text[]) person
            join step_content kept on kept.lead_id = any(array(
                select person union all select lead_id from merged_lead where survivor = person
            ))
            join sequence using (sequence_id),
            jsonb_array_elements(kept.chosen) each
        where not coalesce((each -> 'offered')::boolean, false) and (
            exists (
                select from mail_attempt mail
                where mail.sequence_id = kept.sequence_id and mail.step_id = kept.step_id
                    and mail.state in ('sending', 'unknown', 'accepted')
            )
            or exists (
                select from approval where approval_id = kept.visit
                    and (approval.status = 'pending' or approval.status = 'approved' and is_open)
            )
            or exists (
                select from task where task_id = kept.visit and task.status in ('open', 'done')
            )
        )
        group by person
        """,
        sorted(lead_ids),
    )
    return {row["person"]: frozenset(row["content_ids"]) for row in rows}


def _step_content(row: Any) -> StepContent:
    values = dict(row)
    return StepContent(**values | {"chosen": _chosen.validate_python(values["chosen"])})
