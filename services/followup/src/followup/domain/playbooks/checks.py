"""Checks before a playbook is published; each mistake has a name, a place and the fix.

The wording of templates is checked where they are read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from followup.domain.contents.content import OFFERED_ONLY
from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.experiment import MEASURES
from followup.domain.playbooks.findings import Finding, FindingCode
from followup.domain.playbooks.paths import path_findings
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import (
    ActionStep,
    Approval,
    Behaved,
    BehaviourSeen,
    BestChannelStep,
    BranchStep,
    DayOfYear,
    Elapsed,
    GoTo,
    MailStep,
    PhaseReached,
    PocCheckStep,
    Recipient,
    Requirement,
    Silent,
    Step,
    TaskKind,
    TaskStep,
    WaitStep,
    WebhookStep,
    channel_of,
    kind_of,
)
from followup.domain.playbooks.templates import ContentWanted, TemplateKind
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.reasons import ReasonKind

COMPETITOR_REASONS: Final = frozenset({ReasonKind.COMPETITOR_MOVE})
"""Reasons about a competitor's move: what is said of it is always read by a person first."""

COUNCIL_REASONS: Final = frozenset({ReasonKind.COUNCIL_QUESTION})
"""Reasons for which drafts of answers are made: they go only after a person has read them."""

POC_WEEKS: Final = range(8, 14)
"""Two to three months with a stated end [common practice]."""
MAX_DAYS: Final = 800
"""The longest wait: a contract's renewal is begun 18 months ahead."""
MAX_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of playbooks: the service's settings."""

    mails_per_week: int = 2
    """To one contact, of all playbooks together."""
    hooks: frozenset[str] | None = None
    """Webhooks that a step may name; ``None``: they are not known here."""


def check(playbook: Playbook, limits: Limits) -> tuple[Finding, ...]:
    """Return every mistake; none if the playbook may be published."""
    found = [*_whole(playbook, limits), *_templates(playbook), *_experiment(playbook)]
    for index, step in enumerate(playbook.all_steps):
        found += (
            Finding(code, message, key, index) for code, message, key in _step(playbook, step)
        )
        if isinstance(step, WebhookStep) and limits.hooks is not None:
            found += _hook(step, limits.hooks, index)
    ids = [step.id for step in playbook.steps]
    unknown = {FindingCode.STEP_ID_TWICE, FindingCode.UNKNOWN_STEP}
    if ids and not any(each.code in unknown for each in found):
        found += path_findings(playbook)
    return tuple(found)


def _hook(step: WebhookStep, hooks: frozenset[str], index: int) -> Iterator[Finding]:
    if step.hook not in hooks:
        known = ", ".join(sorted(hooks)) or "none"
        message = f"no webhook is called {step.hook!r}; the service's settings name {known}"
        yield Finding(_Code.UNKNOWN_WEBHOOK, message, "hook", index)


_Mistake = tuple[FindingCode, str, str]
_Code = FindingCode


def _lets_in(playbook: Playbook) -> Iterator[Finding]:
    entry = playbook.entry
    if not entry.reasons and not entry.behaviours:
        yield Finding(_Code.NO_ENTRY, "nobody ever enters: name a reason or a behaviour", "entry")
    if playbook.audience.policy_areas and entry.behaviours:
        message = (
            "policy_areas are compared with the reason's, and a behaviour has none, so nobody would"
            " enter by it: leave out entry.behaviours or policy_areas"
        )
        yield Finding(_Code.BEHAVIOUR_WITHOUT_POLICY_AREA, message, "audience")


