"""The steps of a playbook."""

from dataclasses import dataclass
from enum import StrEnum

from followup.domain.playbooks.audience import SizeBand


class Approval(StrEnum):
    """Whether a person releases a step before it is carried out."""

    REQUIRED = "required"
    NONE = "none"


class Recipient(StrEnum):
    """The recipient of a step."""

    CONTACT = "contact"
    """The person for whom the sequence began."""
    COLLEAGUE = "colleague"
    """Another person of the same department."""
    MANAGER = "manager"
    """The superior: only with approval."""


class OccurrenceKind(StrEnum):
    """The kind of an occurrence while a sequence runs."""

    ANSWERED = "answered"
    NEGATIVE = "negative"
    """An answer that declines."""
    MEETING_BOOKED = "meeting_booked"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    """Somebody on the seller's side decided that nothing is sent any more."""
    BOUNCED = "bounced"
    HANDOFF_ACCEPTED = "handoff_accepted"
    LEFT = "left"
    """異動・退職: somebody has made sure that the contact works there no more."""
    MERGED = "merged"
    ERASED = "erased"
    DEAL_WON = "deal_won"
    DEAL_LOST = "deal_lost"
    """To somebody else, or nothing was bought."""
    BEHAVIOUR = "behaviour"
    """A declared behaviour was seen; the occurrence's ``name`` says which."""
    PHASE_BEGAN = "phase_began"
    """The municipality entered a budget phase; the occurrence's ``name`` says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStep:
    """A mail by template."""

    id: str
    template: str
    alternative: str | None = None
    """The template of those contacts that the playbook's experiment gives variant B."""
    to: Recipient = Recipient.CONTACT
    approval: Approval = Approval.REQUIRED
    key_moment: bool = False
    size_bands: frozenset[SizeBand] = frozenset()
    """Municipalities of any other size pass it over; empty: none does."""


class TaskKind(StrEnum):
    """The kind of a person's task."""

    CALL = "call_task"
    LETTER = "letter_task"
    STUDY_SESSION = "study_session"
    """勉強会: invite to it and hold it."""
    HEARING = "hearing_form"
    """ヒアリング along a form: past, present, future."""


class Requirement(StrEnum):
    """Records of a municipality that must exist before somebody is asked to do a task."""

    PROOF_OF_CONCEPT = "poc_check"
    """The weekly checks of a proof of concept, all of them."""
    STUDY_SESSION = "study_session"
    """A study session that was held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStep:
    """A task of a person; it is done when the person says so."""

    id: str
    kind: TaskKind
    title: str
    due_business_days: int
    due_business_hours: int | None = None
    """If given, it is due so many business hours after it was opened; the days do not count."""
    template: str | None = None
    """The script, letter, invitation or guide that the person starts from."""
    alternative: str | None = None
    """The template of those contacts that the playbook's experiment gives variant B."""
    fields: tuple[str, ...] = ()
    """The values that the person notes down, in this order."""
    to: Recipient = Recipient.CONTACT
    approval: Approval = Approval.NONE
    key_moment: bool = False
    size_bands: frozenset[SizeBand] = frozenset()
    """Municipalities of any other size pass it over; empty: none does."""
    requires: frozenset[Requirement] = frozenset()
    """It waits until these are on record of the municipality."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PocCheckStep:
    """The weekly check of a proof of concept (実証実験), once a week as a person's task."""

    id: str
    title: str
    weeks: int
    metrics: tuple[str, ...]
    """The names of the metrics; baseline and target of each are agreed before the first week."""
    due_business_days: int = 2
    template: str | None = None
    approval: Approval = Approval.NONE
    key_moment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStep:
    """Another system is notified; ``hook`` names one of the service's configured addresses."""

    id: str
    hook: str
    approval: Approval = Approval.NONE
    key_moment: bool = False


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A time has passed, in business days or in business hours; the other is 0."""

    business_days: int = 0
    business_hours: int = 0


@dataclass(frozen=True, slots=True)
class PhaseReached:
    """The municipality is in a budget phase, or so many days have passed."""

    phase: str
    at_most_days: int


@dataclass(frozen=True, slots=True)
class BehaviourSeen:
    """A behaviour is seen after the wait began, or so many days have passed."""

    behaviour: str
    at_most_days: int


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """The next such day after the one on which the wait began."""

    month: int
    day: int


ChannelStep = MailStep | TaskStep


class Channel(StrEnum):
    """The way in which a person contacts somebody; named as the kind of step that does it."""

    MAIL = "mail"
    CALL = "call_task"
    LETTER = "letter_task"


def channel_of(step: ChannelStep) -> Channel:
    """Return the channel of one of the steps among which a channel is chosen."""
    return Channel.MAIL if isinstance(step, MailStep) else Channel(step.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class BestChannelStep:
    """One contact, by the channel in which it is answered most often.

    One of ``channels`` takes its place once the step is reached.
    """

    id: str
    channels: tuple[ChannelStep, ...]
    """Each another channel to the same person; the first is taken until answers say otherwise."""


Until = Elapsed | PhaseReached | BehaviourSeen | DayOfYear


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitStep:
    """Nothing is done until a condition holds."""

    id: str
    until: Until


@dataclass(frozen=True, slots=True)
class Reacted:
    """An answer or a refusal since the last contact."""

    kind: OccurrenceKind

    def means(self, kind: OccurrenceKind, _name: str) -> bool:
        """Whether an occurrence makes the case true."""
        return kind is self.kind


@dataclass(frozen=True, slots=True)
class Behaved:
    """A behaviour since the last contact."""

    behaviour: str

    def means(self, kind: OccurrenceKind, name: str) -> bool:
        """Whether an occurrence makes the case true."""
        return kind is OccurrenceKind.BEHAVIOUR and name == self.behaviour


@dataclass(frozen=True, slots=True)
class Silent:
    """None of the branch's other cases came true for so many business days.

    Counted from when the branch is reached, so from a contact if that is the step before.
    """

    business_days: int


@dataclass(frozen=True, slots=True)
class GoTo:
    """Go on at a step."""

    step: str


@dataclass(frozen=True, slots=True)
class StopWith:
    """End the sequence for a reason, which is shown."""

    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """One way out of a branch."""

    on: Reacted | Behaved | Silent
    then: GoTo | StopWith


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStep:
    """Rests until one of its cases is true; the first that is decides."""

    id: str
    cases: tuple[Case, ...]


ContactStep = MailStep | TaskStep | PocCheckStep
"""Somebody is contacted, by mail or by a person."""
ActionStep = ContactStep | WebhookStep
"""Something is carried out."""
PerformedStep = ActionStep | BestChannelStep
Step = PerformedStep | WaitStep | BranchStep


def kind_of(step: Step) -> str | None:
    """Return the kind of a step that is carried out; ``None``: the others."""
    match step:
        case MailStep():
            return Channel.MAIL.value
        case TaskStep() | PocCheckStep():
            return task_kind(step)
        case WebhookStep():
            return "webhook"
    return None


def task_kind(step: TaskStep | PocCheckStep) -> str:
    """Return the kind of the task that a step opens."""
    return "poc_check" if isinstance(step, PocCheckStep) else step.kind.value
