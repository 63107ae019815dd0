"""A suppression, by whatever way it comes, ends the sequences of all whom it names."""

from datetime import UTC, datetime, timedelta

import pytest

from followup.domain.triggers.reasons import Reason
from followup.occurrences.service import Occurrences
from followup.sequences.client import SequenceWorkflows
from followup.sequences.service import Sequences
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.contracts.lead_events import ProfileChanged
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import lazy_client
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ADDRESS, CALLING, ENTRY, introduce
from tests.support.received import received

TWO_CALLS = (
    CALLING.replace("id: calling", "id: two-calls")
    + "  - {id: again, kind: call_task, title: お電話, due_business_days: 2}\n"
)
NAMES = [
    ("person", "crm-1"),
    ("address", ADDRESS.upper()),
    ("domain", "kiryu.example.jp"),
    ("organisation", "102032"),
]
OTHER = "joho@city.maebashi.example.jp"


async def entered(service: Service, playbook_id: str, lead_id: str = "crm-1") -> str:
    """Have a contact enter a playbook; the municipality is the contact's own."""
    entry = ENTRY | {"playbook_id": playbook_id, "lead_id": lead_id, "municipality_code": None}
    status = await service.call("POST", "/sequences", entry)
    sequence_id: str = status["sequence_id"]
    return sequence_id


async def under_way(service: Service) -> tuple[str, str, str]:
    """Have a contact be asked for by mail and by telephone, and somebody elsewhere, too."""
    await service.playbooks.publish(CALLING, ACTOR)
    await introduce(service, "crm-9", municipality_code="102016", email=OTHER)
    return (
        await entered(service, "greeting"),
        await entered(service, "calling"),
        await entered(service, "calling", "crm-9"),
    )


async def shown(service: Service, *sequence_ids: str) -> list[tuple[str, str | None]]:
    found = [await service.call("GET", f"/sequences/{each}") for each in sequence_ids]
    return [(each["status"], each["end_reason"]) for each in found]


async def open_tasks(service: Service) -> list[str]:
    return [each["lead_id"] for each in (await service.call("GET", "/tasks"))["items"]]


async def suppress(service: Service, scope: str, value: str, **more: str) -> None:
    await service.call("POST", "/suppressions", {"scope": scope, "value": value, **more})


async def stored(service: Service, query: str) -> int:
    async with service.database.raw_transaction() as connection:
        count: int = await connection.fetchval(query)
    return count


@pytest.mark.parametrize(("scope", "value"), NAMES)
async def test_it_ends_what_is_under_way_of_mails_and_tasks_and_nobody_elses(
    at_work: Service, scope: str, value: str
) -> None:
    mail, call, elsewhere = await under_way(at_work)
    assert sorted(await open_tasks(at_work)) == ["crm-1", "crm-9"]
    for _ in range(2):
        await suppress(at_work, scope, value)
        await at_work.occurrences.look()
    assert await shown(at_work, mail, call) == [("stopped", "opted_out")] * 2
    assert await shown(at_work, elsewhere) == [("awaiting_task", None)]
    assert await open_tasks(at_work) == ["crm-9"]
    history = await at_work.call("GET", f"/sequences/{call}/history")
    assert [each["kind"] for each in history["items"]][-2:] == ["occurred", "stopped"]
    assert await stored(at_work, "select count(*) from occurrence") == 1, "again adds nothing"


async def test_a_file_ends_the_sequences_of_all_whom_it_names_at_one_stroke(
    at_work: Service,
) -> None:
    sequences = await under_way(at_work)
    many = "".join(f"nobody-{number}@x.example.jp,address,\n" for number in range(995))
    file = f"value,scope,cause\ncrm-1,person,\n{ADDRESS},address,\n102016,organisation,\n{many}"
    for _ in range(2):
        answer = await at_work.http.post(
            "/suppressions/import", content=file.encode(), headers={"content-type": "text/csv"}
        )
        assert answer.is_success, answer.text
        await at_work.occurrences.look()
    assert await shown(at_work, *sequences) == [("stopped", "opted_out")] * 3
    assert await stored(at_work, "select count(*) from occurrence") == 2
    audited = "from audit where what = 'suppress'"
    assert await stored(at_work, f"select sum((after->>'suppressions')::int) {audited}") == 998
    assert await stored(at_work, f"select count(*) {audited}") == 3, "one of each scope"


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("complaint", "opted_out"),
        ("bounce", "bounced"),
        ("seller", "suppressed"),
        ("erasure", "suppressed"),
    ],
)
async def test_what_is_no_opt_out_ends_them_and_counts_as_none(
    at_work: Service, cause: str, reason: str
) -> None:
    _, call, _ = await under_way(at_work)
    await suppress(at_work, "person", "crm-1", cause=cause)
    await at_work.occurrences.look()
    assert await shown(at_work, call) == [("stopped", reason)]


