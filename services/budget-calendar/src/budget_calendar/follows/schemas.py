"""Followed municipalities, as the API shows them."""

from datetime import datetime
from enum import StrEnum

from budget_calendar.domain.municipality import Municipality
from budget_calendar.follows.repository import Follow
from budget_calendar.registry.schemas import BriefMunicipality
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class CycleState(StrEnum):
    """The state of the workflow that follows a municipality."""

    STARTING = "starting"
    """Not started yet; a schedule starts it within a minute."""
    BEHIND = "behind"
    """It runs, and has not been notified of the newest revision yet."""
    FOLLOWING = "following"
    """It runs and knows all there is."""


class FollowOut(ResponseBody):
    """One followed municipality."""

    municipality: BriefMunicipality
    since: JapanTime
    followed_by: str
    state: CycleState

    @classmethod
    def of(cls, municipality: Municipality, follow: Follow) -> "FollowOut":
        """Show it."""
        since: datetime = follow.since
        return cls(
            municipality=BriefMunicipality.of(municipality),
            since=since,
            followed_by=follow.followed_by,
            state=_state(follow),
        )


def _state(follow: Follow) -> CycleState:
    if not follow.started:
        return CycleState.STARTING
    return CycleState.BEHIND if follow.notified_revision < follow.revision else CycleState.FOLLOWING
