"""Prepare a packet from the facts about its lead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from handoff.domain.lead import (
    DECISION_ROLES,
    Activity,
    Followup,
    Lead,
    LeadField,
    Pursuit,
    Reason,
    Score,
)
from handoff.domain.packet.packet import Packet
from kakehashi_common.domain.budget_phases import BUDGET_PHASES_JA
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.japanese_names import area_name, category_name

KEY_EVENTS_SHOWN: Final = 6
FOLLOWUPS_SHOWN: Final = 6
PEOPLE_SHOWN: Final = 5
REASONS_IN_SUMMARY: Final = 2
BUDGET_CALENDAR: Final = "//kakehashi/budget-calendar"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text for a field, with its source."""

    text: str
    source: str
    at: datetime


def prepare(packet: Packet, lead: Lead, today: date) -> Packet:
    """Return the packet with every field filled for which something is known.

    What a person has entered stays.

    Args:
        packet: what people have entered.
        lead: what is known of the lead.
        today: the day in Japan.
    """
    for key, rule in _RULES.items():
        if (prepared := rule(lead, today)) is not None and prepared.text:
            packet = packet.prepared(key, prepared.text, source=prepared.source, at=prepared.at)
    return packet


def _who_and_where(lead: Lead, _: date) -> Prepared | None:
    known = [
        each
        for name in (LeadField.MUNICIPALITY_CODE, LeadField.DEPARTMENT, LeadField.PERSON_NAME)
        if (each := lead.field(name)) is not None
    ]
    if not known and lead.municipality is None:
        return None
    department, name = lead.field(LeadField.DEPARTMENT), lead.field(LeadField.PERSON_NAME)
    role = lead.field(LeadField.ROLE)
    words = [
        lead.municipality,
        None if department is None else department.value,
        None if name is None else f"{name.value} 様",
    ]
    text = "　".join(filter(None, words))
    if role is not None:
        text += f"（{_role(role.value)}）"
    if not known:
        return None if lead.score is None else Prepared(text, lead.score.source, lead.score.at)
    newest = max(known, key=lambda each: each.at)
    return Prepared(text, newest.source, newest.at)


def _why_now(lead: Lead, today: date) -> Prepared | None:
    score = lead.score
    if score is None:
        return None
    text = f"評価 {score.grade}"
    raised = [each for each in score.reasons if each.points > 0][:REASONS_IN_SUMMARY]
    if raised:
        text += f"（{'、'.join(each.label for each in raised)}）"
    if lead.milestones:
        following = lead.milestones[0]
        days = (following.likely_on - today).days
        text += f"。{following.label}" + (f"まであと {days} 日" if days else "は本日")
    return Prepared(text, score.source, score.at)


def _budget_and_dates(lead: Lead, _: date) -> Prepared | None:
    parts = []
    if (phase := lead.phase) is not None:
        name = BUDGET_PHASES_JA.get(phase.phase, phase.label)
        parts.append(f"{name}（{short_day(phase.ends_likely_on)}頃まで）")
    parts += [f"{each.label} {short_day(each.likely_on)}頃" for each in lead.milestones]
    at = max((each.at for each in (phase, *lead.milestones) if each is not None), default=None)
    return None if at is None else Prepared("、".join(parts), BUDGET_CALENDAR, at)


def _key_events(lead: Lead, _: date) -> Prepared | None:
    if not lead.activities:
        return None
    lines = [_event(each) for each in lead.activities[:KEY_EVENTS_SHOWN]]
    if more := len(lead.activities) - len(lines):
        lines.append(f"ほか {more} 件")
    newest = lead.activities[0]
    return Prepared("\n".join(lines), newest.source, newest.at)


def _followups(lead: Lead, _: date) -> Prepared | None:
    if not lead.followups:
        return None
    lines = [_followup(each) for each in lead.followups[:FOLLOWUPS_SHOWN]]
    if more := len(lead.followups) - len(lines):
        lines.append(f"ほか {more} 件")
    newest = lead.followups[0]
    return Prepared("\n".join(lines), newest.source, newest.at)


def _score(lead: Lead, _: date) -> Prepared | None:
    score = lead.score
    if score is None:
        return None
    lines = [_outline(score), *(_reason(each) for each in score.reasons)]
    return Prepared("\n".join(lines), score.source, score.at)


def _people(lead: Lead, _: date) -> Prepared | None:
    if not lead.people:
        return None
    lines = []
    for each in lead.people[:PEOPLE_SHOWN]:
        who = "　".join(filter(None, (each.department, each.name and f"{each.name} 様")))
        role = _role(each.role) if each.role else "立場不明"
        lines.append(f"{role}{f'：{who}' if who else ''}（直近 {_day(each.last_activity_at)}）")
    if more := len(lead.people) - len(lines):
        lines.append(f"ほか {more} 人")
    newest = max(lead.people, key=lambda each: each.last_activity_at)
    return Prepared("\n".join(lines), LEAD_EVENTS, newest.last_activity_at)


def _pursuit(lead: Lead, _: date) -> Prepared | None:
    if not lead.pursuits:
        return None
    newest = max(lead.pursuits, key=lambda each: each.at)
    lines = [_outcome(each) for each in lead.pursuits]
    return Prepared("\n".join(lines), BUDGET_CALENDAR, newest.at)


LEAD_EVENTS: Final = "lead-events-v1"
"""The source of a list that is compiled from many publishers' events."""

_RULES: Final[Mapping[str, Callable[[Lead, date], Prepared | None]]] = {
    "who_and_where": _who_and_where,
    "why_now": _why_now,
    "budget_and_dates": _budget_and_dates,
    "key_events": _key_events,
    "followups": _followups,
    "score": _score,
    "people": _people,
    "pursuit": _pursuit,
}


def short_day(on: date) -> str:
    """Return a day as a table gives it, such as ``2026/11/30``."""
    return f"{on.year}/{on.month}/{on.day}"


def _day(at: datetime) -> str:
    return short_day(at.astimezone(JAPAN).date())


def _role(role: str) -> str:
    return DECISION_ROLES.get(role, role)


def _event(activity: Activity) -> str:
    category = f"（{category_name(activity.category)}）" if activity.category else ""
    return f"{_day(activity.at)} {activity.name}{category}"


def _followup(followup: Followup) -> str:
    step = f"（{followup.playbook_id}：{followup.step_id}）" if followup.step_id else ""
    return f"{_day(followup.at)} {followup.name}{step}"


def _outline(score: Score) -> str:
    return f"評価 {score.grade}（属性 {score.fit:g}、行動 {score.engagement:g}）"


def _reason(reason: Reason) -> str:
    times = f"（{reason.count} 回）" if reason.count else ""
    return f"{reason.points:+g} {reason.label}{times}"


def _outcome(pursuit: Pursuit) -> str:
    when = short_day(pursuit.decided_on)
    area = area_name(pursuit.policy_area)
    if not pursuit.budgeted:
        return f"{when} 予算化見送り（{area}）"
    amount = "" if pursuit.amount_yen is None else f" {pursuit.amount_yen:,} 円"
    return f"{when} 予算化（{area}、{pursuit.fiscal_year}年度{amount}）"
