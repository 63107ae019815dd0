"""The state of a pursuit's workflow: what was decided, and what is still to be carried out.

A decision leaves events, which announce it, and an audit record, which has no free text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Final

from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.pursuit import (
    Decision,
    PursuitState,
    decide,
    note_refusal,
    open_pursuit,
)
from budget_calendar.domain.pursuit.commands import (
    Begin,
    Cancel,
    ChooseRoute,
    Command,
    Confirm,
    ConfirmationOverdue,
    EndPause,
    Message,
    OpenSuccessor,
    Pause,
    Resume,
    Review,
    ReviseGoal,
    RoutesPlanned,
)
from budget_calendar.domain.pursuit.effects import (
    BeginSuccessor,
    Budgeted,
    Effect,
    NotifyOwner,
    Replan,
    WasCut,
)
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.domain.routes.route import Route
from budget_calendar.domain.stages import STAGE_AUDIENCES
from budget_calendar.events.mapping import EventToPublish, label
from budget_calendar.pursuits.messages import (
    AuditRecord,
    OpenPursuit,
    Pursuit,
    RecordPursuit,
    check_message,
    stage_of,
)
from kakehashi_common.audit import Actor
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.budget_phases import PursuitBudgeted, PursuitCut
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text


@dataclass(slots=True)
class PursuitJournal:
    """A pursuit's state, and what has to be carried out before its workflow can wait again.

    Every decision is the domain's: a command and the day in, a new state and effects out.
    """

    state: PursuitState | None
    holidays: tuple[date, ...]
    """Those of the newest plan; see :class:`Planned`."""
    recorded: int
    """The version of the state that is in the database."""
    calendars: int = 0
    """The revision of the calendars that were planned by."""
    decisions: int = 0
    plan_wanted: bool = True
    """At the opening, and again in each fiscal year: its calendars have been opened since."""
    successor: PursuitGoal | None = None
    """The goal of the successor that is to be opened."""
    _acts: list[AuditRecord] = field(default_factory=list)
    _events: list[EventToPublish] = field(default_factory=list)

    @classmethod
    def of(cls, run: Pursuit) -> "PursuitJournal":
        """Return the journal that a run begins with."""
        return cls(run.state, run.holidays, 0 if run.state is None else run.state.version)

    def next_run(self, run: Pursuit) -> Pursuit:
        """Return the input of the run that follows ``run``."""
        return replace(run, state=self.state, holidays=self.holidays)

    @property
    def business_days(self) -> BusinessDays:
        """On which days offices are open."""
        return BusinessDays(frozenset(self.holidays).__contains__)

    @property
    def opened(self) -> PursuitState:
        """The state of a pursuit that has been opened.

        Raises:
            ValueError: it has not.
        """
        if self.state is None:
            raise ValueError("the pursuit has not been opened yet")
        return self.state

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen."""
        return self.state is not None and self.state.status is Status.ENDED

    @property
    def unrecorded(self) -> bool:
        """Whether the state is not in the database."""
        return self.state is not None and self.recorded < self.state.version

    @property
    def unfinished(self) -> bool:
        """Whether anything has to be carried out."""
        return (
            self.unrecorded or self.successor is not None or (self.plan_wanted and not self.ended)
        )

    def check(self, message: Message, now: datetime) -> None:
        """Refuse a message that makes no sense by itself or as the pursuit stands.

        Raises:
            DomainError: it makes none.
        """
        check_message(message, japan_day(now))
        if self.state is not None:
            decide(self.state, message, japan_day(now), self.business_days)

    def open(
        self, opening: OpenPursuit, routes: Sequence[Route], now: datetime, actor: Actor
    ) -> None:
        """Open the pursuit.

        Raises:
            DomainError: see ``domain.pursuit.check_opening``.
        """
        decision = open_pursuit(
            opening.pursuit_id,
            opening.code,
            opening.owner,
            opening.goal,
            routes,
            japan_day(now),
            business_days=self.business_days,
            policy=opening.patience,
        )
        self._keep(decision, opening, now, actor)

    def apply(self, command: Command, now: datetime, actor: Actor) -> None:
        """Decide, and keep the decision.

        Raises:
            DomainError: the command makes no sense here; nothing has changed.
        """
        decision = decide(self.opened, command, japan_day(now), self.business_days)
        self._keep(decision, command, now, actor)

    def note_refusal(self, error: DomainError, ja: str, now: datetime, actor: Actor) -> None:
        """Note in the history that a message was refused, and why in Japanese."""
        decision = note_refusal(self.opened, Text(ja, error.message), actor.who, japan_day(now))
        self._keep(decision, error, now, actor)

    def _keep(self, decision: Decision, command: object, now: datetime, actor: Actor) -> None:
        """Make the decision's state the state, and keep what has to be done about it."""
        before, self.state = self.state, decision.state
        self.decisions += 1
        for effect in decision.effects:
            if isinstance(effect, Replan):
                self.plan_wanted = True
            elif isinstance(effect, BeginSuccessor):
                self.successor = effect.goal
        self._events += events_of(decision.state, decision.effects, now)
        # What the clock or a calendar brought is audited only if the history shows it.
        if (
            isinstance(command, Message)
            or before is None
            or before.history != decision.state.history
        ):
            self._acts.append(audit_record(command, before, decision.state, actor))

    def to_record(self, now: datetime) -> RecordPursuit:
        """Return the state with what belongs to it and was not returned before."""
        acts, self._acts = tuple(self._acts), []
        events, self._events = tuple(self._events), []
        return RecordPursuit(self.opened, self.calendars, now, acts, events)