def _whole(playbook: Playbook, limits: Limits) -> Iterator[Finding]:
    entry, goal = playbook.entry, playbook.goal
    yield from _lets_in(playbook)
    if not goal.occurrences and not goal.behaviours:
        message = "say what the playbook is for, such as occurrences: [meeting_booked]"
        yield Finding(_Code.NO_GOAL, message, "goal")
    if not playbook.steps:
        yield Finding(_Code.NO_STEPS, "a playbook has at least one step", "steps")
    if len(playbook.steps) > MAX_STEPS:
        message = f"more than {MAX_STEPS} steps; make two playbooks of it"
        yield Finding(_Code.TOO_MANY_STEPS, message, "steps")
    if not 1 <= playbook.priority <= 100:  # noqa: PLR2004 - as the message says
        message = "a priority is a number from 1 to 100"
        yield Finding(_Code.PRIORITY_OUT_OF_RANGE, message, "priority")
    if entry.again_after_days is not None and entry.again_after_days < 1:
        message = "give again_after_days of 1 or more, or never"
        yield Finding(_Code.RE_ENTRY_OUT_OF_RANGE, message, "entry")
    if entry.only_while_good and entry.also_afterwards:
        message = "only_while_good and also_afterwards contradict each other: leave one out"
        yield Finding(_Code.GOOD_AND_AFTERWARDS, message, "entry")
    if not 1 <= playbook.mails_per_week <= limits.mails_per_week:
        message = (
            f"mails_per_week is from 1 to {limits.mails_per_week}, the limit that holds for all"
            " playbooks together"
        )
        yield Finding(_Code.CAP_ABOVE_GLOBAL, message, "mails_per_week")
    for behaviour in sorted(entry.behaviours | goal.behaviours):
        if behaviour not in playbook.known_behaviours:
            key = "entry" if behaviour in entry.behaviours else "goal"
            yield Finding(*_unknown_behaviour(playbook, behaviour, key))


def _templates(playbook: Playbook) -> Iterator[Finding]:
    used = {name for step in playbook.all_steps for name in _template_names(step)}
    for template in playbook.templates:
        if template.name not in used:
            message = f"no step uses the template {template.name!r}; use it or leave it out"
            yield Finding(_Code.UNUSED_TEMPLATE, message, "templates")
        if template.content is not None:
            yield from _content(template.name, template.content)


def _content(template: str, wanted: ContentWanted) -> Iterator[Finding]:
    if (quoted := sorted(wanted.kinds & OFFERED_ONLY)) and not wanted.offered:
        message = (
            f"a person works {', '.join(quoted)} into the text {template!r}: add offered: true to"
            " its content, or leave them out"
        )
        yield Finding(_Code.CONTENT_ONLY_OFFERED, message, "templates")


def _experiment(playbook: Playbook) -> Iterator[Finding]:
    if playbook.experiment is None:
        return
    compared = {str(kind_of(each)) for each in playbook.compared_steps}
    if not compared:
        message = "no mail or task has an alternative: give one template for variant B"
        yield Finding(_Code.EXPERIMENT_WITHOUT_ALTERNATIVE, message, "experiment")
    if len(compared) > 1:
        message = (
            f"it would add up {', '.join(sorted(compared))}, which are answered differently: give"
            " alternatives to steps of one kind"
        )
        yield Finding(_Code.EXPERIMENT_MIXES_KINDS, message, "experiment")
    if playbook.experiment.mails_per_variant < 1 or not 0 < playbook.experiment.share_b < 1:
        message = "mails_per_variant is 1 or more, share_b between 0 and 1"
        yield Finding(_Code.EXPERIMENT_OUT_OF_RANGE, message, "experiment")
    if playbook.experiment.measure not in MEASURES:
        message = f"measure is one of {', '.join(sorted(MEASURES))}: that is what a text is for"
        yield Finding(_Code.EXPERIMENT_OUT_OF_RANGE, message, "experiment")


def _step(playbook: Playbook, step: Step) -> Iterator[_Mistake]:
    ids = [each.id for each in playbook.all_steps]
    if ids.count(step.id) > 1:
        yield _Code.STEP_ID_TWICE, f"another step is called {step.id!r} too", "id"
    if isinstance(step, WaitStep):
        yield from _wait(playbook, step)
    elif isinstance(step, BranchStep):
        yield from _branch(playbook, step)
    elif isinstance(step, BestChannelStep):
        yield from _channels(step)
    else:
        yield from _action(playbook, step)
    if isinstance(step, PocCheckStep) and step.weeks not in POC_WEEKS:
        message = f"a proof of concept has {POC_WEEKS[0]} to {POC_WEEKS[-1]} weekly checks"
        yield _Code.POC_WEEKS_OUT_OF_RANGE, message, "weeks"


