"""``python -m followup.http.openapi > docs/openapi/followup.json``: the API's contract.

Clients are generated from the committed file; ``tests/contract`` holds that it is current.
"""

from typing import Any

from fastapi import FastAPI

from followup.container import Container
from followup.http.app import create_app
from followup.settings import FollowupSettings
from kakehashi_common.db import Database
from kakehashi_common.http import openapi
from kakehashi_common.settings import HttpSettings


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return application().openapi()


def application() -> FastAPI:
    """Return the application to describe. Nothing connects; only its routes matter."""
    settings = FollowupSettings(database=openapi.DATABASE, auth=openapi.AUTH, http=HttpSettings())
    return create_app(Container(settings, Database(settings.database, application="openapi")))


if __name__ == "__main__":
    openapi.write(document())