def events_of(
    state: PursuitState, effects: Sequence[Effect], at: datetime
) -> tuple[EventToPublish, ...]:
    """Return the events that follow from a decision whose new state is ``state``.

    The version of the state and the effect's position make the ids, so that the same decision is
    announced once.
    """
    return tuple(
        EventToPublish.of(key, data, at, state.pursuit_id, state.version, position)
        for position, effect in enumerate(effects)
        for key, data in _announced(state, effect)
    )


def _announced(state: PursuitState, effect: Effect) -> Iterator[tuple[str, EventData]]:
    """Yield what the event of an effect is about, and its data; some effects have none."""
    match effect:
        case NotifyOwner():
            yield (
                effect.reason.value,
                ReasonArisen(
                    municipality_code=state.municipality_code,
                    pursuit_id=state.pursuit_id,
                    owner=state.owner,
                    reason=effect.reason.value,
                    label=label(effect.text),
                    good_from=effect.good_from,
                    good_until=effect.good_until,
                    urgent=effect.urgent,
                    audience=() if effect.stage is None else STAGE_AUDIENCES[effect.stage],
                    policy_area=state.goal.policy_area,
                    importance=3 if effect.urgent else 2,
                ),
            )
        case Budgeted():
            yield (
                "budgeted",
                PursuitBudgeted(
                    pursuit_id=state.pursuit_id,
                    municipality_code=state.municipality_code,
                    policy_area=state.goal.policy_area,
                    route=effect.route.value,
                    fiscal_year=effect.fiscal_year,
                    amount_yen=effect.amount,
                    budgeted_on=effect.on,
                ),
            )
        case WasCut():
            yield (
                "cut",
                PursuitCut(
                    pursuit_id=state.pursuit_id,
                    municipality_code=state.municipality_code,
                    policy_area=state.goal.policy_area,
                    route=effect.route.value,
                    stage=effect.stage.value,
                    cut_on=effect.on,
                    proposed_next=effect.proposed_next,
                ),
            )
        case _:
            return


VERBS: Final = {
    OpenPursuit: "open_pursuit",
    Confirm: "confirm_stage",
    ChooseRoute: "choose_route",
    ReviseGoal: "revise_goal",
    Pause: "pause_pursuit",
    Resume: "resume_pursuit",
    Cancel: "cancel_pursuit",
    RoutesPlanned: "plan_anew",
    Begin: "begin",
    ConfirmationOverdue: "silence",
    Review: "review",
    OpenSuccessor: "opensuccessor",
    EndPause: "resume",
    DomainError: "refuse_message",
}
"""Actions in the audit log. The words are stored: a class may be renamed, its word may not."""

ACTS: Final = {
    "open_pursuit": "案件を開始",
    "confirm_stage": "段階の結果を記録",
    "choose_route": "ルートを選択",
    "revise_goal": "目標を変更",
    "pause_pursuit": "一時停止",
    "resume_pursuit": "再開",
    "cancel_pursuit": "取りやめ",
    "plan_anew": "計画を見直し",
    "refuse_message": "受け付けられない操作を記録",
    "begin": "着手を通知",
    "silence": "未確認を通知",
    "review": "状況を見直し",
    "opensuccessor": "次期契約の案件を開始",
    "resume": "停止期間の終了",
}
"""The verbs as operators read them in the Temporal UI."""


def verb_of(kind: type) -> str:
    """Return the word of a command's or an error's class, or of the nearest class above it."""
    words = (VERBS[each] for each in kind.__mro__ if each in VERBS)
    return next(words, kind.__name__.lower())


def audit_record(
    command: object, before: PursuitState | None, after: PursuitState, actor: Actor
) -> AuditRecord:
    """Return who asked for something, or that the clock brought it, and what it changed."""
    return AuditRecord(
        actor.who,
        verb_of(type(command)),
        actor.origin,
        None if before is None else _outline(before),
        _outline(after) | _said(command),
    )


def _outline(state: PursuitState) -> dict[str, object]:
    return {
        "version": state.version,
        "status": state.status.value,
        "stage": stage_of(state),
        "route": state.route.id if state.route else None,
    }


def _said(command: object) -> dict[str, object]:
    match command:
        case Confirm():
            return {"confirmed": command.stage, "outcome": command.outcome, "on": str(command.on)}
        case ReviseGoal() | OpenPursuit():
            return {"goal": {k: v for k, v in asdict(command.goal).items() if k != "description"}}
        case DomainError():
            return {"refused": command.code}
        case Pause():
            return {"until": str(command.until)}
        case _:
            return {}