def _channels(step: BestChannelStep) -> Iterator[_Mistake]:
    kinds = [channel_of(each) for each in step.channels]
    if len(kinds) < 2:  # noqa: PLR2004 - as the message says
        message = "there is nothing to choose: name two channels or more, or make it a plain step"
        yield _Code.TOO_FEW_CHANNELS, message, "channels"
    if len(set(kinds)) < len(kinds):
        yield _Code.CHANNEL_TWICE, "each channel is another kind of step", "channels"
    if len({each.to for each in step.channels}) > 1:
        message = "all channels turn to the same person: give each the same to"
        yield _Code.CHANNELS_TO_DIFFERENT_PEOPLE, message, "channels"
    if any(each.key_moment for each in step.channels):
        message = "a person does a key moment whatever the answers say: make it a step of its own"
        yield _Code.KEY_MOMENT_BY_CHANNEL, message, "channels"


def _action(playbook: Playbook, step: ActionStep) -> Iterator[_Mistake]:
    by_itself = isinstance(step, MailStep | WebhookStep)
    if step.key_moment and by_itself:
        message = "a key moment is a person's: make it a call_task, letter_task or the like"
        yield _Code.KEY_MOMENT_NOT_A_TASK, message, "key_moment"
    unapproved = step.approval is not Approval.REQUIRED
    if isinstance(step, MailStep | TaskStep) and step.to is Recipient.MANAGER and unapproved:
        message = "turning to the superior needs approval: required"
        yield _Code.MANAGER_WITHOUT_APPROVAL, message, "to"
    if playbook.entry.reasons & COMPETITOR_REASONS and unapproved:
        message = "what is said about a competitor's move needs approval: required"
        yield _Code.COMPETITOR_WITHOUT_APPROVAL, message, "id"
    if by_itself and playbook.entry.reasons & COUNCIL_REASONS and unapproved:
        message = "what is said for a question in the council needs approval: required"
        yield _Code.COUNCIL_WITHOUT_APPROVAL, message, "id"
    if isinstance(step, MailStep | TaskStep) and playbook.audience.size_bands:
        others = sorted(step.size_bands - playbook.audience.size_bands)
        if others:
            message = f"the audience has no {', '.join(others)}; leave it out here or add it there"
            yield _Code.SIZE_BAND_NOT_ADDRESSED, message, "size_bands"
    yield from _order(step)
    yield from _alternative(playbook, step)
    yield from _texts(playbook, step)


def _order(step: ActionStep) -> Iterator[_Mistake]:
    if not isinstance(step, TaskStep) or step.kind is not TaskKind.HEARING:
        return
    if any(each not in step.requires for each in Requirement):
        message = (
            "a hearing comes after a proof of concept and a study session: write requires: "
            f"[{', '.join(Requirement)}]"
        )
        yield _Code.HEARING_TOO_EARLY, message, "requires"


def _alternative(playbook: Playbook, step: ActionStep) -> Iterator[_Mistake]:
    if not isinstance(step, MailStep | TaskStep) or not step.alternative:
        return
    if playbook.experiment is None:
        message = "an alternative needs an experiment, which says when it is decided"
        yield _Code.ALTERNATIVE_WITHOUT_EXPERIMENT, message, "alternative"
    if step.template is None:
        message = "an alternative is compared with a template: name one"
        yield _Code.ALTERNATIVE_WITHOUT_TEMPLATE, message, "alternative"


def _template_names(step: Step) -> tuple[str, ...]:
    match step:
        case MailStep(template=template, alternative=alternative):
            return (template, alternative) if alternative else (template,)
        case TaskStep(template=str(template), alternative=str(alternative)):
            return (template, alternative)
        case TaskStep(template=str(template)) | PocCheckStep(template=str(template)):
            return (template,)
    return ()


