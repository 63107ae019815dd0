"""Japanese words for the slugs of a sequence: its steps, what began it, and who."""

from collections.abc import Mapping
from typing import Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import BestChannelStep, BranchStep, WaitStep, kind_of
from followup.domain.sequences.commands import CLOCK, TEMPORAL
from followup.domain.triggers.catalogue import BEHAVIOURS
from kakehashi_common.domain.budget_phases import BUDGET_PHASES_JA
from kakehashi_common.domain.japanese_names import reason_name

STEP_KINDS: Final[Mapping[str, str]] = {
    "mail": "メール",
    "call_task": "電話",
    "letter_task": "手紙・資料",
    "study_session": "勉強会",
    "hearing_form": "ヒアリング",
    "poc_check": "実証の確認",
    "webhook": "外部システムへの通知",
}
"""By the kind of the step, as playbooks write it."""


def step_in_words(step_id: str, playbook: Playbook | None) -> str:
    """Return such as ``メール「thanks」``; without the playbook, ``「thanks」``."""
    quoted = f"「{step_id}」"
    if playbook is None:
        return quoted
    try:
        step = playbook.step(step_id)
    except KeyError:
        return quoted
    match step:
        case WaitStep():
            return f"待機{quoted}"
        case BranchStep():
            return f"反応待ち{quoted}"
        case BestChannelStep():
            return f"連絡{quoted}"
    return f"{STEP_KINDS.get(kind_of(step) or '', '')}{quoted}"


def began_by(slug: str, playbook: Playbook | None) -> str:
    """Return the reason or behaviour that began a sequence; one without Japanese name as it is."""
    behaviours = BEHAVIOURS if playbook is None else playbook.known_behaviours
    return behaviours[slug].label.ja if slug in behaviours else reason_name(slug)


def named(name: str, playbook: Playbook | None) -> str:
    """Return a behaviour or budget phase that a sequence was told of, in Japanese."""
    return BUDGET_PHASES_JA.get(name) or began_by(name, playbook)


def whom(by: str) -> str:
    """Return who did something: a member by id, a program as ``自動``."""
    if by == TEMPORAL:
        return "Temporal画面"
    if by == CLOCK or by.startswith("system:") or by.endswith("-v1") or by == "behaviours":
        return "自動"
    return by
