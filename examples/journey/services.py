"""The four services over HTTP, the mail server, and the server that skips time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic import Field
from pydantic_settings import BaseSettings

from kakehashi_common.http.client import Api, ApiError, ApiSettings
from kakehashi_common.settings import HttpUrl, load, settings_config


class _LeadScoring(ApiSettings):
    model_config = settings_config("LEAD_SCORING_")


class _Handoff(ApiSettings):
    model_config = settings_config("HANDOFF_")


class _BudgetCalendar(ApiSettings):
    model_config = settings_config("BUDGET_CALENDAR_")


class _Followup(ApiSettings):
    model_config = settings_config("FOLLOWUP_")


_LEAD_SCORING: Final = ("lead-scoring:read", "lead-scoring:events:write")
_HANDOFF: Final = (
    *("handoff:read", "handoff:write"),
    *("handoff:teams:write", "handoff:events:write"),
)
_BUDGET_CALENDAR: Final = ("budget-calendar:read", "budget-calendar:pursuits:write")
_FOLLOWUP: Final = (
    *("followup:read", "followup:write"),
    *("followup:playbooks:publish", "followup:personal-data"),
)
"""The scopes that the journey asks the issuer for."""

_JSON: Final = "application/json"


class StackSettings(BaseSettings):
    """Further settings of the local stack that the journey needs."""

    mail_folder: Path = Field(validation_alias="KAKEHASHI_MAIL_FOLDER")
    mail_page_port: int = Field(validation_alias="KAKEHASHI_MAIL_PAGE_PORT")
    mail_smtp_port: int = Field(validation_alias="KAKEHASHI_MAIL_SMTP_PORT")
    mail_sender: str = Field(validation_alias="FOLLOWUP_MAIL__SENDER")
    dkim_key_file: Path = Field(validation_alias="FOLLOWUP_DELIVERY__DKIM_KEY_FILE")
    temporal_ui_url: HttpUrl = Field(validation_alias="KAKEHASHI_TEMPORAL_UI_URL")
    time_skipping_server: Path | None = Field(
        default=None, validation_alias="KAKEHASHI_TIME_SKIPPING_SERVER"
    )

    def workflow(self, workflow_id: str) -> str:
        """Return the address of a workflow in the Temporal UI."""
        found = quote(workflow_id, safe="")
        return f"{self.temporal_ui_url}/namespaces/default/workflows/{found}"


@dataclass(frozen=True, slots=True)
class Services:
    """The APIs of the four services."""

    lead_scoring: Api
    handoff: Api
    budget_calendar: Api
    followup: Api


@contextmanager
def services() -> Iterator[Services]:
    """Open the four APIs."""
    with (
        Api(load(_LeadScoring), _LEAD_SCORING) as lead_scoring,
        Api(load(_Handoff), _HANDOFF) as handoff,
        Api(load(_BudgetCalendar), _BUDGET_CALENDAR) as budget_calendar,
        Api(load(_Followup), _FOLLOWUP) as followup,
    ):
        yield Services(lead_scoring, handoff, budget_calendar, followup)


def post(api: Api, path: str, body: dict[str, Any], key: str | None = None) -> Any:
    """Send JSON; with a key (``Idempotency-Key``) it is done once however often it is sent."""
    headers = None if key is None else {"idempotency-key": key}
    return api.post(path, json.dumps(body).encode(), _JSON, headers)


def put(api: Api, path: str, body: dict[str, Any]) -> Any:
    """Put JSON."""
    return api.put(path, json.dumps(body).encode(), _JSON)


def publish(api: Api, path: str, events: list[dict[str, Any]]) -> None:
    """Send events as another system does.

    Raises:
        ApiError: one of them was refused.
    """
    answer = api.post(path, json.dumps(events).encode(), "application/cloudevents-batch+json")
    if answer["rejected"]:
        raise ApiError(f"{path} refused {answer['rejected']} events: {answer['results']}")
