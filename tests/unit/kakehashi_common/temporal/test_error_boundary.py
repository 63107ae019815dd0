import pytest
from temporalio.api.common.v1 import GrpcStatus
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from kakehashi_common.errors import (
    BusyError,
    FaultError,
    KakehashiError,
    NotFoundError,
    PermanentError,
    TransientError,
)
from kakehashi_common.temporal.error_boundary import permanent_failure, rpc_errors


def an_rpc_error(status: RPCStatusCode, message: str = "details", detail: str = "") -> RPCError:
    sent = GrpcStatus(code=status, message=message)
    if detail:
        sent.details.add(type_url=f"type.googleapis.com/temporal.api.errordetails.v1.{detail}")
    return RPCError(message, status, sent.SerializeToString())


TRANSIENT = {
    "UNAVAILABLE": TransientError,
    "UNKNOWN": TransientError,
    "ABORTED": TransientError,
    "INTERNAL": TransientError,
    "DATA_LOSS": TransientError,
    "OUT_OF_RANGE": TransientError,
    "DEADLINE_EXCEEDED": BusyError,
    "CANCELLED": BusyError,
    "RESOURCE_EXHAUSTED": BusyError,
    "NOT_FOUND": NotFoundError,
}


@pytest.mark.parametrize("status", [each for each in RPCStatusCode if each.name != "OK"])
def test_every_status_is_away_or_busy_or_not_found_or_a_fault(status: RPCStatusCode) -> None:
    with pytest.raises(KakehashiError) as raised, rpc_errors():
        raise an_rpc_error(status)
    assert type(raised.value) is TRANSIENT.get(status.name, FaultError)
    if isinstance(raised.value, FaultError):
        assert raised.value.code == "temporal_refused"
        assert status.name in raised.value.public
        assert "details" not in raised.value.public


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            an_rpc_error(
                RPCStatusCode.NOT_FOUND, "Namespace x is not found.", "NamespaceNotFoundFailure"
            ),
            FaultError,
        ),
        (
            an_rpc_error(
                RPCStatusCode.RESOURCE_EXHAUSTED,
                "grpc: received message after decompression larger than max 4194304",
            ),
            FaultError,
        ),
        (TimeoutError(), BusyError),
        (WorkflowUpdateRPCTimeoutOrCancelledError(), BusyError),
        (
            RuntimeError("Failed client connect: Server connection error: Connection refused"),
            TransientError,
        ),
        (
            RuntimeError(
                "Failed client connect: `get_system_info` call error after connection: "
                'Status { code: Unauthenticated, message: "expired" }'
            ),
            FaultError,
        ),
        (RuntimeError("dictionary changed size during iteration"), RuntimeError),
        (RecursionError("cannot connect the dots"), RecursionError),
    ],
)
def test_what_looks_alike_is_distinguished(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised, rpc_errors():
        raise error
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("error", "code", "details"),
    [
        (NotFoundError("no lead 7"), "not_found", ()),
        (
            PermanentError("no rule", code="no_rule", field="/rule"),
            "no_rule",
            ("/rule",),
        ),
        (ValueError("wrong"), "ValueError", ()),
    ],
)
def test_a_permanent_error_keeps_its_code_and_field(
    error: Exception, code: str, details: tuple[str, ...]
) -> None:
    failure = permanent_failure(error)
    assert failure.non_retryable
    assert (failure.message, failure.type, tuple(failure.details)) == (str(error), code, details)
