"""Migrate the schema and publish the playbooks that ship before the first request."""

from typing import Final

from followup.domain.playbooks.checks import Limits
from followup.playbooks.service import Playbooks
from followup.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database

_ACTOR: Final = Actor("system:migrate", "migrate")


async def install(database: Database) -> None:
    """Bring the schema to its newest revision, and publish what ships under ids that are free.

    Does nothing to what is there already, so it can run at every deployment.

    Raises:
        TransientError: the database is unavailable.
    """
    await migrations.migrate(database, MIGRATIONS)
    await Playbooks(database, Limits()).install_shipped(_ACTOR)
