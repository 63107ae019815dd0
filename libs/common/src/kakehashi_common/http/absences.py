"""Absences of people, as APIs take them."""

from pydantic import Field

from kakehashi_common.domain.business_time import Absence
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.fields import InstantWithinReach
from kakehashi_common.http.requests import RequestBody


class AbsenceIn(RequestBody):
    """A member's absence."""

    starts: InstantWithinReach
    ends: InstantWithinReach = Field(
        description="The first instant at which the member works again"
    )

    def absence(self) -> Absence:
        """Return the domain's value.

        Raises:
            DomainError: it ends before it begins (``absence_out_of_order``).
        """
        if self.ends <= self.starts:
            raise DomainError(
                "the absence ends before it begins: give a later end",
                field="ends",
                code="absence_out_of_order",
            )
        return Absence(self.starts, self.ends)
