"""Notifying workflows round by round, whatever becomes of Temporal meanwhile."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from budget_calendar.notifications import repository
from budget_calendar.notifications.client import NotificationClient
from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.notifications.service import NOTIFIED_AT_ONCE, Notifier
from budget_calendar.notifications.workflow_names import WorkflowKind
from kakehashi_common.db import Database
from kakehashi_common.errors import FaultError, KakehashiError, TransientError

AWAY = TransientError("Temporal is unavailable")
REFUSED = FaultError("Temporal refuses a request", code="temporal_refused", public="")


@dataclass
class Notebook:
    """Stands in for the database: what is pending, and whether a transaction is open."""

    pending: list[PendingNotification]
    open_transactions: int = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Notebook"]:
        self.open_transactions += 1
        yield self
        self.open_transactions -= 1

    async def find_pending(
        self, _: Any, code: str | None, limit: int
    ) -> Sequence[PendingNotification]:
        return [each for each in self.pending if code in {None, each.id}][:limit]

    async def record_notified(self, _: Any, notified: Sequence[PendingNotification]) -> None:
        self.pending = [each for each in self.pending if each not in notified]


@dataclass
class Workflows:
    """Stands in for Temporal: takes so many rounds, and then fails."""

    notebook: Notebook
    takes: int = 1000
    fails_with: KakehashiError = AWAY
    rounds: list[list[str]] = field(default_factory=list)
    triggered: int = 0

    async def notify(self, notifications: Iterable[PendingNotification]) -> None:
        assert self.notebook.open_transactions == 0, "a connection is held while Temporal is asked"
        if len(self.rounds) == self.takes:
            raise self.fails_with
        self.rounds.append([each.id for each in notifications])

    async def trigger_schedule(self) -> None:
        self.triggered += 1


def cycle(number: int) -> PendingNotification:
    return PendingNotification(WorkflowKind.BUDGET_CYCLE, f"{number:06}", revision=1)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """Three rounds of pending notifications, of which the last one is short."""
    made = Notebook([cycle(number) for number in range(2 * NOTIFIED_AT_ONCE + 1)])
    for name in ("find_pending", "record_notified"):
        monkeypatch.setattr(repository, name, getattr(made, name))
    return made


def notifier(notebook: Notebook, workflows: Workflows | None) -> Notifier:
    return Notifier(cast("Database", notebook), cast("NotificationClient | None", workflows))


async def test_all_are_notified_in_rounds_that_are_noted_each(notebook: Notebook) -> None:
    workflows, beats = Workflows(notebook), list[int]()
    assert await notifier(notebook, workflows).notify_pending(heartbeat=beats.append) == 201
    assert [len(each) for each in workflows.rounds] == [100, 100, 1]
    assert beats == [100, 200, 201]
    assert notebook.pending == []


async def test_those_of_one_municipality_are_notified_alone(notebook: Notebook) -> None:
    workflows = Workflows(notebook)
    assert await notifier(notebook, workflows).notify_pending("000007") == 1
    assert workflows.rounds == [["000007"]]
    assert len(notebook.pending) == 200


@pytest.mark.parametrize("error", [AWAY, REFUSED], ids=["away", "refused"])
async def test_who_was_notified_before_a_failure_is_not_notified_again(
    notebook: Notebook, error: KakehashiError
) -> None:
    with pytest.raises(type(error)):
        await notifier(notebook, Workflows(notebook, 1, error)).notify_pending()
    later = Workflows(notebook)
    assert await notifier(notebook, later).notify_pending() == 101
    assert later.rounds[0][0] == "000100"


@pytest.mark.parametrize("error", [AWAY, REFUSED], ids=["away", "refused"])
async def test_who_notifies_at_once_never_fails_and_the_schedule_does_the_rest(
    notebook: Notebook, error: KakehashiError
) -> None:
    failing = notifier(notebook, Workflows(notebook, 0, error))
    await failing.notify("000007")
    await failing.notify_unfollowed(["000007"])
    assert len(notebook.pending) == 201


async def test_cycles_that_nobody_follows_are_notified_though_nothing_is_pending(
    notebook: Notebook,
) -> None:
    notebook.pending.clear()
    workflows = Workflows(notebook)
    await notifier(notebook, workflows).notify_unfollowed(["102032", "102041"])
    assert workflows.rounds == [["102032", "102041"]]


async def test_a_command_without_a_connection_leaves_it_to_the_schedule(
    notebook: Notebook,
) -> None:
    alone = notifier(notebook, None)
    await alone.notify("000007")
    await alone.notify_in_background()
    await alone.notify_unfollowed(["000007"])
    assert await alone.notify_pending() == 0
    assert len(notebook.pending) == 201


async def test_the_schedule_is_asked_to_run_now(notebook: Notebook) -> None:
    workflows = Workflows(notebook)
    await notifier(notebook, workflows).notify_in_background()
    assert workflows.triggered == 1
