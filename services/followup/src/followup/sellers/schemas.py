"""Sellers, as the API shows and takes them."""

from typing import Annotated

from pydantic import Field

from followup.domain.absences import SellerAbsence
from followup.sellers.repository import Seller
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.http import absences
from kakehashi_common.http.fields import Id, JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\r\n]*$")]


class SellerIn(RequestBody):
    """A seller as they are entered."""

    name: Name = Field(examples=["佐藤 花子"])
    email: EmailAddress
    signature: str = Field(
        min_length=1, max_length=1_000, description="Several lines, below each message"
    )
    approver: Id | None = Field(
        default=None, description="Who approves what goes in their name; absent: they themselves"
    )
    active: Flag = True

    def seller(self, seller_id: str) -> Seller:
        """Return the domain's value."""
        return Seller(seller_id, self.name, self.email, self.signature, self.approver, self.active)


class SellerOut(ResponseBody):
    """A seller."""

    seller_id: str
    name: str
    email: str
    signature: str
    approver: str | None
    active: bool

    @classmethod
    def of(cls, seller: Seller) -> "SellerOut":
        """Return what is shown of a seller."""
        return cls(
            seller_id=seller.seller_id,
            name=seller.name,
            email=seller.email,
            signature=seller.signature,
            approver=seller.approver,
            active=seller.active,
        )


class AbsenceIn(absences.AbsenceIn):
    """A seller's absence."""

    deputy: Id | None = Field(
        default=None,
        description="The seller who does their work during it; absent: whoever may approve, and "
        "for tasks whoever approves for the seller",
    )

    def seller_absence(self, seller_id: str, absence_id: str) -> SellerAbsence:
        """Return the domain's value.

        Raises:
            DomainError: it ends before it begins (``absence_out_of_order``).
        """
        return SellerAbsence(seller_id, absence_id, self.absence(), self.deputy)


class AbsenceOut(ResponseBody):
    """A seller's absence."""

    absence_id: str
    seller_id: str
    starts: JapanTime
    ends: JapanTime
    deputy: str | None

    @classmethod
    def of(cls, stored: SellerAbsence) -> "AbsenceOut":
        """Return what is shown of an absence."""
        return cls(
            absence_id=stored.absence_id,
            seller_id=stored.seller_id,
            starts=stored.absence.starts,
            ends=stored.ends,
            deputy=stored.deputy,
        )
