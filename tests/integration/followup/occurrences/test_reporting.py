"""A contact's words to a person hold for all of the contact's sequences."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import React
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ADDRESS, CALLING, ENTRY


async def two_under_way(at_work: Service) -> tuple[str, str]:
    """Have the contact be asked by telephone, and another sequence want to mail; their ids."""
    await at_work.playbooks.publish(CALLING, ACTOR)
    calls = await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": "calling"})
    mails = await at_work.call("POST", "/sequences", ENTRY)
    return calls["sequence_id"], mails["sequence_id"]


async def complete(at_work: Service, outcome: str) -> None:
    (task,) = (await at_work.call("GET", "/tasks"))["items"]
    done = {"by": "s-1", "outcome": outcome}
    await at_work.call("POST", f"/tasks/{task['task_id']}/complete", done)


async def end_of(at_work: Service, sequence_id: str) -> str | None:
    shown = await at_work.call("GET", f"/sequences/{sequence_id}")
    end: str | None = shown["end_reason"]
    return end


async def by_telephone(at_work: Service, _: str) -> None:
    await complete(at_work, "opted_out")


async def by_api(at_work: Service, sequence_id: str) -> None:
    now = datetime.now(UTC).isoformat()
    said = {"by": "s-1", "occurrence": "opted_out", "at": now}
    await at_work.call("POST", f"/sequences/{sequence_id}/reactions", said)


async def in_the_temporal_ui(at_work: Service, sequence_id: str) -> None:
    said = React(OccurrenceKind.OPTED_OUT, datetime.now(UTC), "s-1")
    await at_work.sequences.send(sequence_id, said)


@pytest.mark.parametrize("tell", [by_telephone, by_api, in_the_temporal_ui])
async def test_an_opt_out_told_to_a_person_holds_for_every_sequence_and_entry(
    at_work: Service, tell: Callable[[Service, str], Awaitable[None]]
) -> None:
    calls, mails = await two_under_way(at_work)
    await tell(at_work, calls)
    assert await end_of(at_work, calls) == "opted_out"

    listed = (await at_work.call("GET", "/suppressions"))["items"]
    assert {(each["scope"], each["value"], each["cause"], each["channel"]) for each in listed} == {
        ("person", "crm-1", "opt_out", "person"),
        ("address", ADDRESS, "opt_out", "person"),
    }
    await at_work.occurrences.look()
    assert await end_of(at_work, mails) == "opted_out"
    assert await at_work.refused("POST", "/sequences", ENTRY) == (409, "suppressed")
    async with at_work.database.raw_transaction() as connection:
        who = await connection.fetch("select who from audit where what = 'suppress'")
    assert {each["who"] for each in who} == {"s-1"}


@pytest.mark.parametrize(
    ("outcome", "ends"), [("meeting_booked", "meeting_booked"), ("answered", "answered")]
)
async def test_what_comes_of_a_call_the_other_sequences_know(
    at_work: Service, outcome: str, ends: str
) -> None:
    _, mails = await two_under_way(at_work)
    await complete(at_work, outcome)
    await at_work.occurrences.look()
    assert await end_of(at_work, mails) == ends
    assert await at_work.occurrences.look() == 0, "passed on once"
    async with at_work.database.raw_transaction() as connection:
        assert await connection.fetchval("select count(*) from occurrence") == 1


@pytest.mark.parametrize("outcome", ["done", "not_reached"])
async def test_what_says_nothing_of_the_contact_stays_with_its_sequence(
    at_work: Service, outcome: str
) -> None:
    _, mails = await two_under_way(at_work)
    await complete(at_work, outcome)
    assert await at_work.occurrences.look() == 0
    assert await end_of(at_work, mails) is None
    assert (await at_work.call("GET", "/suppressions"))["items"] == []
