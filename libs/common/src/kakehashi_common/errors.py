"""The error tree is the policy: which branch an error is on decides what is done about it.

* :class:`TransientError`: trying again can succeed. Consumers retry it in place with back-off and
  never dead-letter it; HTTP answers 503 with ``Retry-After``.
* :class:`PermanentError`: the same input fails again. Consumers dead-letter the record; HTTP
  answers with the class's ``status`` and problem details that carry ``code`` and ``field``.
* :class:`FaultError`: our side is at fault until a person mends it. HTTP answers 500 with ``code``
  and what to do; no client is asked to retry.

Any other exception is a bug: HTTP answers 500, and a consumer treats it as permanent for that
record alone.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar, Final


class KakehashiError(Exception):
    """Base of every error that Kakehashi raises on purpose."""


class TransientError(KakehashiError):
    """Something that we depend on is unavailable or busy; the same call can succeed later."""

    code: ClassVar[str] = "unavailable"

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, public: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        """One plain sentence: what is unavailable."""
        self.retry_after = retry_after
        """When the other side said when to come back; ``None`` leaves it to the caller."""
        self.public = public
        """A further sentence for the caller of an API: how to send the same request again."""


class BusyError(TransientError):
    """Something that we depend on is there and has not answered in time; it may answer yet."""

    code = "busy"


class FaultError(KakehashiError):
    """Our side is at fault and stays so until a person mends it: trying again doesn't help."""

    def __init__(self, message: str, *, code: str, public: str) -> None:
        super().__init__(message)
        self.message = message
        """One plain sentence for the log."""
        self.code = code
        """Stable and machine-readable."""
        self.public = public
        """The sentence for the caller of an API: what is wrong, and what to do."""


OF_ONE: Final = (BusyError, FaultError)
"""Errors that may concern one workflow only: a loop over many workflows goes on with the next."""


class PermanentError(KakehashiError):
    """The input is at fault; the same input fails every time."""

    code: str = "invalid"
    """Stable and machine-readable; a published code never changes its meaning."""
    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        """One plain sentence that says what is wrong and how to mend it."""
        if code is not None:
            self.code = code
        self.field = field
        """The place in the input: a JSON Pointer (RFC 6901) or a header's name."""


class BadRequestError(PermanentError):
    """The request can't be read: malformed JSON, a cursor of another list."""

    code = "bad_request"
    status = HTTPStatus.BAD_REQUEST


class UnauthenticatedError(PermanentError):
    """No token, or one that doesn't prove who is asking."""

    code = "unauthenticated"
    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(PermanentError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = HTTPStatus.FORBIDDEN


class NotFoundError(PermanentError):
    """The resource that the input names does not exist."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND


class ConflictError(PermanentError):
    """The input contradicts what is stored."""

    code = "conflict"
    status = HTTPStatus.CONFLICT


class PreconditionFailedError(PermanentError):
    """``If-Match`` names another version than the stored one."""

    code = "precondition_failed"
    status = HTTPStatus.PRECONDITION_FAILED
