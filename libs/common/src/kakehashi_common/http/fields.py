"""Parameters and values that all APIs write alike."""

from datetime import datetime
from typing import Annotated

from fastapi import Header, Query
from pydantic import AfterValidator

from kakehashi_common.clock import TOKYO

JapanTime = Annotated[datetime, AfterValidator(lambda instant: instant.astimezone(TOKYO))]
"""An instant, shown in Japan's time (+09:00)."""

Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="Rows on a page")]

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="A request repeated with the same key within 24 hours is done once and "
        "answered alike",
    ),
]
IfMatch = Annotated[str | None, Header(description="The `ETag` of what you edit")]
IfNoneMatch = Annotated[str | None, Header(description="The `ETag` that you have seen")]
