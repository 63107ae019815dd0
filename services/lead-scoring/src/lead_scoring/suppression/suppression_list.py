"""Erased persons, who must not come back with next week's export under a new event id.

Kept are digests of e-mail addresses and leads' ids, made with a secret key: nobody who reads the
table, not even with a list of addresses at hand, learns who asked to be forgotten. Telephone
numbers are not kept: a section shares one, and its other people would be kept out too.
"""

import hmac
from collections.abc import Iterable, Sequence
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.lead_events import ProfileChanged
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.person import comparable_email
from lead_scoring.suppression import repository as suppressions


class SuppressionList:
    """Keeps people out of the data; each call works in the caller's transaction."""

    def __init__(self, key: bytes) -> None:
        """Prepare.

        Args:
            key: makes the digests; with another one nobody on the list is recognised any more.
        """
        self._key = key

    async def add(
        self, connection: RawConnection, *, emails: Iterable[str], lead_ids: Iterable[str]
    ) -> None:
        """Keep out whoever has one of these from now on."""
        await suppressions.add(connection, self._digests(emails, lead_ids))

    async def remove(
        self, connection: RawConnection, *, emails: Iterable[str], lead_ids: Iterable[str]
    ) -> int:
        """Let these in again, on the person's own wish; return how many were kept out."""
        return await suppressions.remove(connection, self._digests(emails, lead_ids))

    async def suppressed(
        self, connection: RawConnection, events: Sequence[Received[Any]]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the leads' ids among ``events`` that are kept out, and those that are new to that.

        A lead that is recognised by its address alone (it came back under another id) is kept out
        by its id from now on, so that events without the address make no lead either.
        """
        by_lead = {lead_id: self._digest("lead", lead_id) for lead_id in map(_lead_id, events)}
        by_address = [
            (_lead_id(received), self._digest("email", comparable_email(received.event.data.email)))
            for received in events
            if isinstance(received.event.data, ProfileChanged) and received.event.data.email
        ]
        known = await suppressions.among(
            connection, {*by_lead.values(), *(digest for _, digest in by_address)}
        )
        if not known:
            return frozenset(), frozenset()
        by_id = {lead_id for lead_id, digest in by_lead.items() if digest in known}
        recognised = {lead_id for lead_id, digest in by_address if digest in known} - by_id
        if recognised:
            await suppressions.add(connection, {by_lead[lead_id] for lead_id in recognised})
        return frozenset(by_id | recognised), frozenset(recognised)

    async def keeps_out(self, connection: RawConnection, lead_ids: Iterable[str]) -> bool:
        """Whether one of these ids is kept out."""
        return bool(await suppressions.among(connection, self._digests((), lead_ids)))

    def _digests(self, emails: Iterable[str], lead_ids: Iterable[str]) -> set[bytes]:
        return {
            *(self._digest("email", comparable_email(email)) for email in emails),
            *(self._digest("lead", lead_id) for lead_id in lead_ids),
        }

    def _digest(self, kind: str, identifier: str) -> bytes:
        return hmac.digest(self._key, f"{kind}:{identifier}".encode(), "sha256")


def _lead_id(received: Received[Any]) -> str:
    lead_id: str = received.event.data.lead_id
    return lead_id
