"""Absences of sellers, and their deputies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kakehashi_common.domain.business_time import Absence


@dataclass(frozen=True, slots=True)
class SellerAbsence:
    """A seller's absence, with their deputy."""

    seller_id: str
    absence_id: str
    absence: Absence
    deputy: str | None
    """``None``: anybody who may do their work."""

    @property
    def ends(self) -> datetime:
        """The first instant at which they work again."""
        return self.absence.ends


def stand_in(absence: SellerAbsence, away: Mapping[str, SellerAbsence]) -> str | None:
    """Return who does the work of somebody who is away: the deputy, or the deputy's own one.

    Args:
        absence: of the seller whose work it is.
        away: everybody who is away now, by id.

    Returns:
        ``None``: no deputy is named, or nobody of them is here.
    """
    asked = {absence.seller_id}
    deputy = absence.deputy
    while deputy is not None and deputy not in asked:
        if deputy not in away:
            return deputy
        asked.add(deputy)
        deputy = away[deputy].deputy
    return None
