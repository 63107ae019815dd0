"""Checks of commands that don't depend on the state of the sequence."""

from datetime import datetime

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import Command, Enter, Pause, React
from kakehashi_common.domain.checks import (
    LONGEST_BY,
    require_instant,
    require_lead_id,
    require_municipality_code,
    require_name,
    require_short,
    require_slug,
)
from kakehashi_common.domain.errors import DomainError

LONGEST_ID = 160
"""Characters of the id of an approval or task: those of its sequence and step, and a number."""

_NAMED = (OccurrenceKind.BEHAVIOUR, OccurrenceKind.PHASE_BEGAN)


def check(command: Enter | Command) -> None:
    """Refuse a command that makes no sense for any sequence.

    Raises:
        DomainError: a text is missing (``missing``), too long (``too_long``) or no text
            (``not_text``); a slug, lead's id or code is none (``not_a_slug``, ``not_a_lead_id``,
            ``not_a_municipality_code``); a number is too small (``out_of_range``); a time has no
            zone (``time_zone_missing``) or lies out of reach (``out_of_range``); a behaviour or
            phase has no name (``missing``).
    """
    for field in ("sequence_id", "playbook_id", "trigger_id", "step_id", "owner", "before"):
        if (value := getattr(command, field, None)) is not None:
            require_name(value, field)
    for field in ("approval_id", "task_id", "message_id"):
        if (value := getattr(command, field, None)) is not None:
            require_name(value, field, longest=LONGEST_ID)
    if (by := getattr(command, "by", None)) is not None:
        require_name(by, "by", longest=LONGEST_BY)
    require_short(getattr(command, "origin", ""), "origin")
    for field in ("at", "until", "due_at", "expires_at"):
        value = getattr(command, field, None)
        if isinstance(value, datetime):
            require_instant(value, field)
    if isinstance(command, React):
        _check_react(command)
    if isinstance(command, Enter):
        _check_enter(command)


def check_ahead(command: Enter | Command, now: datetime) -> None:
    """Refuse a pause that is over before it begins.

    Raises:
        DomainError: ``until`` isn't later than now (``until_in_the_past``).
    """
    if isinstance(command, Pause) and command.until is not None and command.until <= now:
        raise DomainError(
            f"until {command.until:%Y-%m-%d %H:%M %Z} is in the past: give a later time, or leave "
            "it out to pause until somebody resumes it",
            field="until",
            code="until_in_the_past",
        )


def _check_react(command: React) -> None:
    if command.occurrence in _NAMED:
        require_slug(command.name, "name")
    elif command.name:
        raise DomainError(
            f"{command.occurrence} has no name: leave it out", field="name", code="not_allowed"
        )


def _check_enter(command: Enter) -> None:
    require_lead_id(command.lead_id)
    require_slug(command.reason, "reason")
    if command.phase is not None:
        require_slug(command.phase, "phase")
    if command.policy_area is not None:
        require_slug(command.policy_area, "policy_area")
    if command.municipality_code is not None:
        require_municipality_code(command.municipality_code)
    if command.playbook_version < 1:
        raise DomainError(
            f"playbook_version must be at least 1, not {command.playbook_version}",
            field="playbook_version",
            code="out_of_range",
        )
