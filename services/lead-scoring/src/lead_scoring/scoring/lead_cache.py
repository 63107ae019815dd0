"""The leads that a consumer keeps in memory between batches, least recently used out first."""

from collections.abc import Iterable

from lead_scoring.scoring.repository.leads import StoredLead


class LeadCache:
    """Leads by id, at most ``size`` of them.

    Every write is guarded by the row's version, so a cache that is behind costs a repeated
    transaction and never a wrong score.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._leads: dict[str, StoredLead] = {}

    def __len__(self) -> int:
        return len(self._leads)

    def get(self, lead_id: str) -> StoredLead | None:
        """The lead as it was last committed, if it is here."""
        return self._leads.get(lead_id)

    def keep(self, written: Iterable[StoredLead]) -> None:
        """Keep leads after their transaction committed."""
        held = self._leads
        for stored in written:
            stored.version += 1
            stored.is_new = False
            stored.profile_changed = False
            # Python's dictionaries keep insertion order: out and in again makes it the newest.
            held.pop(stored.lead.lead_id, None)
            held[stored.lead.lead_id] = stored
        while len(held) > self.size:
            del held[next(iter(held))]

    def drop(self, lead_ids: Iterable[str]) -> None:
        """Drop leads that may differ from the database."""
        for lead_id in lead_ids:
            self._leads.pop(lead_id, None)

    def clear(self) -> None:
        """Drop everything: these leads' partitions may belong to another consumer now."""
        self._leads.clear()
