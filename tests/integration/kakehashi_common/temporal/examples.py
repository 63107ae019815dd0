"""Workflows and activities for the tests; in a module of their own, as the sandbox wants them."""

import asyncio
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

from kakehashi_common.errors import NotFoundError, TransientError
from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT


class Visit(BaseModel):
    name: str
    days: tuple[int, ...] = ()


@activity.defn
async def greet(visit: Visit) -> str:
    if visit.name == "nobody":
        raise ApplicationError(f"{visit.name} can't be greeted", non_retryable=True)
    return f"{visit.name}さん、こんにちは"


@workflow.defn
class GreetWorkflow:
    @workflow.run
    async def run(self, visit: Visit) -> str:
        return await workflow.execute_activity(
            greet, visit, start_to_close_timeout=timedelta(seconds=10)
        )


@workflow.defn
class AwaitedWorkflow:
    """A person waits for its activity."""

    @workflow.run
    async def run(self, visit: Visit) -> str:
        return await workflow.execute_activity(
            greet,
            visit,
            start_to_close_timeout=timedelta(minutes=5),
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
        )


class DomainError(ValueError):
    """A service's domain error."""

    code = "wrong_day"
    field = "on"


FAILURES: dict[str, Exception] = {
    "not found": NotFoundError("there is no lead 7"),
    "refused": DomainError("the day is past"),
    "away": TransientError("the database is unavailable"),
    "a bug": ZeroDivisionError("oops"),
}


class Failing:
    """An activity that fails at its first attempt."""

    def __init__(self) -> None:
        self.attempts = 0

    @activity.defn
    async def fail(self, kind: str) -> int:
        self.attempts += 1
        if activity.info().attempt == 1:
            raise FAILURES[kind]
        return activity.info().attempt


@workflow.defn
class FailingWorkflow:
    @workflow.run
    async def run(self, kind: str) -> int:
        return await workflow.execute_activity_method(
            Failing.fail, kind, start_to_close_timeout=timedelta(seconds=10)
        )


@workflow.defn
class StuckWorkflow:
    """Each of its workflow tasks fails."""

    @workflow.run
    async def run(self) -> None:
        raise ZeroDivisionError("a bug")


class Slow:
    """An activity that is in hand while its worker is told to stop."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.go_on = asyncio.Event()

    @activity.defn
    async def work(self) -> str:
        self.started.set()
        await self.go_on.wait()
        return "finished"


@workflow.defn
class SlowWorkflow:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity_method(
            Slow.work, start_to_close_timeout=timedelta(seconds=60)
        )
