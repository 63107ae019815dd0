"""No request that can be made of budget-calendar's description finds a fault."""

from kakehashi_common.temporal.search_attributes import register_search_attributes
from tests.support.budget_calendar_api import SCOPES
from tests.support.budget_calendar_processes import installation
from tests.support.fuzzing import fuzz
from tests.support.issuing import issuing
from tests.support.temporal import temporal_server


async def test_schemathesis_finds_nothing() -> None:
    await register_search_attributes((await temporal_server()).client)
    async with issuing() as issuer, installation(issuer) as installed:
        # Every boundary of every field (the phase "coverage") takes minutes on 43 operations.
        await fuzz(
            installed.api.address,
            issuer.token("tester", list(SCOPES)),
            phases="examples,fuzzing,stateful",
            examples=2,
        )
