"""The more important reason or behaviour is decided first, in any order of arrival."""

from datetime import timedelta

import pytest

from followup.container import Container
from followup.domain.triggers.reasons import Reason
from followup.entries.service import Entries
from followup.triggers import behaviour_repository
from followup.triggers.behaviour_repository import SeenBehaviour
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.domain.texts import Text
from tests.support.followup_examples import ACTOR, PLAYBOOK, introduce
from tests.support.troubled_sequences import Troubled

REASONS = frozenset({"news", "council_news"})
LEAD_OF = {
    "news": "crm-1",
    "council_news": "crm-2",
    "silent": "crm-3",
    "score_jumped": "crm-4",
    "price_interest": "crm-5",
}
"""Each lets another contact of one city in, so that the order shows."""
TEXT = Text("見た", "seen")


async def happen(container: Container, clock: FixedClock, name: str, importance: int) -> None:
    """Have a reason be reported, or a behaviour be seen, now."""
    now, lead_id = clock.now(), LEAD_OF[name]
    if name in REASONS:
        last_day = japan_day(now) + timedelta(days=7)
        reason = Reason(
            name, TEXT, japan_day(now), last_day, lead_id=lead_id, importance=importance
        )
        await container.reasons.report([(name, reason)], ACTOR, dry_run=False)
        return
    seen = SeenBehaviour(name, now, lead_id, "102032", (), importance, False, TEXT)
    async with container.database.raw_transaction() as connection:
        await behaviour_repository.save_seen(connection, [seen])


@pytest.mark.parametrize(
    ("happened", "decided"),
    [
        (
            [("silent", 1), ("score_jumped", 2), ("price_interest", 3)],
            ["price_interest", "score_jumped", "silent"],
        ),
        ([("price_interest", 3), ("silent", 1)], ["price_interest", "silent"]),
        ([("news", 1), ("council_news", 3)], ["council_news", "news"]),
        (
            [("news", 2), ("silent", 1), ("price_interest", 3)],
            ["price_interest", "news", "silent"],
        ),
        (
            [("score_jumped", 2), ("news", 1), ("council_news", 3)],
            ["council_news", "score_jumped", "news"],
        ),
        ([("score_jumped", 2), ("news", 2)], ["news", "score_jumped"]),
    ],
)
async def test_of_what_came_at_one_instant_the_most_important_is_decided_first(
    container: Container,
    clock: FixedClock,
    happened: list[tuple[str, int]],
    decided: list[str],
) -> None:
    async with container.database.raw_transaction() as connection:
        await connection.execute(
            "insert into seller (seller_id, name, email, signature, active) "
            "values ('s-1', '佐藤', 'sato@example.co.jp', '佐藤', true)"
        )
    for name, lead_id in LEAD_OF.items():
        kind = "reasons" if name in REASONS else "behaviours"
        text = PLAYBOOK.replace("id: greeting", f"id: by-{name.replace('_', '-')}")
        text = text.replace("reasons: [new_contact]", f"{kind}: [{name}]")
        await container.playbooks.publish(text, ACTOR)
        await introduce(container, lead_id, email=f"{lead_id}@city.kiryu.example.jp")
    for name, importance in happened:
        await happen(container, clock, name, importance)
    workflows, database = Troubled(), container.database
    acting = Entries(
        database, container.playbooks, workflows.of(database), clock, default_owner="s-1"
    )
    assert await acting.look() == len(happened)
    assert workflows.reached == [LEAD_OF[name] for name in decided]
