"""A pause that is over before it begins is refused with the field at fault."""

from datetime import timedelta

from followup.sequences.names import workflow_id
from tests.support.followup_api import Service
from tests.support.followup_examples import ENTRY


async def test_a_pause_until_a_time_that_is_over_is_refused_by_request_and_signal(
    at_work: Service,
) -> None:
    sequence_id = (await at_work.call("POST", "/sequences", ENTRY))["sequence_id"]
    path = f"/sequences/{sequence_id}"
    over = (at_work.clock.now() - timedelta(days=1)).isoformat()

    answer = await at_work.http.post(f"{path}/pause", json={"by": "s-1", "until": over})

    assert (answer.status_code, answer.json()["code"]) == (422, "until_in_the_past")
    assert answer.json()["errors"][0]["pointer"] == "/until"
    its_id = workflow_id(sequence_id, at_work.beside.prefix)
    workflow = at_work.temporal.get_workflow_handle(its_id)
    await workflow.signal("pause", {"by": "s-1", "reason": "person", "until": over})
    await at_work.call("POST", f"{path}/resume", {"by": "s-1"})  # is taken after the signal
    history = (await at_work.call("GET", f"{path}/history"))["items"]
    assert "paused" not in {fact["kind"] for fact in history}


async def test_a_pause_of_all_sending_that_is_over_is_refused(at_work: Service) -> None:
    over = (at_work.clock.now() - timedelta(days=1)).isoformat()
    body = {"cause": "disaster", "municipality_code": "102032", "ends": over}
    answer = await at_work.http.put("/sending-pauses/flood", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "ends_in_the_past")
    assert answer.json()["errors"][0]["pointer"] == "/ends"
