"""Checks of commands that don't depend on the state of the handoff."""

from datetime import datetime
from typing import Final

from handoff.domain.handoff.commands import (
    CLOCK,
    Close,
    Command,
    OverrideReadiness,
    Rate,
    Reassign,
    Request,
    Withdraw,
)
from handoff.domain.handoff.terms import Outcome, ReassignReason
from kakehashi_common.domain.checks import (
    LONGEST_BY,
    LONGEST_LEAD_ID,
    LONGEST_NOTE,
    require_instant,
    require_municipality_code,
    require_name,
    require_short,
    require_slug,
)
from kakehashi_common.domain.errors import DomainError

MOST: Final = 20
"""The longest list of skills, or of missing facts, of one handoff."""

MOST_COMPLEX: Final = 100

_IDS: Final = (
    "handoff_id",
    "member_id",
    "from_member",
    "to",
    "sender",
    "grade",
    "qualification_id",
    "activity_id",
    "deal_id",
    "in_favour_of",
)

_REASONS_OF_PERSONS: Final = (
    ReassignReason.DECIDED,
    ReassignReason.MEMBER_LEFT,
    ReassignReason.MEMBER_ABSENT,
)


def check(command: Request | Command) -> None:
    """Refuse a command that makes no sense for any handoff.

    Raises:
        DomainError: a text is missing (``missing``), too long (``too_long``) or no text
            (``not_text``); a slug, code or number is none (``not_a_slug``,
            ``not_a_municipality_code``, ``out_of_range``); a list is too long or repeats itself
            (``too_many``, ``repeated``); a time has no zone (``time_zone_missing``); a person gives
            a reason that is the clock's (``reason_not_allowed``).
    """
    _check_texts(command)
    _check_times(command)
    if isinstance(command, Rate | OverrideReadiness | Withdraw):
        require_name(command.reason, "reason", longest=LONGEST_NOTE)
    if isinstance(command, Close):
        _check_close(command)
    if isinstance(command, Rate) and command.score not in range(1, 6):
        raise DomainError(
            f"score must be 1 (poor) to 5 (excellent), not {command.score}",
            field="score",
            code="out_of_range",
        )
    if isinstance(command, Reassign):
        _check_reassign(command)
    if isinstance(command, Request):
        _check_request(command)


def _check_texts(command: Request | Command) -> None:
    for field in _IDS:
        if (value := getattr(command, field, None)) is not None:
            require_name(value, field)
    for field in ("policy_area", "phase"):
        if (value := getattr(command, field, None)) is not None:
            require_slug(value, field)
    if (lead_id := getattr(command, "lead_id", None)) is not None:
        require_name(lead_id, "lead_id", longest=LONGEST_LEAD_ID)
    if (by := getattr(command, "by", None)) is not None:
        require_name(by, "by", longest=LONGEST_BY)
    require_short(getattr(command, "origin", ""), "origin")
    require_short(getattr(command, "note", ""), "note")
    for field in ("skills", "missing_facts", "supplied_facts"):
        _check_list(getattr(command, field, ()), field)


def _check_times(command: Request | Command) -> None:
    for field in ("at", "until", "lead_created_at", "lead_answered_at"):
        value = getattr(command, field, None)
        if isinstance(value, datetime):
            require_instant(value, field)


def _check_list(values: tuple[str, ...], field: str) -> None:
    if len(values) > MOST:
        raise DomainError(
            f"{field} must be at most {MOST}, not {len(values)}", field=field, code="too_many"
        )
    if len(set(values)) < len(values):
        raise DomainError(f"{field} names something twice", field=field, code="repeated")
    for number, value in enumerate(values):
        require_name(value, f"{field}/{number}")


def _check_close(command: Close) -> None:
    require_short(command.reason, "reason")
    if command.outcome is not Outcome.WON and not command.reason.strip():
        raise DomainError(
            f"say why it was {command.outcome}: the reason teaches the score",
            field="reason",
            code="missing",
        )


def _check_reassign(command: Reassign) -> None:
    if command.by != CLOCK and command.reason not in _REASONS_OF_PERSONS:
        raise DomainError(
            f"{command.reason} is said by the clock or a rejection: choose one of "
            f"{', '.join(_REASONS_OF_PERSONS)}",
            field="reason",
            code="reason_not_allowed",
        )


def _check_request(command: Request) -> None:
    if command.municipality_code is not None:
        require_municipality_code(command.municipality_code)
    if command.kind.from_role is command.kind.to_role:
        raise DomainError(
            f"a handoff goes from one role to another, not from {command.kind.from_role} to itself",
            field="kind/to_role",
            code="same_role",
        )
    if not 1 <= command.complexity <= MOST_COMPLEX:
        raise DomainError(
            f"complexity must be 1–{MOST_COMPLEX}, not {command.complexity}",
            field="complexity",
            code="out_of_range",
        )
    created, answered = command.lead_created_at, command.lead_answered_at
    if created and answered and answered < created:
        raise DomainError(
            "lead_answered_at lies before lead_created_at",
            field="lead_answered_at",
            code="out_of_range",
        )
