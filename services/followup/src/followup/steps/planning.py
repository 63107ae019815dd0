"""Plan when a step may be done: now, or when the send policy allows it."""

from typing import Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import WebhookStep
from followup.domain.send_policy.decision import Allowed
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.sequences.commands import RefuseStep, Result, Schedule
from followup.send_decisions.repository import Stage
from followup.sequences.messages import StepWork
from followup.steps.policy import StepMail, keep, rules_of
from followup.texts.recipients import recipient_of
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError

NO_ADDRESS: Final = "no_address"
"""Why a mail is left out whose recipient has no known address."""


class StepPlanner:
    """Finds the time at which a step may be done.

    Args:
        database: where consents and suppressions are kept.
        policy: the rules of sending.
        clock: tells the time.
    """

    def __init__(self, database: Database, policy: SendPolicy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    async def __call__(self, work: StepWork, playbook: Playbook) -> Result:
        """Return the first time that the send policy allows, and why then.

        Raises:
            TransientError: the database is away.
        """
        now = self._clock.now()
        step = playbook.step(work.step_id)
        if isinstance(step, WebhookStep):
            return Schedule(work.attempt, now, "他システムへの通知")
        async with self._database.transaction() as connection:
            try:
                contact = await recipient_of(connection, work.lead_id, step)
            except DomainError as error:
                return RefuseStep(work.attempt, error.code)
            if contact.email is None:
                return RefuseStep(work.attempt, NO_ADDRESS)
            mail = StepMail(work, contact, contact.email, rules_of(self._policy, playbook))
            decision = await mail.may_send(connection, now)
            goes_at = now if isinstance(decision, Allowed) else decision.until
            await keep(connection, mail, Stage.PLANNING, decision, now, goes_at)
        if isinstance(decision, Allowed):
            return Schedule(work.attempt, now, decision.text.ja)
        if decision.until is None:
            return RefuseStep(work.attempt, decision.reason.value, why=decision.detail.ja)
        return Schedule(work.attempt, decision.until, decision.detail.ja)
