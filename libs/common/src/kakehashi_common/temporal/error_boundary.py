"""Errors at Temporal's edge: an RPC's failure as one of ours, and ours as an activity's failure."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from kakehashi_common.errors import (
    BusyError,
    FaultError,
    KakehashiError,
    NotFoundError,
    PermanentError,
    TransientError,
)

AWAY: Final = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNKNOWN, RPCStatusCode.ABORTED})
"""``UNKNOWN`` is what a connection that breaks during a call gives."""
UNANSWERED: Final = frozenset({RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})
"""``CANCELLED`` is what the SDK's own time-out of a call gives."""
BUSY: Final = UNANSWERED | {RPCStatusCode.RESOURCE_EXHAUSTED}
"""A call that asks for work: a worker, or Temporal, has too much to do to answer in time."""

FAILED: Final = frozenset(
    {RPCStatusCode.INTERNAL, RPCStatusCode.DATA_LOSS, RPCStatusCode.OUT_OF_RANGE}
)
"""Temporal, or the connection, failed at this attempt; the SDK tries these again itself."""

FAULT: Final = "temporal_refused"
"""The code of a :class:`FaultError` for a request that Temporal refuses."""

_TOO_LARGE: Final = "larger than max"
"""In gRPC's message; it has the status ``RESOURCE_EXHAUSTED`` for this too, and no other mark."""
_REFUSED_WHILE_CONNECTING: Final = ("code: Unauthenticated", "code: PermissionDenied")


@contextmanager
def rpc_errors() -> Iterator[None]:
    """Raise what calls of Temporal in the block fail with as one of our errors.

    Raises:
        NotFoundError: there is no such workflow, or it has ended.
        BusyError: Temporal, or a worker, has not answered in time.
        TransientError: Temporal is unavailable, or failed at this attempt.
        FaultError: Temporal refuses the request and will refuse it again (``temporal_refused``): an
            expired key, a missing permission or namespace, a message that is too large.
    """
    try:
        yield
    except RPCError as error:
        raise error_of(error) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise BusyError("no worker has answered in time") from error
    except RuntimeError as error:
        raise_connection_error(error)


def error_of(error: RPCError) -> KakehashiError:
    """Return what an RPC's status means, see :func:`rpc_errors`."""
    status = error.status
    if status is RPCStatusCode.NOT_FOUND and not _is_namespace_missing(error):
        return NotFoundError(f"Temporal knows no such workflow: {error.message}")
    if status in BUSY and _TOO_LARGE not in error.message:
        return BusyError(f"Temporal is busy: {status.name}: {error.message}")
    if status in AWAY:
        return TransientError(f"Temporal can't be reached: {error.message}")
    if status in FAILED:
        return TransientError(f"Temporal failed: {status.name}: {error.message}")
    return FaultError(
        f"Temporal refuses a request: {status.name}: {error.message}",
        code=FAULT,
        public=f"Temporal refuses a request of this service ({status.name}), and would refuse it "
        "again. Whoever runs the service finds the reason in its log.",
    )


def raise_connection_error(error: RuntimeError) -> NoReturn:
    """Raise what the SDK means by a ``RuntimeError``: it could not connect.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the key (``temporal_refused``).
        RuntimeError: it is about something else.
    """
    message = str(error)
    if type(error) is not RuntimeError or "connect" not in message.lower():
        raise error
    if any(refusal in message for refusal in _REFUSED_WHILE_CONNECTING):
        raise FaultError(
            f"Temporal refuses the connection: {message}",
            code=FAULT,
            public="Temporal refuses this service's key. Whoever runs the service has to renew it.",
        ) from error
    raise TransientError(f"Temporal can't be reached: {message}") from error


def _is_namespace_missing(error: RPCError) -> bool:
    return any(
        detail.type_url.endswith("NamespaceNotFoundFailure") for detail in error.grpc_status.details
    )


class ActivityErrors(Interceptor):
    """Ends the retries of an activity whose input is at fault.

    A :class:`PermanentError`, or a domain error that a service declares permanent, becomes a
    non-retryable ``ApplicationError`` with the error's code as its type and its field as detail.
    Every other error is retried as the activity's policy says.
    """

    def __init__(self, permanent: Sequence[type[Exception]] = ()) -> None:
        """Prepare.

        Args:
            permanent: further errors that the same input raises every time; their ``code`` and
                ``field``, if they have them, reach the workflow.
        """
        self._permanent: tuple[type[Exception], ...] = (PermanentError, *permanent)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Return the interceptor of one worker."""
        return _ActivityErrors(next, self._permanent)


class _ActivityErrors(ActivityInboundInterceptor):
    def __init__(
        self, following: ActivityInboundInterceptor, permanent: tuple[type[Exception], ...]
    ) -> None:
        super().__init__(following)
        self._permanent = permanent

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        """Execute the activity; raise its permanent errors as non-retryable ones."""
        try:
            return await self.next.execute_activity(input)
        except self._permanent as error:
            raise permanent_failure(error) from error


def permanent_failure(error: Exception) -> ApplicationError:
    """Return ``error`` as a failure that is never retried.

    Its code is the failure's type, and its field the only detail.
    """
    field = getattr(error, "field", None)
    return ApplicationError(
        str(error),
        *(() if field is None else (field,)),
        type=getattr(error, "code", type(error).__name__),
        non_retryable=True,
    )
