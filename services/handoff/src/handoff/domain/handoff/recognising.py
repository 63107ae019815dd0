"""Recognise steps of a handoff in sellers' activities, so that nobody enters them twice."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff.domain.handoff.commands import AnswerLead, RecordContact, RecordMeeting
from handoff.domain.handoff.facts import FirstContactMade, LeadAnswered, MeetingHeld
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import ClockName
from handoff.domain.teams.members import Role


class ActivityKind(StrEnum):
    """The kind of a seller's activity."""

    CALL = "call"
    MAIL = "mail"
    VISIT = "visit"
    MEETING = "meeting"
    PROPOSAL = "proposal"
    ADMINISTRATION = "administration"


_CONTACTS = frozenset({ActivityKind.CALL, ActivityKind.MAIL})
_MEETINGS = frozenset({ActivityKind.VISIT, ActivityKind.MEETING})


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that a seller did about the handoff's lead."""

    activity_id: str
    member_id: str
    role: Role
    kind: ActivityKind
    at: datetime
    reached: bool | None
    """Whether it reached the customer; ``None``: not known."""


Recognised = RecordContact | RecordMeeting | AnswerLead


def recognise(state: HandoffState, activity: Activity) -> Recognised | None:
    """Return the step that an activity means for an open handoff; ``None``: no new step.

    Only what reached the customer counts. A call or mail of an owner is the first contact, a visit
    or meeting the first meeting; of the sender's role it is the first answer to the lead.
    """
    if activity.reached is not True or activity.kind not in _CONTACTS | _MEETINGS:
        return None
    if activity.member_id in state.owners:
        if activity.kind in _MEETINGS:
            met = state.met_at is not None
            return (
                None
                if met
                else RecordMeeting(activity.at, activity.member_id, activity.activity_id)
            )
        contacted = state.contacted_at is not None
        return (
            None
            if contacted
            else RecordContact(activity.at, activity.member_id, activity.activity_id)
        )
    clock = state.clock(ClockName.RESPOND)
    awaited = clock is not None and clock.stopped_at is None
    if awaited and activity.role is state.kind.from_role:
        return AnswerLead(activity.at, activity.member_id)
    return None


def recognised_before(state: HandoffState, activity: Activity) -> str | None:
    """Return the kind of fact that was recognised from an activity already."""
    for fact in reversed(state.history):
        match fact:
            case FirstContactMade() | MeetingHeld() if fact.activity_id == activity.activity_id:
                return fact.kind
            case LeadAnswered() if activity.role is state.kind.from_role:
                if (fact.at, fact.by) == (activity.at, activity.member_id):
                    return fact.kind
    return None
