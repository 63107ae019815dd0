"""Types of fields that the APIs of several features take."""

from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import Field

from followup.scopes import READ, WRITE
from kakehashi_common.auth import Principal, require_scope
from kakehashi_common.domain.checks import LONGEST_BY
from kakehashi_common.http.requests import RequestBody

WorkId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=160,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Of an approval or task: those of its sequence and step, and a time",
    ),
    Path(),
]
By = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=LONGEST_BY,
        description="The seller who acts; without it the subject of the token",
    ),
]
DryRun = Annotated[bool, Query(description="Only say what would become of them")]
Reader = Depends(require_scope(READ))
Writer = Annotated[Principal, Depends(require_scope(WRITE))]


class ByWhom(RequestBody):
    """The person who acts."""

    by: By = None
