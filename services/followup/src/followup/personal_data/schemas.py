"""A person's data, as the API shows it."""

from typing import Any

from pydantic import Field

from followup.personal_data.repository import Rows
from kakehashi_common.http.requests import ResponseBody


class PersonalDataOut(ResponseBody):
    """Everything that followup holds about the person behind a lead."""

    lead_id: str
    held: dict[str, list[dict[str, Any]]] = Field(
        description="Row by row as it is stored, by table; a table without rows is left out"
    )

    @classmethod
    def of(cls, lead_id: str, rows: Rows) -> "PersonalDataOut":
        """Show it."""
        return cls(lead_id=lead_id, held=dict(rows))
