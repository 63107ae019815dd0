"""``python -m tests.support.followup_at_any_hour <process>``: followup, whose mails may go now.

A test must not wait for the offices of municipalities to open.
"""

from functools import cached_property

import typer

from followup import container
from followup.__main__ import main
from followup.domain.send_policy.policy import SendPolicy
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.sending_hours import AlwaysOpen


class AtAnyHour(container.Container):
    """The container of every process."""

    @cached_property
    def send_policy(self) -> SendPolicy:
        return AlwaysOpen(BUSINESS_DAYS, quiet=())


if __name__ == "__main__":
    container.Container = AtAnyHour  # type: ignore[misc]
    typer.run(main)
