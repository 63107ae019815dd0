"""Plan when a step may be done: when the send policy allows it, at the hour that gets answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from followup.answer_rates import AnswerRates
from followup.delivery import ledger
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import WebhookStep
from followup.domain.send_policy.decision import Allowed, Decision
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.request import Circumstances
from followup.domain.send_times.answer_rates import Tally
from followup.domain.send_times.choice import TimeChoice, choose_time, open_hours
from followup.domain.sequences.commands import RefuseStep, Result, Schedule
from followup.send_decisions.repository import Stage
from followup.sequences.messages import StepWork
from followup.steps.holding import held_back
from followup.steps.leaving_out import address_of, left_out
from followup.steps.policy import StepMail, keep
from followup.steps.recipients import approval_and_recipient
from followup.texts.recipients import recipient_of
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError

LONGEST_WAIT: Final = timedelta(days=3)
"""No longer is waited for a better hour: what is written about goes stale (common practice)."""


class StepPlanner:
    """Finds the time at which a step may be done.

    Args:
        database: where consents and suppressions are kept.
        policy: the rules of sending.
        rates: how often mails were answered.
        clock: gives the present time.
    """

    def __init__(
        self, database: Database, policy: SendPolicy, rates: AnswerRates, clock: Clock
    ) -> None:
        self._database = database
        self._policy = policy
        self._rates = rates
        self._clock = clock

    async def __call__(self, work: StepWork, playbook: Playbook) -> Result:
        """Return the time at which a step may be done, and why then.

        A mail goes when the send policy allows it, and then at the hour at which people in this
        role answer most; at once if the reason or behaviour that began the sequence is urgent.

        Raises:
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        step = playbook.step(work.step_id)
        tallies = () if _is_urgent(work, playbook) else await self._rates.tallies()
        async with self._database.raw_transaction() as connection:
            if await ledger.may_have_gone(connection, work.sequence_id, work.step_id, work.since):
                # It is sent once: what became of it is found out, and needs no permission.
                return Schedule(work.attempt, now, "送信の結果を確認")
            if (held := await held_back(work, now).fetch(connection)) is not None:
                return held
            if isinstance(step, WebhookStep):
                return Schedule(work.attempt, now, "他システムへの通知")
            try:
                _, decided = await approval_and_recipient(connection, work, step)
                contact = await recipient_of(connection, work.lead_id, step, decided)
                address = address_of(contact)
            except DomainError as error:
                return await left_out(connection, work, playbook, Stage.PLANNING, error, now)
            mail = StepMail.of(work, playbook, contact, address, self._policy)
            known = await mail.circumstances(now).fetch(connection)
            decision = mail.decide(known, now)
            earliest = now if isinstance(decision, Allowed) else decision.until
            choice = None
            if earliest is not None and not _is_urgent(work, playbook):
                choice = _choose(mail, tallies, _possible(mail, known, earliest))
            goes_at = earliest if choice is None else choice.at
            why_then = None if choice is None else choice.text
            await keep(connection, mail, Stage.PLANNING, decision, now, goes_at, why_then)
        return _planned(work, decision, goes_at, choice)


def _is_urgent(work: StepWork, playbook: Playbook) -> bool:
    behaviour = playbook.known_behaviours.get(work.reason)
    return work.urgent or (behaviour is not None and behaviour.urgent)


def _possible(mail: StepMail, known: Circumstances, earliest: datetime) -> list[datetime]:
    """Return when it may go: as soon as possible, and at each full hour of the next days."""
    hours = open_hours(mail.policy.business_time, earliest, earliest + LONGEST_WAIT)
    later = (at for at in hours if at > earliest)
    return [earliest, *(at for at in later if isinstance(mail.decide(known, at), Allowed))]


def _choose(mail: StepMail, tallies: Sequence[Tally], times: Sequence[datetime]) -> TimeChoice:
    return choose_time(
        tallies,
        role=mail.contact.role or "",
        kind=mail.work.reason,
        times=times,
    )


def _planned(
    work: StepWork, decision: Decision, goes_at: datetime | None, choice: TimeChoice | None
) -> Result:
    if isinstance(decision, Allowed):
        why = decision.text
    elif goes_at is None:
        return RefuseStep(work.attempt, decision.reason.value, why=decision.detail.ja)
    else:
        why = decision.detail
    assert goes_at is not None  # noqa: S101 - what is allowed goes
    return Schedule(work.attempt, goes_at, why.ja if choice is None else why.then(choice.text).ja)
