"""Connect the commands to the API of budget-calendar."""

from typing import Final

from pydantic import Field

from kakehashi_common.http.client import ApiSettings
from kakehashi_common.settings import HttpUrl, settings_config

SCOPES: Final = ("budget-calendar:read", "budget-calendar:correct")
"""The scopes that the commands request from the local issuer."""


class BudgetCalendarApi(ApiSettings):
    """Connection settings of the commands."""

    model_config = settings_config("BUDGET_CALENDAR_")

    api_url: HttpUrl = Field(default="http://127.0.0.1:18180", description="Where the API answers")
    client_id: str = "budget-calendar-cli"
