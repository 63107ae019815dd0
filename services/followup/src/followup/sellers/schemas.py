"""Sellers, as the API shows and takes them."""

from typing import Annotated

from pydantic import Field

from followup.sellers.repository import Seller
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.http.fields import Id
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
