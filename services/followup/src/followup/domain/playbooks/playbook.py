"""A playbook: one version of the contacts, the steps, and the end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from followup.domain.playbooks.audience import Audience, SizeBand
from followup.domain.playbooks.experiment import Experiment, Variant, variant_of
from followup.domain.playbooks.steps import (
    Approval,
    BestChannelStep,
    ChannelStep,
    MailStep,
    OccurrenceKind,
    PhaseReached,
    PocCheckStep,
    Step,
    TaskStep,
    WaitStep,
    WebhookStep,
)
from followup.domain.playbooks.templates import FactSlot, Template
from followup.domain.triggers.catalogue import BEHAVIOURS
from followup.domain.triggers.conditions import Behaviour

ALWAYS_ENDS: Final = frozenset(
    {
        OccurrenceKind.OPTED_OUT,
        OccurrenceKind.SUPPRESSED,
        OccurrenceKind.BOUNCED,
        OccurrenceKind.HANDOFF_ACCEPTED,
        OccurrenceKind.LEFT,
        OccurrenceKind.MERGED,
        OccurrenceKind.ERASED,
    }
)
"""Occurrences that end a sequence of any playbook, in any state."""

USUAL_EXITS: Final = frozenset(
    {OccurrenceKind.ANSWERED, OccurrenceKind.NEGATIVE, OccurrenceKind.MEETING_BOOKED}
)
"""Occurrences that end a sequence unless its playbook declares its exits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The conditions on which a contact enters, and enters again."""

    reasons: frozenset[str] = frozenset()
    behaviours: frozenset[str] = frozenset()
    again_after_days: int | None = None
    """Counted from the beginning of the last sequence; ``None``: never again."""
    one_per_municipality: bool = False
    """Whether one contact stands for all of their municipality: while they are in it, the others
    don't enter, and when somebody may enter again is counted for all of them."""
    also_afterwards: bool = False
    """Whether its steps make sense after the reason's last day, too, even the first one."""
    only_while_good: bool = False
    """Whether all its steps are about the reason's last day, so that none is taken after it."""

    def is_about(self, reason: str | None, behaviour: str | None) -> bool:
        """Whether a reason or a behaviour lets contacts in."""
        return reason in self.reasons or behaviour in self.behaviours

    def lets_in_again(self, last_begun: datetime, at: datetime) -> bool:
        """Whether a contact whose last sequence began then may enter again."""
        days = self.again_after_days
        return days is not None and at >= last_begun + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal of a playbook: the sequence ends when it is reached."""

    occurrences: frozenset[OccurrenceKind] = frozenset()
    behaviours: frozenset[str] = frozenset()

    def reached_by(self, kind: OccurrenceKind, name: str) -> bool:
        """Whether an occurrence reaches the goal."""
        if kind is OccurrenceKind.BEHAVIOUR:
            return name in self.behaviours
        return kind in self.occurrences


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """One version of a playbook, checked before it is published."""

    id: str
    version: int
    name: str
    description: str
    audience: Audience
    entry: Entry
    priority: int
    """From 1 to 100: of two playbooks for one contact the higher goes first."""
    steps: tuple[Step, ...]
    """In the order in which they follow one another; a branch goes elsewhere."""
    goal: Goal
    exits: frozenset[OccurrenceKind] = USUAL_EXITS
    """Occurrences that end it besides :data:`ALWAYS_ENDS`, unless a branch waits for them."""
    mails_per_week: int = 1
    """The most mails to one contact in seven days."""
    experiment: Experiment | None = None
    behaviours: tuple[Behaviour, ...] = ()
    """Its own, in addition to those that come with the service."""
    facts: tuple[FactSlot, ...] = ()
    """The figures that its texts may state."""
    templates: tuple[Template, ...] = ()
    passed_over: frozenset[str] = frozenset()
    """The ids of steps that one contact's sequence passes over."""

    @property
    def known_behaviours(self) -> Mapping[str, Behaviour]:
        """The behaviours that it may name."""
        return {**BEHAVIOURS, **{each.name: each for each in self.behaviours}}

    @property
    def writes(self) -> bool:
        """Whether it writes to contacts; else it only gives sellers something to do."""
        return any(isinstance(step, MailStep) for step in self.all_steps)

    @property
    def precedence(self) -> int | None:
        """The priority by which it pauses lower playbooks, and is paused by higher ones.

        ``None``: it only gives tasks to sellers, so it pauses none and is paused by none.
        """
        return self.priority if self.writes else None

    @property
    def reacts_to_phases(self) -> bool:
        """Whether a budget phase of the municipality makes a difference."""
        waits = any(
            isinstance(step, WaitStep) and isinstance(step.until, PhaseReached)
            for step in self.steps
        )
        return waits or OccurrenceKind.PHASE_BEGAN in self.goal.occurrences | self.exits

    @property
    def chooses_channels(self) -> bool:
        """Whether it leaves the choice of a step's channel to the rates of answers."""
        return any(isinstance(step, BestChannelStep) for step in self.steps)

    @property
    def compared_steps(self) -> tuple[MailStep | TaskStep, ...]:
        """The steps of which an experiment compares two texts."""
        return tuple(
            step
            for step in self.all_steps
            if isinstance(step, MailStep | TaskStep) and step.alternative is not None
        )

    @property
    def all_steps(self) -> Iterator[Step]:
        """Its steps, each that has channels followed by them."""
        for step in self.steps:
            yield step
            yield from _channels(step)

    def step(self, step_id: str) -> Step:
        """The step, or the channel of a step, of that id.

        Raises:
            KeyError: there is none.
        """
        for step in self.all_steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def template(self, name: str) -> Template:
        """The template of that name.

        Raises:
            KeyError: there is none.
        """
        for template in self.templates:
            if template.name == name:
                return template
        raise KeyError(name)

    def variant(self, contact: str) -> Variant | None:
        """The variant of a contact; ``None``: there is no experiment."""
        return None if self.experiment is None else variant_of(self.id, contact, self.experiment)

    def text_of(self, step: Step, contact: str) -> Template | None:
        """The template by which a step is written for a contact; ``None``: it has none.

        Raises:
            KeyError: it names one that there isn't.
        """
        if not isinstance(step, MailStep | TaskStep | PocCheckStep) or step.template is None:
            return None
        if not isinstance(step, PocCheckStep) and self.variant(contact) is Variant.B:
            return self.template(step.alternative or step.template)
        return self.template(step.template)

    def with_approval(self) -> "Playbook":
        """Return the same with an approval before every mail and webhook."""
        return replace(self, steps=tuple(map(_with_approval, self.steps)))

    def for_size(self, size_band: SizeBand | None) -> "Playbook":
        """Return the same for a municipality of that size; ``None``: its size isn't known."""
        others = (
            step.id
            for step in self.steps
            if isinstance(step, MailStep | TaskStep)
            and step.size_bands
            and size_band not in step.size_bands
        )
        return replace(self, passed_over=frozenset(others))

    def after(self, step_id: str) -> str | None:
        """The id of the step that follows in the list; ``None`` after the last.

        Raises:
            KeyError: there is no such step, and no such channel of one.
        """
        for index, step in enumerate(self.steps):
            if step_id in (step.id, *(each.id for each in _channels(step))):
                following = self.steps[index + 1 :]
                return following[0].id if following else None
        raise KeyError(step_id)


_AnyStep = TypeVar("_AnyStep", bound=Step)


def _channels(step: Step) -> tuple[ChannelStep, ...]:
    return step.channels if isinstance(step, BestChannelStep) else ()


def _with_approval(step: _AnyStep) -> _AnyStep:
    match step:
        case MailStep() | WebhookStep():
            return replace(step, approval=Approval.REQUIRED)
        case BestChannelStep(channels=channels):
            return replace(step, channels=tuple(map(_with_approval, channels)))
    return step
