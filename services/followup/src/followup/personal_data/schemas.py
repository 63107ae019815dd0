"""A person's data, as the API shows it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.http.requests import RequestBody, ResponseBody
from kakehashi_common.lead_profiles.holdings import Rows

Held = Annotated[
    dict[str, list[dict[str, Any]]],
    Field(description="Row by row as it is stored, by table; a table without rows is left out"),
]


class PersonalDataOut(ResponseBody):
    """Everything that followup holds about the person behind a lead."""

    lead_id: str
    held: Held

    @classmethod
    def of(cls, lead_id: str, rows: Rows) -> "PersonalDataOut":
        """Show it."""
        return cls(lead_id=lead_id, held=dict(rows))


class AddressIn(RequestBody):
    """The address of the person whose data is requested."""

    email: EmailAddress


class AddressDataOut(ResponseBody):
    """Everything that followup holds about whoever has an address."""

    lead_ids: list[str] = Field(
        description="The contacts with this address; none: it is held alone"
    )
    held: Held

    @classmethod
    def of(cls, lead_ids: Sequence[str], rows: Rows) -> "AddressDataOut":
        """Show it."""
        return cls(lead_ids=list(lead_ids), held=dict(rows))


class ErasedOut(ResponseBody):
    """The data that was erased."""

    lead_ids: list[str] = Field(description="The contacts with this address")
    erased: dict[str, int] = Field(description="Rows, by table")

    @classmethod
    def of(cls, lead_ids: Sequence[str], erased: Mapping[str, int]) -> "ErasedOut":
        """Show it."""
        return cls(lead_ids=list(lead_ids), erased=dict(erased))
