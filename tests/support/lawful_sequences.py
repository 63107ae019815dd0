"""Sequences in memory whose mails go when the send policy lets them, by a calendar of holidays."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from temporalio import activity

from followup.domain.consents.consent import Basis, Consent
from followup.domain.consents.recipient import Recipient
from followup.domain.playbooks.playbook import Playbook
from followup.domain.send_policy.deciding import decide
from followup.domain.send_policy.decision import Allowed, Decision
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.request import Circumstances, MailToSend
from followup.domain.sequences.commands import RecordSent, RefuseStep, Schedule
from followup.sequences.messages import (
    Beginning,
    ReadScript,
    SequenceScript,
    StepResult,
    StepWork,
)
from kakehashi_common.clock import TOKYO, japan_day
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.japanese_holidays import BUSINESS_DAYS, is_holiday
from tests.support.sequence_workflows import InMemorySequences
from tests.support.sequences import OFFICE_HOURS

_KNOWN = Circumstances((Consent(Basis.BUSINESS_CARD, date(2026, 10, 2), "名刺"),))


class LawfulSequences(InMemorySequences):
    """Plans and sends by the policy that ships; every mail is kept with its time.

    Args:
        now: tells the server's time.
        playbook: whatever version is asked for.
    """

    def __init__(self, now: Callable[[], Awaitable[datetime]], playbook: Playbook) -> None:
        super().__init__(now, playbook)
        self.declared: set[date] = set()
        """Holidays that the government has declared since."""
        self.mails: list[tuple[str, str]] = []
        """The step and its time in Japan."""
        days = BusinessDays(lambda day: is_holiday(day) or day in self.declared)
        self._policy = SendPolicy(days)

    @activity.defn
    async def read_script(self, request: ReadScript) -> Beginning:
        known = BUSINESS_DAYS.holidays(japan_day(request.now).year, 3)
        script = SequenceScript(self._playbook, OFFICE_HOURS, (*known, *sorted(self.declared)))
        return Beginning(script, self.states.get(request.enter.sequence_id))

    @activity.defn
    async def plan_step(self, work: StepWork) -> StepResult:
        decided = await self._decided()
        if isinstance(decided, Allowed):
            return StepResult(Schedule(work.attempt, await self._now(), decided.text.ja))
        assert decided.until is not None
        return StepResult(Schedule(work.attempt, decided.until, decided.detail.ja))

    @activity.defn
    async def send_step(self, work: StepWork) -> StepResult:
        decided = await self._decided()
        if not isinstance(decided, Allowed):
            return StepResult(RefuseStep(work.attempt, decided.reason.value, decided.until))
        # Some milliseconds have passed since the timer fired.
        at = (await self._now()).astimezone(TOKYO) + timedelta(seconds=1)
        self.mails.append((work.step_id, f"{at:%Y-%m-%d %H:%M}"))
        return StepResult(RecordSent(work.attempt, f"<{work.name}@mail.example.jp>"))

    async def _decided(self) -> Decision:
        mail = MailToSend(Recipient("lead-1", "joho@city.example.jp"), await self._now())
        return decide(mail, _KNOWN, self._policy)
