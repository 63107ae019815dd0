"""ETags: what is edited names its version, and an edit names the version it saw.

Source: RFC 9110, sections 8.8.3 and 13.1.
"""

from http import HTTPStatus

from kakehashi_common.errors import PermanentError, PreconditionFailedError


class PreconditionRequiredError(PermanentError):
    """An edit must say which version it saw (RFC 6585)."""

    code = "precondition_required"
    status = HTTPStatus.PRECONDITION_REQUIRED


def etag(version: object) -> str:
    """Return the strong entity tag of a resource at ``version``."""
    return f'"{version}"'


def matches(header: str | None, current: str) -> bool:
    """Whether an ``If-Match`` or ``If-None-Match`` header names ``current`` (or ``*``)."""
    if header is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or current in tags


def require_match(if_match: str | None, current: str) -> None:
    """Let an edit pass only if it saw the current version.

    Raises:
        PreconditionRequiredError: the header is missing.
        PreconditionFailedError: the header names another version.
    """
    if if_match is None:
        raise PreconditionRequiredError(
            "send If-Match with the ETag of the version you edit", field="If-Match"
        )
    if not matches(if_match, current):
        raise PreconditionFailedError(
            "it has changed since you read it; read it again, then edit that", field="If-Match"
        )
