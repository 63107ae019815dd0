"""The activity of the schedule."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from followup.maintenance.retention import Purged, Retention


class MaintenanceActivities:
    """The activities of schedules; each can be repeated at any point."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention

    def all(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (self.purge_old_follow_ups,)

    @activity.defn
    async def purge_old_follow_ups(self) -> Purged:
        """Apply the retention; return how many rows were deleted."""
        return await self._retention.apply()
