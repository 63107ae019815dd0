"""Creates what the first event needs: the schema, this month's partition and a rule set."""

from importlib.resources import files
from typing import Final

import structlog

from kakehashi_common import migrations
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from lead_scoring import tables
from lead_scoring.rules import file as rules_file
from lead_scoring.rules import repository as rules
from lead_scoring.scoring.repository import events
from lead_scoring.settings import MIGRATIONS

log = structlog.get_logger(__name__)

_ACTOR: Final = Actor("system:migrate", "migrate")


async def install(database: Database, clock: Clock, document: str | None = None) -> None:
    """Bring the schema to its newest revision and publish first rules where there are none.

    ``document`` is the first rule set's YAML; absent: the one that ships, made for selling to
    municipalities. Does nothing to what is there already, so it can run at every deployment.

    Raises:
        TransientError: the database is unavailable.
        RulesFileError: ``document`` is no rule set.
    """
    await migrations.migrate(database, MIGRATIONS)
    async with database.transaction() as connection:
        raw = await driver_connection(connection)
        await events.ensure_partitions(raw, clock.now())
        if await rules.newest_version(raw) is not None:
            return
        if document is None:
            document = (files("lead_scoring") / "rules" / "municipal.yaml").read_text("utf-8")
        checked = rules_file.check(document)
        stored = await rules.add(
            raw,
            name=checked.name,
            document=document,
            checksum=checked.checksum(),
            published_by=_ACTOR.who,
        )
        # No lead has been scored by older rules, so there is nothing to score again.
        await rules.mark_rescored(raw, stored.version, leads=0, changed_grades=0)
        await _ACTOR.record(
            connection,
            tables.audit_table,
            "publish_rules",
            f"rule-set/{stored.version}",
            after={"name": checked.name, "checksum": checked.checksum()},
        )
        log.info("published the first rules", name=checked.name, version=stored.version)