def _texts(playbook: Playbook, step: ActionStep) -> Iterator[_Mistake]:
    known = {template.name: template for template in playbook.templates}
    roles: list[Role | None] = [*sorted(playbook.audience.roles)]
    if playbook.audience.role_unknown:
        roles.append(None)
    if isinstance(step, MailStep | TaskStep) and step.to is Recipient.MANAGER:
        roles = [Role.MANAGER]
    for name in _template_names(step):
        key = "template" if name != getattr(step, "alternative", None) else "alternative"
        template = known.get(name)
        if template is None:
            there = ", ".join(known) or "none"
            message = f"no template is called {name!r}; there are: {there}"
            yield _Code.UNKNOWN_TEMPLATE, message, key
            continue
        if isinstance(step, MailStep) is not (template.kind is TemplateKind.MAIL):
            message = f"{name} is a {template.kind}; a mail takes a mail, a task takes none"
            yield _Code.TEMPLATE_OF_WRONG_KIND, message, key
        sizes = getattr(step, "size_bands", None) or playbook.audience.size_bands
        missing = template.readers_without_variant(roles, sizes)
        if missing:
            message = f"the template {name!r} has no text for {', '.join(missing)}"
            yield _Code.ROLE_WITHOUT_VARIANT, message, key


def _wait(playbook: Playbook, step: WaitStep) -> Iterator[_Mistake]:
    match step.until:
        case Elapsed(business_days=days, business_hours=hours):
            key = "business_hours" if hours else "business_days"
            if not 1 <= days + hours <= MAX_DAYS:
                yield _Code.WAIT_OUT_OF_RANGE, f"wait from 1 to {MAX_DAYS}", key
        case DayOfYear(month=month, day=day):
            try:
                date(2027, month, day)  # no leap year: the day must be there every year
            except ValueError:
                message = f"{month:02}-{day:02} is not a day of every year"
                yield _Code.NO_SUCH_DAY, message, "day_of_year"
        case PhaseReached(phase=phase, at_most_days=days):
            yield from _at_most(days)
            if phase not in set(BudgetPhase):
                message = (
                    f"no budget phase is called {phase!r}; there are: {', '.join(BudgetPhase)}"
                )
                yield _Code.UNKNOWN_PHASE, message, "phase"
        case BehaviourSeen(behaviour=behaviour, at_most_days=days):
            yield from _at_most(days)
            if behaviour not in playbook.known_behaviours:
                yield _unknown_behaviour(playbook, behaviour, "behaviour")


def _at_most(days: int) -> Iterator[_Mistake]:
    if not 1 <= days <= MAX_DAYS:
        yield _Code.WAIT_OUT_OF_RANGE, f"wait at most from 1 to {MAX_DAYS} days", "at_most_days"


def _branch(playbook: Playbook, step: BranchStep) -> Iterator[_Mistake]:
    ids = [each.id for each in playbook.steps]
    silent = [case.on for case in step.cases if isinstance(case.on, Silent)]
    if not silent:
        message = "it may wait for ever: add a case {on: silent, business_days: 5, …}"
        yield _Code.BRANCH_WITHOUT_TIME_OUT, message, "cases"
    for case in step.cases:
        if isinstance(case.then, GoTo) and case.then.step not in ids:
            message = f"no step is called {case.then.step!r}; there are: {', '.join(ids)}"
            yield _Code.UNKNOWN_STEP, message, "cases"
        if isinstance(case.on, Behaved) and case.on.behaviour not in playbook.known_behaviours:
            yield _unknown_behaviour(playbook, case.on.behaviour, "cases")
        if isinstance(case.on, Silent) and not 1 <= case.on.business_days <= MAX_DAYS:
            message = f"silent for 1 to {MAX_DAYS} business days"
            yield _Code.WAIT_OUT_OF_RANGE, message, "cases"


def _unknown_behaviour(playbook: Playbook, behaviour: str, key: str) -> _Mistake:
    there = ", ".join(sorted(playbook.known_behaviours))
    message = f"no behaviour is called {behaviour!r}; there are: {there}"
    return _Code.UNKNOWN_BEHAVIOUR, message, key
