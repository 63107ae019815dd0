"""No request that can be made of lead-scoring's description finds a fault."""

from tests.support.fuzzing import fuzz
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.lead_scoring import installation


async def test_schemathesis_finds_nothing() -> None:
    async with issuing() as issuer, installation(**settings_of(issuer)) as installed:
        [api] = await installed.start("api")
        await fuzz(
            api.address,
            issuer.token("tester", list(SCOPES)),
            phases="examples,coverage,fuzzing,stateful",
            examples=5,
        )
