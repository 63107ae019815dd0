"""Hold a task up until what it builds on is on record of the municipality."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from followup.domain.playbooks.checks import POC_WEEKS
from followup.domain.playbooks.steps import Requirement, Step, TaskStep
from followup.domain.playbooks.walk import Office
from followup.domain.sequences.commands import RefuseStep
from followup.sequences.messages import StepWork
from kakehashi_common.clock import TOKYO, japan_day
from kakehashi_common.db import RawConnection

RECORD_MISSING: Final = "record_missing"
LOOKED_AT_AFTER: Final = 5
"""Business days, after which it is looked at again: sessions are weeks apart."""
LEFT_OUT_AFTER: Final = timedelta(days=90)
"""A quarter without a further session means that there will be none (common practice)."""
FEWEST_CHECKS: Final = POC_WEEKS[0] // 2
"""Weeks of a proof of concept that were checked: measured in fewer than half, it says nothing."""

_NAMES: Final[Mapping[Requirement, str]] = {
    Requirement.PROOF_OF_CONCEPT: f"終わった実証実験（毎週の確認{FEWEST_CHECKS}回以上）",
    Requirement.STUDY_SESSION: "開いた勉強会",
}


async def held_up(
    connection: RawConnection, work: StepWork, step: Step, office: Office, now: datetime
) -> RefuseStep | None:
    """Return until when a task waits for records, or that it is left out; ``None``: it doesn't.

    Args:
        connection: of any transaction.
        work: the step.
        step: as its playbook says it.
        office: of the municipality.
        now: the present instant.
    """
    required = step.requires if isinstance(step, TaskStep) else ()
    if not required:
        return None
    found = await _on_record(connection, work, japan_day(now))
    missing = [each for each in Requirement if each in required and not found[each]]
    if not missing:
        return None
    why = f"先に必要な記録がありません：{'、'.join(_NAMES[each] for each in missing)}。"
    if now >= work.since + LEFT_OUT_AFTER:
        return RefuseStep(work.attempt, RECORD_MISSING, why=why)
    day = office.days.shift(now.astimezone(TOKYO).date(), LOOKED_AT_AFTER)
    until = office.hours.next_open(datetime.combine(day, datetime.min.time(), TOKYO))
    return RefuseStep(work.attempt, RECORD_MISSING, until, why)


_ON_RECORD: Final = """
with theirs as (
    select task.*, sequence.state -> 'position' ->> 'step' as present
    from task join sequence using (sequence_id)
    where task.status = 'done'
        and (sequence.municipality_code = $1 or sequence.lead_id = $2)
)
select
    exists (
        select from theirs where kind = 'poc_check'
        group by sequence_id, step_id, present
        having count(*) >= $4 and present is distinct from step_id
    ) as poc_check,
    exists (
        select from theirs where kind = 'study_session' and case
            when record is null then outcome = 'done'
            else (record ->> 'held_on')::date <= $3
        end
    ) as study_session
"""
"""A proof of concept is over once its sequence has gone on behind the last weekly check.

A week that was left out keeps it open no longer than the others.
"""


async def _on_record(connection: RawConnection, work: StepWork, today: date) -> Mapping[str, bool]:
    row = await connection.fetchrow(
        _ON_RECORD, work.municipality_code, work.lead_id, today, FEWEST_CHECKS
    )
    assert row is not None  # noqa: S101 - a select of two truths has one row
    return dict(row)
