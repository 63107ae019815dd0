"""Choose by which of its channels a step is carried out."""

from followup.answer_rates import AnswerRates
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import BestChannelStep, Channel, channel_of
from followup.domain.send_policy.decision import Decision, Refused
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_times.channel import CHANNELS, choose_channel
from followup.domain.sequences.commands import Result, TakeChannel
from followup.sequences.messages import StepWork
from followup.steps.leaving_out import NO_ADDRESS, TEXTS
from followup.steps.policy import StepMail
from followup.texts.recipients import recipient_of
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError


class ChannelChooser:
    """Chooses channels, by how often people answered in each.

    Args:
        database: where consents and suppressions are kept.
        policy: the rules of sending.
        rates: how often contacts were answered.
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
        """Return the channel of a step, and why this one.

        A mail that may never go is not chosen. Whether the person may be contacted at all, and
        whether they are known, is asked when the chosen step is prepared or planned.

        Raises:
            TransientError: the database is unavailable.
        """
        step = playbook.step(work.step_id)
        assert isinstance(step, BestChannelStep)  # noqa: S101 - nothing is chosen of another step
        tallies = await self._rates.tallies()
        now = self._clock.now()
        async with self._database.raw_transaction() as connection:
            try:
                contact = await recipient_of(connection, work.lead_id, step.channels[0])
            except DomainError:
                first = step.channels[0]
                name = CHANNELS[channel_of(first)].ja
                why = f"連絡する方が分からないため、先に挙げた{name}にします。"
                return TakeChannel(work.attempt, first.id, why)
            mail = StepMail.of(work, playbook, contact, contact.email or "", self._policy)
            known = await mail.circumstances(now).fetch(connection)
        channels = {channel_of(each): each.id for each in step.channels}
        no_mail = ""
        if Channel.MAIL in channels and (no_mail := _why_no_mail(mail, mail.decide(known, now))):
            del channels[Channel.MAIL]
        choice = choose_channel(
            tallies, role=contact.role or "", kind=work.reason, channels=tuple(channels)
        )
        return TakeChannel(work.attempt, channels[choice.channel], no_mail + choice.text.ja)


def _why_no_mail(mail: StepMail, decision: Decision) -> str:
    """Return in Japanese why a mail may never go; empty: it may, now or later."""
    if not mail.address:
        return TEXTS[NO_ADDRESS].ja
    return decision.detail.ja if isinstance(decision, Refused) and decision.until is None else ""