async def test_what_is_told_while_temporal_is_away_ends_them_when_it_is_back(
    at_work: Service,
) -> None:
    _, call, _ = await under_way(at_work)
    nowhere = lazy_client(TemporalSettings(address="127.0.0.1:9", task_queue="none"))
    away = Sequences(at_work.database, SequenceWorkflows(nowhere, "none"), at_work.playbooks)
    await suppress(at_work, "domain", "city.kiryu.example.jp")
    clock = FixedClock(datetime.now(UTC))
    with pytest.raises(TransientError):
        await Occurrences(at_work.database, at_work.playbooks, away, clock).look()
    assert await shown(at_work, call) == [("awaiting_task", None)]
    clock.instant += timedelta(minutes=1)
    await Occurrences(at_work.database, at_work.playbooks, at_work.sequences, clock).look()
    assert await shown(at_work, call) == [("stopped", "opted_out")]


async def test_a_trial_run_ends_nothing(at_work: Service) -> None:
    _, call, _ = await under_way(at_work)
    answer = await at_work.http.post(
        "/suppressions/import?dry_run=true",
        content=b"value,scope\ncrm-1,person\n",
        headers={"content-type": "text/csv"},
    )
    assert (answer.is_success, answer.json()["added"]) == (True, 1)
    assert await at_work.occurrences.look() == 0
    assert await shown(at_work, call) == [("awaiting_task", None)]


async def test_one_that_has_ended_stays_ended_when_the_suppression_is_lifted(
    at_work: Service,
) -> None:
    _, call, _ = await under_way(at_work)
    await suppress(at_work, "person", "crm-1")
    lifted = {"scope": "person", "value": "crm-1", "reason": "本人から再開の依頼"}
    await at_work.call("POST", "/suppressions/lift", lifted)
    await at_work.occurrences.look()
    assert await shown(at_work, call) == [("stopped", "opted_out")]
    assert await entered(at_work, "calling")


@pytest.mark.parametrize(("scope", "value"), NAMES)
async def test_who_is_suppressed_enters_nothing_for_a_reason_or_by_hand(
    at_work: Service, scope: str, value: str
) -> None:
    await at_work.playbooks.publish(CALLING, ACTOR)
    await suppress(at_work, scope, value)
    entry = ENTRY | {"playbook_id": "calling"}
    assert await at_work.refused("POST", "/sequences", entry) == (409, "suppressed")
    today = japan_day(at_work.clock.now())
    label = Text("新しい連絡先", "a new contact")
    reason = Reason("new_contact", label, today, today, lead_id="crm-1", owner="s-1")
    await at_work.reasons.report([("r-1", reason)], ACTOR, dry_run=False)
    await at_work.entries.look()
    answer = await at_work.http.get("/entry-decisions", params={"lead_id": "crm-1"})
    decided = answer.json()
    assert [each["entered"] for each in decided] == [False, False], "by mail and by telephone"
    assert all("配信停止" in each["why_ja"] for each in decided)


async def test_who_comes_to_have_a_suppressed_address_is_asked_for_no_more(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(TWO_CALLS, ACTOR)
    await suppress(at_work, "address", OTHER)
    two_calls = await entered(at_work, "two-calls")
    moved = ProfileChanged.model_validate({"lead_id": "crm-1", "email": OTHER})
    await at_work.contacts.save_lead_events([received(moved, datetime.now(UTC))])
    [task] = (await at_work.call("GET", "/tasks"))["items"]
    done = {"by": "s-1", "outcome": "not_reached"}
    await at_work.call("POST", f"/tasks/{task['task_id']}/complete", done)
    await at_work.occurrences.look()
    assert await shown(at_work, two_calls) == [("stopped", "opted_out")]
    assert await open_tasks(at_work) == []
