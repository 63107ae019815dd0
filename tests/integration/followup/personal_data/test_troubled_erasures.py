"""An erasure is finished although a workflow of the person, or another erasure, is in trouble."""

import pytest

from followup.personal_data.service import PersonalData
from kakehashi_common.clock import WallClock
from kakehashi_common.db import Database
from kakehashi_common.lead_profiles.erasures import Erasures
from tests.support.followup_examples import ACTOR
from tests.support.troubled_sequences import BUSY, TROUBLES, Troubled, store


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_sequence_in_trouble_ends_with_its_deletion(
    followup_database: Database, trouble: Exception
) -> None:
    workflows = Troubled({"s-1": trouble})
    personal_data = PersonalData(followup_database, workflows.of(followup_database), WallClock())
    for sequence_id in ("s-1", "s-2"):
        await store(followup_database, sequence_id, "crm-1")
    await personal_data.erase("crm-1", ACTOR)
    assert await Erasures(followup_database, personal_data.settle).look() == 1
    assert workflows.reached == ["s-2"]
    assert workflows.deleted == ["s-1", "s-2"]
    assert await Erasures(followup_database, personal_data.settle).look() == 0


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_one_in_trouble_holds_up_no_other(
    followup_database: Database, trouble: Exception
) -> None:
    personal_data = PersonalData(followup_database, Troubled().of(followup_database), WallClock())
    for lead_id in ("crm-1", "crm-2", "crm-3"):
        await personal_data.erase(lead_id, ACTOR)

    async def settle(lead_id: str) -> bool:
        if lead_id == "crm-2":
            raise trouble
        return await personal_data.settle(lead_id)

    erasures = Erasures(followup_database, settle)
    assert await erasures.look() == 2
    assert await erasures.look() == 0


async def test_many_in_trouble_hold_up_no_other(followup_database: Database) -> None:
    personal_data = PersonalData(followup_database, Troubled().of(followup_database), WallClock())
    for number in range(120):
        await personal_data.erase(f"crm-{number:03}", ACTOR)
    tried = set()

    async def settle(lead_id: str) -> bool:
        tried.add(lead_id)
        raise BUSY

    erasures = Erasures(followup_database, settle)
    while len(tried) < 120:
        assert await erasures.look() == 0
