"""ETags: what is edited names its version, and an edit names the version it saw.

Source: RFC 9110, sections 8.8.3 and 13.1.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Final, TypeVar

from kakehashi_common.errors import PermanentError, PreconditionFailedError

T = TypeVar("T")

Precondition = Callable[[T], None]
"""Raises :class:`PreconditionFailedError` unless what is stored is as the person saw it."""


class PreconditionRequiredError(PermanentError):
    """An edit must say which version it saw (RFC 6585)."""

    code = "precondition_required"
    status = HTTPStatus.PRECONDITION_REQUIRED


class NotModifiedError(Exception):
    """The client has the current version: the answer is 304 with these headers, and no body."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(headers["ETag"])
        self.headers = headers


NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "It is as `If-None-Match` names it"}
}
"""The answer 304 in OpenAPI."""

REVALIDATE: Final = {"Cache-Control": "private, no-cache"}
"""A cache revalidates the answer each time."""


def etag(version: object) -> str:
    """Return the strong entity tag of a resource at ``version``."""
    return f'"{version}"'


def digest(content: bytes) -> str:
    """Return a version of content without a version number, for :func:`etag`."""
    return blake2b(content, digest_size=8).hexdigest()


def require_no_match(
    if_none_match: str | None, current: str, headers: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the headers of an answer with the tag ``current``, whose client doesn't have it yet.

    Raises:
        NotModifiedError: it does.
    """
    shown = {"ETag": current, **(headers or {})}
    if if_none_match is not None and _matches(if_none_match, current):
        raise NotModifiedError(shown)
    return shown


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
    if not _matches(if_match, current):
        raise PreconditionFailedError(
            "it has changed since you read it; read it again, then edit that", field="If-Match"
        )


def is_repeated(precondition: Precondition[T], before: T, *, done: bool) -> bool:
    """Return whether an edit was made already, and only its answer was lost.

    Args:
        precondition: of the edit.
        before: what is stored.
        done: whether that says what the edit would say.

    Raises:
        PreconditionFailedError: it was not made, and something else was.
    """
    try:
        precondition(before)
    except PreconditionFailedError:
        if not done:
            raise
        return True
    return False


def _matches(header: str, current: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or current in tags
