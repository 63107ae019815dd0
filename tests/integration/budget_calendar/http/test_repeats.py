"""A request that is repeated is answered as the first was, whatever has changed meanwhile."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit.commands import Message, ReviseGoal
from budget_calendar.pursuits.client import PursuitWorkflows
from budget_calendar.pursuits.messages import OpenPursuit, PursuitStatus
from budget_calendar.pursuits.service import PursuitRequests
from kakehashi_common.audit import Actor
from kakehashi_common.clock import japan_day
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.idempotency import IdempotentRequest
from tests.support.budget_calendar_api import NOW, Service

STANDING = PursuitStatus("deal-1", 1, "active", "study_sessions", None, "勉強会", "Study sessions")
TODAY = PursuitGoal("digital", 1_000_000, japan_day(NOW), ContractCategory.SERVICES)


class Answering(PursuitWorkflows):
    """Stands in for Temporal: every pursuit stands alike."""

    def __init__(self) -> None:
        pass

    async def open(self, _opening: OpenPursuit, _actor: Actor) -> PursuitStatus:
        return STANDING

    async def ask(
        self, _pursuit_id: str, _message: Message, _request_id: str | None = None
    ) -> PursuitStatus:
        return STANDING


def request(key: str) -> IdempotentRequest:
    return IdempotentRequest("tester", "POST /v1/pursuits", key, b"{}")


Repeatable = Callable[[PursuitRequests, IdempotentRequest], Awaitable[PursuitStatus]]


async def opening(requests: PursuitRequests, request: IdempotentRequest) -> PursuitStatus:
    opened = OpenPursuit("deal-1", "102032", "fs-east", TODAY)
    return await requests.open(opened, Actor("tester", "here"), request)


async def revising(requests: PursuitRequests, request: IdempotentRequest) -> PursuitStatus:
    return await requests.ask("deal-1", ReviseGoal(TODAY, "tester"), request)


@pytest.mark.parametrize("asked", [opening, revising])
async def test_a_request_repeated_after_midnight_gets_the_stored_answer(
    service: Service, asked: Repeatable
) -> None:
    answering = replace(service)
    answering.pursuit_workflows = Answering()
    requests = answering.pursuits
    first = await asked(requests, request("k-1"))
    service.clock.instant += timedelta(days=1)

    assert await asked(requests, request("k-1")) == first
    with pytest.raises(DomainError, match="lies before today"):
        await asked(requests, request("k-2"))
