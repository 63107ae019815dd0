"""Two records of a CRM are one person: what is known moves, and open handoffs go on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handoff.domain.handoff.commands import Accept
from handoff.domain.handoff.facts import Withdrawn
from handoff.handoffs.consumer import request_of
from kakehashi_common.audit import Actor
from kakehashi_common.consumer.delivery import in_turn
from kakehashi_common.contracts.events import EventData, Tombstone
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.lead_scores import LeadQualified
from kakehashi_common.lead_merges.batches import under_surviving_ids
from kakehashi_common.lead_merges.repository import ContradictoryMergeError
from tests.integration.handoff.leads.test_service import scored
from tests.support.handoff_api import NOW, Service
from tests.support.handoffs import Life
from tests.support.merges import merged
from tests.support.received import received

DAY = timedelta(days=1)
ACTOR = Actor("tests", "tests")
WEEK = {"monday": ["09:00-18:00"]}
SAID: list[tuple[EventData, Any]] = [
    (ProfileChanged(lead_id="old", municipality_code="102032", department="財政課"), NOW - 3 * DAY),
    (ProfileChanged(lead_id="new", department="情報政策課"), NOW - 2 * DAY),
    (ProfileChanged(lead_id="old", person_name="田中 一郎"), NOW - 4 * DAY),
    (ActivityRecorded(lead_id="old", kind="meeting_held"), NOW - DAY),
    (ActivityRecorded(lead_id="new", kind="rfp_received"), NOW - 2 * DAY),
]


async def take(service: Service, *events: Any) -> None:
    """Take events in as the consumer of ``lead-events-v1`` does."""
    leads = service.leads
    handle = in_turn(
        leads.save_merges, under_surviving_ids(service.database, leads.save_lead_events)
    )
    await handle(events)


async def erased(service: Service) -> list[str]:
    rows = await service.fetch("select lead_id from erased_lead order by lead_id")
    return [row["lead_id"] for row in rows]


@pytest.mark.parametrize("merge_at", range(len(SAID) + 1))
async def test_what_is_known_of_both_is_known_of_one_whenever_the_merge_comes(
    service: Service, merge_at: int
) -> None:
    events = [received(*each) for each in SAID]
    events.insert(merge_at, merged("old", "new"))
    for each in (*events, *events):
        await take(service, each)
    for asked in ("old", "new"):
        lead = await service.leads.known(asked)
        fields = {name.value: known.value for name, known in (lead.fields or {}).items()}
        assert (lead.lead_id, lead.municipality) == ("new", "群馬県桐生市")
        assert (fields["department"], fields["person_name"]) == ("情報政策課", "田中 一郎")
        assert [each.kind for each in lead.activities] == ["meeting_held", "rfp_received"]
        assert lead.last_contact_at == NOW - DAY
    assert await service.fetch("select lead_id from lead") == [{"lead_id": "new"}]


async def test_a_score_of_the_id_that_goes_is_not_kept(service: Service) -> None:
    await take(service, merged("crm-1", "new"))
    await service.leads.save_scores([received(scored("A1", NOW), NOW)])
    assert await service.fetch("select lead_id from lead where grade is not null") == []


async def test_an_open_handoff_goes_on_and_its_packet_shows_the_id_that_stays(
    service: Service,
) -> None:
    state = replace(Life("2026-11-20 11:00").state, lead_id="old")
    await service.record(state)
    await take(service, *(received(*each) for each in SAID), merged("old", "new"))
    handoff = (await service.http.get("/handoffs/h-1")).json()
    assert (handoff["lead_id"], handoff["status"]) == ("old", state.status.value)
    packet = (await service.http.get("/handoffs/h-1/packet")).json()
    assert packet["lead_id"] == "new"
    assert packet["fields"][0]["text"] == "群馬県桐生市　情報政策課　田中 一郎 様"
    page = await service.http.get("/handoffs/h-1/packet", headers={"accept": "text/html"})
    assert "リード new" in page.text


def qualified(lead_id: str) -> LeadQualified:
    return LeadQualified(
        lead_id=lead_id,
        municipality_code="102032",
        fit=80.0,
        engagement=75.0,
        grade="A1",
        qualified_at=NOW,
        qualification=1,
        rule_set="municipal",
        rule_version=3,
        contributions=(),
    )


@pytest.mark.parametrize("then", ["old", "new"])
async def test_a_later_qualification_joins_the_open_handoff_of_the_other_id(
    service: Service, then: str
) -> None:
    async with service.working():
        begun = await service.handoffs.start(request_of(received(qualified("old"), NOW)))
        await take(service, merged("old", "new"))
        joined = await service.handoffs.start(request_of(received(qualified(then), NOW)))
    await service.end()
    assert joined.handoff_id == begun.handoff_id
    assert len(await service.fetch("select from handoff")) == 1


@pytest.mark.parametrize(
    ("accepted", "goes_on"),
    [(None, "first"), ("first", "first"), ("later", "later"), ("both", "both")],
)
async def test_of_two_open_handoffs_the_one_that_is_further_goes_on(
    service: Service, accepted: str | None, goes_on: str
) -> None:
    await service.put("/teams/east", {"name": "東日本営業部", "hours": WEEK})
    for member_id in ("fs-1", "fs-2"):
        member = {"team_id": "east", "name": "佐藤 花子", "roles": ["field_sales"], "capacity": 5}
        await service.put(f"/members/{member_id}", member)
    ids = {}
    async with service.working():
        for which, lead_id in (("first", "old"), ("later", "new")):
            begun = await service.handoffs.start(request_of(received(qualified(lead_id), NOW)))
            ids[which] = begun.handoff_id
            if accepted in {which, "both"}:
                assert begun.owner is not None
                await service.handoffs.send(begun.handoff_id, Accept(begun.owner))
        await take(service, merged("old", "new"))
        withdrawn = await service.doubled_handoffs.look()
        assert await service.doubled_handoffs.look() == 0
    await service.end()
    rows = await service.fetch("select handoff_id from handoff where is_open")
    still_open = {row["handoff_id"] for row in rows}
    if goes_on == "both":
        assert (withdrawn, still_open) == (0, set(ids.values()))
        return
    assert (withdrawn, still_open) == (1, {ids[goes_on]})
    [gone] = set(ids.values()) - still_open
    [*_, last] = await service.handoffs.facts(gone, after=None, limit=50)
    assert isinstance(last.fact, Withdrawn)
    assert last.fact.reason == f"同じ方についての引き継ぎ（{ids[goes_on]}）に一本化"
    told = await service.fetch("select text from notification where handoff_id = $1", gone)
    assert any(ids[goes_on] in row["text"] for row in told)


async def test_what_begins_under_an_id_that_has_gone_begins_under_the_one_that_stays(
    service: Service,
) -> None:
    await take(service, merged("old", "new"))
    async with service.working():
        await service.handoffs.start(request_of(received(qualified("old"), NOW)))
    await service.end()
    assert await service.fetch("select lead_id from handoff") == [{"lead_id": "new"}]


@pytest.mark.parametrize("asked", ["old", "new"])
@pytest.mark.parametrize("by", ["a person", "lead-scoring"])
async def test_an_erasure_covers_all_ids(service: Service, asked: str, by: str) -> None:
    await take(service, *(received(*each) for each in SAID), merged("old", "new"))
    if by == "a person":
        await service.leads.erase(asked, ACTOR)
    else:
        await service.leads.save_scores([received(Tombstone(key=asked), NOW)])
    assert await erased(service) == ["new", "old"]
    assert await service.fetch("select from lead_field") == []


async def test_who_was_erased_is_erased_under_an_id_that_goes_into_theirs(
    service: Service,
) -> None:
    await take(service, *(received(*each) for each in SAID))
    await service.leads.erase("new", ACTOR)
    await take(service, merged("old", "new"))
    assert await erased(service) == ["new", "old"]
    assert await service.fetch("select from lead_field where name = 'person_name'") == []


async def test_a_contradiction_is_refused(service: Service) -> None:
    await take(service, merged("old", "new"))
    with pytest.raises(ContradictoryMergeError, match="into_lead_id old went into new before"):
        await take(service, merged("new", "old"))
