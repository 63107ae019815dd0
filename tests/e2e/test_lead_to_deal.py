"""From a lead's events to a won deal and back to the score's label, through both services."""

import secrets
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from tests.support.handoff_processes import KIRYU
from tests.support.handoff_processes import installation as handoff_installation
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.lead_scoring import installation as lead_scoring_installation
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # seven processes start

LEAD = "crm-48213"
WITHIN = 120.0


def event(type_: str, **data: Any) -> dict[str, Any]:
    """A CloudEvent of now."""
    return {
        "specversion": "1.0",
        "id": secrets.token_hex(8),
        "source": "https://crm.example.jp",
        "type": type_,
        "time": datetime.now(UTC).isoformat(),
        "data": data,
    }


async def test_a_lead_is_scored_handed_off_contacted_won_and_labelled() -> None:
    async with (
        issuing() as issuer,
        lead_scoring_installation(**settings_of(issuer), READ_HANDOFFS="true") as scoring,
        handoff_installation(issuer, beside=scoring) as handoffs,
    ):
        await handoffs.start("api", "consumer", "relay", "worker")
        await handoffs.hire()
        scoring_api, *_ = await scoring.start("api", "consumer", "relay")
        token = issuer.token("tester", list(SCOPES))
        async with httpx.AsyncClient(
            base_url=f"{scoring_api.address}/v1",
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
        ) as http:
            answer = await http.post(
                "/lead-events",
                json=[
                    event(
                        ProfileChanged.TYPE,
                        lead_id=LEAD,
                        municipality_code=KIRYU,
                        department="情報政策課",
                        role="manager",
                    ),
                    event(ActivityRecorded.TYPE, lead_id=LEAD, kind="rfp_received"),
                    event(ActivityRecorded.TYPE, lead_id=LEAD, kind="meeting_held"),
                ],
            )
            assert answer.status_code == 202, answer.text
            handoff = await handoffs.handoff_of(LEAD, "assigned")
            assert (handoff["municipality_code"], handoff["grade"]) == (KIRYU, "A1")

            owner, path = handoff["owner"], f"/handoffs/{handoff['handoff_id']}"
            await handoffs.call("POST", f"{path}/accept", {"by": owner})
            (deal,) = (await handoffs.call("GET", f"/deals?lead_id={LEAD}"))["items"]
            call = {
                "activity_id": "call-1",
                "member_id": owner,
                "role": "field_sales",
                "kind": "call",
                "reached": True,
                "lead_id": LEAD,
            }
            await handoffs.call(
                "POST", "/seller-activities", event(SellerActivityRecorded.TYPE, **call)
            )
            await handoffs.handoff_of(LEAD, "contacted")
            won = {
                "deal_id": deal["deal_id"],
                "stage": "decision",
                "lead_ids": [LEAD],
                "outcome": "won",
            }
            await handoffs.call("POST", "/deal-events", event(DealChanged.TYPE, **won))
            closed = await handoffs.handoff_of(LEAD, "closed")
            assert closed["outcome"] == "won"

            labels: list[dict[str, Any]] = []

            async def labelled() -> bool:
                found = await http.get("/reports/labels")
                assert found.status_code == 200, found.text
                labels[:] = found.json()["items"]
                return any(each["outcome"] for each in labels)

            await eventually(
                labelled, within=WITHIN, what="the deal's outcome is a label", every=0.2
            )
            (label,) = labels
            assert label["handoff_id"] == handoff["handoff_id"]
            assert (label["accepted"], label["outcome"], label["ended_as"]) == (
                True,
                "won",
                "closed",
            )
            assert label["contacted_at"] is not None
            assert label["qualification"]["grade"] == "A1"
