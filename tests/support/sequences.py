"""A sequence lived through in pure form: what a workflow does, without Temporal."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from followup.domain.playbooks.audience import Audience, Role
from followup.domain.playbooks.playbook import Entry, Goal, Playbook
from followup.domain.playbooks.steps import (
    Approval,
    BestChannelStep,
    BranchStep,
    Case,
    Elapsed,
    GoTo,
    MailStep,
    OccurrenceKind,
    Reacted,
    Silent,
    Step,
    StopWith,
    TaskKind,
    TaskStep,
    WaitStep,
)
from followup.domain.playbooks.walk import Office
from followup.domain.sequences.advancing import Decision, Script
from followup.domain.sequences.commands import (
    Command,
    Enter,
    OpenTask,
    React,
    RecordSent,
    RequestApproval,
    Result,
    Schedule,
    TakeChannel,
    TimeCame,
)
from followup.domain.sequences.deciding import decide, enter, next_wakeup
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import WORKING, Status
from kakehashi_common.clock import TOKYO
from kakehashi_common.domain.business_time import WEEKDAYS, BusinessTime, Hours
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

OFFICE_HOURS = dict.fromkeys(WEEKDAYS, (Hours(time(8, 30), time(12)), Hours(time(13), time(17))))
OFFICE = Office(BUSINESS_DAYS, BusinessTime(BUSINESS_DAYS.__contains__, OFFICE_HOURS))

STEPS: tuple[Step, ...] = (
    MailStep(id="introduction", template="introduction"),
    BranchStep(
        id="reaction",
        cases=(
            Case(Reacted(OccurrenceKind.ANSWERED), GoTo("call")),
            Case(Reacted(OccurrenceKind.NEGATIVE), StopWith("辞退の返信")),
            Case(Silent(5), GoTo("reminder")),
        ),
    ),
    MailStep(id="reminder", template="reminder", approval=Approval.NONE),
    WaitStep(id="a_week", until=Elapsed(business_days=5)),
    TaskStep(id="call", kind=TaskKind.CALL, title="電話で状況を伺う", due_business_days=2),
)

PLAYBOOK = Playbook(
    id="price-interest",
    version=3,
    name="価格ページの閲覧",
    description="価格に関心を示した方に、導入費用の考え方を届ける。",
    audience=Audience(frozenset({Role.OFFICER})),
    entry=Entry(behaviours=frozenset({"price_viewed_twice"})),
    priority=50,
    steps=STEPS,
    goal=Goal(frozenset({OccurrenceKind.MEETING_BOOKED})),
)


WHY_THIS_CHANNEL = "電話のほうが回答が多いため"

BY_BEST_CHANNEL = replace(
    PLAYBOOK,
    steps=(
        STEPS[0],
        WaitStep(id="a_week", until=Elapsed(business_days=5)),
        BestChannelStep(
            id="second",
            channels=(
                MailStep(id="second_mail", template="reminder"),
                TaskStep(id="second_call", kind=TaskKind.CALL, title="電話", due_business_days=2),
            ),
        ),
        WaitStep(id="another_week", until=Elapsed(business_days=5)),
    ),
)
"""A mail, then, by whatever channel, a second contact: in tests a call."""


def at(text: str) -> datetime:
    """Return an instant in Japan from ``2026-11-30 10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def an_entry(**differences: Any) -> Enter:
    """Return the entry of a contact into the playbook."""
    entry = Enter(
        "s-1",
        PLAYBOOK.id,
        PLAYBOOK.version,
        "lead-1",
        "t-1",
        "price_viewed_twice",
        "lead-scoring",
        municipality_code="102032",
        owner="is-1",
    )
    return replace(entry, **differences)


class Life:
    """One sequence, its time passing as it is asked to.

    Args:
        now: such as ``2026-11-30 10:00``.
        playbook: what it goes by.
        work: whether programs do at once what they are given; a mail then goes when it may.
    """

    def __init__(
        self, now: str, playbook: Playbook = PLAYBOOK, *, work: bool = True, **differences: Any
    ) -> None:
        self.now = at(now)
        self.script = Script(playbook, OFFICE)
        self.work = work
        self.facts: list[Fact] = []
        self.state: SequenceState
        self._follow(enter(an_entry(**differences), self.script, self.now))

    def do(self, command: Command) -> tuple[Fact, ...]:
        """Carry out a command now; what happened by it, and by the work that it gave."""
        before = len(self.facts)
        self._follow(decide(self.state, command, self.script, self.now))
        return tuple(self.facts[before:])

    def react(self, occurrence: OccurrenceKind, **differences: Any) -> tuple[Fact, ...]:
        """Have something happen now."""
        return self.do(React(occurrence, self.now, "inbox", **differences))

    def then(self, text: str) -> "Life":
        """Let time pass until an instant; what is due is done."""
        return self.until(at(text))

    def until(self, end: datetime) -> "Life":
        """Let time pass until an instant, as :meth:`then`."""
        while (wakeup := next_wakeup(self.state)) is not None and wakeup <= end:
            self.now = max(self.now, wakeup)
            before = self.state
            self.do(TimeCame())
            assert self.state != before, "what is due never goes away"
        self.now = end
        return self

    def kinds(self) -> list[str]:
        """Return what has happened, in order, by kind."""
        return [fact.kind for fact in self.facts]

    def result(self) -> Result:
        """Return what a program answers to the work that it was given."""
        state = self.state
        step, number = self.script.playbook.step(state.position.step or ""), state.attempt
        name = f"{state.sequence_id}/{state.position.step}/{number}"
        match state.status, step:
            case Status.CHOOSING, BestChannelStep(channels=channels):
                return TakeChannel(number, channels[-1].id, WHY_THIS_CHANNEL)
            case Status.PREPARING, MailStep():
                return RequestApproval(number, name, self.now + timedelta(days=7))
            case Status.PREPARING, TaskStep(approval=Approval.REQUIRED) if not state.approved:
                return RequestApproval(number, name, self.now + timedelta(days=7))
            case Status.PREPARING, _:
                return OpenTask(number, name, state.owner, self.now + timedelta(days=2))
            case Status.PLANNING, _:
                return Schedule(number, OFFICE.hours.next_open(self.now), "開庁時間")
            case _:
                return RecordSent(number, name)

    def _follow(self, decision: Decision) -> None:
        self.facts += decision.facts
        self.state = decision.state
        while self.work and self.state.status in WORKING:
            self.do(self.result())
