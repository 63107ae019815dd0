"""Previews a rule set before it is published: how many leads would get another grade."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kakehashi_common.db import RawConnection
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.scoring.repository import leads

MAX_SCORED: Final = 20_000
"""Leads that are scored for a preview, about two seconds of one processor. Of more leads it is a
random sample of about so many: shares are then right to about one point in a hundred."""

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """The changes of grade that rules would cause today."""

    leads: int
    """The number of leads."""
    scored: int
    """The number scored by both rule sets: all, or a random sample."""
    moves: Mapping[tuple[str, str], int]
    """The number of the scored leads that would go from one grade to another."""

    @property
    def changed(self) -> int:
        """The number of the scored leads that would get another grade."""
        return sum(self.moves.values())


async def preview(
    connection: RawConnection, before: CompiledRules, after: CompiledRules, day: int
) -> Preview:
    """Score leads by both rule sets as of a day in Japan, and compare; nothing is written."""
    total = await leads.count(connection)
    ids = await leads.sample(connection, min(1.0, MAX_SCORED / total) if total else 1.0)
    moves: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(ids), _PAGE):
        # Others are answered between two pages.
        await asyncio.sleep(0)
        page = await leads.load(connection, ids[start : start + _PAGE])
        for stored in page.values():
            old = before.evaluate(stored.lead, day).grade
            new = after.evaluate(stored.lead, day).grade
            if old != new:
                moves[old, new] += 1
    return Preview(total, len(ids), moves)
