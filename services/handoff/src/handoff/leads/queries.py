"""Read a lead as one value, from which packets and readiness are computed."""

from dataclasses import replace
from datetime import datetime

from handoff.domain.lead import PEOPLE_WITHIN, Lead, LeadField, Milestone, Phase, by_weight
from handoff.leads import followup_repository, repository
from kakehashi_common.budget_timing import repository as budget_timing
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.db import RawConnection
from kakehashi_common.lead_merges import repository as merges

_MILESTONES_SHOWN = 3


async def known_lead(
    connection: RawConnection, lead_id: str, now: datetime, *, municipality_code: str | None = None
) -> Lead:
    """Return what is known of a lead; a lead of which nothing is known is empty.

    Args:
        connection: to read with.
        lead_id: the lead; an id that was merged stands for the one that stays.
        now: the instant from which recent activity and coming dates are counted.
        municipality_code: used if the lead itself names none.
    """
    lead_id = (await merges.surviving(connection, [lead_id])).get(lead_id, lead_id)
    row = await repository.lead(connection, lead_id)
    fields = (await repository.fields_of(connection, [lead_id])).get(lead_id, {})
    own = fields.get(LeadField.MUNICIPALITY_CODE)
    scored = None if row is None else row.municipality_code
    code = (own.value if own else None) or scored or municipality_code
    lead = Lead(
        lead_id,
        municipality_code=code,
        fields=fields,
        activities=tuple(await repository.activities_of(connection, lead_id)),
        followups=tuple(await followup_repository.followups_of(connection, lead_id)),
        last_contact_at=None if row is None else row.last_contact_at,
        score=None if row is None else row.score,
    )
    return lead if code is None else await _with_municipality(connection, lead, code, now)


async def _with_municipality(
    connection: RawConnection, lead: Lead, code: str, now: datetime
) -> Lead:
    active = await repository.active_in(connection, code, now - PEOPLE_WITHIN)
    people = await repository.fields_of(connection, [lead_id for lead_id, _ in active])
    phase = (await budget_timing.phases_of(connection, [code])).get(code)
    coming = await budget_timing.coming_milestones(
        connection, code, japan_day(now), _MILESTONES_SHOWN
    )
    published = municipalities().get(code)
    return replace(
        lead,
        municipality=code if published is None else published.full_name,
        people=by_weight(
            repository.person(lead_id, at, people.get(lead_id, {})) for lead_id, at in active
        ),
        phase=None
        if phase is None
        else Phase(phase.phase, phase.label_ja, phase.ends_likely_on, phase.said_at),
        milestones=tuple(
            Milestone(each.label_ja, each.likely_on, each.latest_on, each.said_at)
            for each in coming
            if each.likely_on and each.latest_on
        ),
        pursuits=tuple(await repository.pursuits_in(connection, code)),
    )
