"""What the tests of triggers share."""

from datetime import UTC, datetime

import pytest

from followup.container import Container
from followup.settings import FollowupSettings
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.settings import AuthSettings

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 12, 1, 3, tzinfo=UTC))


@pytest.fixture
def container(followup_database: Database, clock: FixedClock) -> Container:
    """An installation that nobody asks over HTTP."""
    settings = FollowupSettings(
        database=followup_database.settings, auth=AuthSettings(jwks_url=NOWHERE, issuer=NOWHERE)
    )
    return Container(settings, followup_database, clock)
