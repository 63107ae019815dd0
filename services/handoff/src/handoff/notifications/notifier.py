"""The notifier: plans mail, and delivers what is due by mail and webhook.

Several may run. Each channel (mail, one webhook) is delivered by itself, so that one that is slow
holds up nobody else. A notifier that is killed loses nothing: what it had in hand is due again when
its lease ends, and is sent with the same id.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from handoff import metrics
from handoff.domain.notifications.deliveries import retry_delay
from handoff.notifications import deliveries
from handoff.notifications.deliveries import TakenDelivery
from handoff.notifications.planner import MailPlanner
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import PermanentError, TransientError
from kakehashi_common.polling import poll

log = structlog.get_logger(__name__)

POLL_INTERVAL: Final = timedelta(seconds=1)

ATTEMPT_TIMEOUT: Final = timedelta(seconds=20)
"""Well below the lease: nobody else sends what is being sent."""

AT_ONCE: Final = 4
"""Deliveries of one channel at a time."""

Deliver = Callable[[TakenDelivery], Awaitable[None]]


class Notifier:
    """Delivers notifications. Run it as a component of a process.

    Args:
        database: where they are queued.
        planner: decides which mails go.
        mail: sends one mail.
        post: posts one to its webhook. Both raise PermanentError for what is never taken.
        clock: what the time is.
    """

    def __init__(
        self, database: Database, planner: MailPlanner, mail: Deliver, post: Deliver, clock: Clock
    ) -> None:
        self._database = database
        self._planner = planner
        self._mail = mail
        self._post = post
        self._clock = clock
        self._busy: dict[str | None, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop`` is set, then finish what is in hand."""
        await poll(stop, partial(self.look, stop), "notifications wait", every=POLL_INTERVAL)
        await self.finish()

    async def look(self, stop: asyncio.Event) -> None:
        """Plan mail once, and start to deliver for each channel that has something due.

        Raises:
            TransientError: the database is unavailable.
        """
        await self._planner.plan()
        async with self._database.transaction() as connection:
            now = self._clock.now()
            channels = await deliveries.due_channels(connection, now)
            for name, found in (await deliveries.backlog(connection, now)).items():
                metrics.UNDELIVERED.set(found.undelivered, {"channel": name})
                metrics.FAILED.set(found.failed, {"channel": name})
                metrics.OLDEST.set(found.oldest_seconds, {"channel": name})
        for channel in channels:
            if channel not in self._busy:
                task = asyncio.create_task(self._drain(channel, stop), name=channel or "mail")
                self._busy[channel] = task
                task.add_done_callback(partial(self._free, channel))

    async def finish(self) -> None:
        """Wait until nothing is in hand any longer."""
        await asyncio.gather(*self._busy.values())

    def _free(self, channel: str | None, _: asyncio.Task[None]) -> None:
        del self._busy[channel]

    async def _drain(self, channel: str | None, stop: asyncio.Event) -> None:
        """Deliver all that is due for one channel."""
        while not stop.is_set():
            try:
                async with self._database.transaction() as connection:
                    now = self._clock.now()
                    taken = await deliveries.take(connection, channel, now, AT_ONCE)
            except TransientError as error:
                log.warning("notifications wait", reason=error.message)
                return
            if not taken:
                return
            await asyncio.gather(*map(self._deliver, taken))

    async def _deliver(self, taken: TakenDelivery) -> None:
        deliver = self._mail if taken.webhook_id is None else self._post
        try:
            async with asyncio.timeout(ATTEMPT_TIMEOUT.total_seconds()):
                await deliver(taken)
        except PermanentError as error:
            await self._note_failure(taken, error.message, None)
        except TransientError as error:
            await self._note_attempt(taken, error.message, error.retry_after)
        except TimeoutError:
            await self._note_attempt(taken, "no answer in time")
        except Exception as error:
            log.exception("a notification can't be delivered", delivery=taken.delivery_id)
            await self._note_attempt(taken, f"our fault: {type(error).__name__}")
        else:
            metrics.DELIVERED.add(len(taken.notices), _labels(taken))
            await self._note(deliveries.note_delivered, taken)

    async def _note_attempt(
        self, taken: TakenDelivery, error: str, asked_for: timedelta | None = None
    ) -> None:
        spread = random.random()  # noqa: S311 - spreads load, guards nothing
        await self._note_failure(taken, error, retry_delay(taken.attempts, spread, asked_for))

    async def _note_failure(
        self, taken: TakenDelivery, error: str, delay: timedelta | None
    ) -> None:
        """Note why it wasn't delivered; without ``delay`` it isn't tried again."""
        log.warning(
            "a notification was not delivered",
            reason=error,
            delivery=taken.delivery_id,
            attempts=taken.attempts,
            again_in_seconds=None if delay is None else round(delay.total_seconds()),
            **_labels(taken),
        )
        if delay is None:
            await self._note(deliveries.note_dead, taken, error)
        else:
            metrics.RETRIED.add(1, _labels(taken))
            await self._note(deliveries.note_retry, taken, error, delay)

    async def _note(self, note: Callable[..., Awaitable[None]], *details: Any) -> None:
        """Note what became of a delivery; if that fails, it is due again when its lease ends."""
        try:
            async with self._database.transaction() as connection:
                await note(connection, self._clock.now(), *details)
        except TransientError as error:
            log.warning("what became of a notification isn't noted", reason=error.message)


def _labels(taken: TakenDelivery) -> dict[str, str]:
    return {"channel": "mail" if taken.webhook_id is None else "webhook"}
