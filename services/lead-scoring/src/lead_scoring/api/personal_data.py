"""``/v1/leads/{lead_id}/personal-data``: one person's data, exported and erased."""

import json
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from kakehashi_common.auth import Principal, require_scope
from kakehashi_common.contracts.events import Scalar
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.origin import origin_of
from lead_scoring.api.lead_ids import LeadIdInPath
from lead_scoring.api.schemas import (
    Grade,
    OutcomeOut,
    PastScoreOut,
    Points,
    points,
)
from lead_scoring.domain.profile import Known
from lead_scoring.personal_data import Export, PersonalData
from lead_scoring.repository.events import LoggedEvent

PERSONAL_DATA = "lead-scoring:personal-data"


class KnownOut(BaseModel):
    """What is known in one field of the profile; null when it was cleared."""

    value: Scalar = None
    since: JapanTime = Field(description="When the event that says so happened")

    @classmethod
    def of(cls, known: Known) -> "KnownOut":
        """Show one field."""
        return cls(value=known.value, since=known.occurred_at)


class EventOut(BaseModel):
    """One event as it was received, as a CloudEvent."""

    id: str
    source: str
    type: str
    time: JapanTime
    received_at: JapanTime
    data: dict[str, Any]

    @classmethod
    def of(cls, logged: LoggedEvent) -> "EventOut":
        """Show one event."""
        return cls(
            id=logged.event_id,
            source=logged.source,
            type=logged.type,
            time=logged.occurred_at,
            received_at=logged.received_at,
            data=json.loads(logged.data),
        )


class ScoreOut(BaseModel):
    """The stored score."""

    grade: Grade
    fit: Points
    engagement: Points
    scored_at: JapanTime
    rule_version: int


class PersonalDataOut(BaseModel):
    """Everything that lead-scoring holds about one person."""

    lead_id: str
    score: ScoreOut | None
    profile: dict[str, KnownOut] = Field(description="Field by field")
    activity: dict[str, dict[str, int]] = Field(
        description="How often, by kind (and category) and day in Japan"
    )
    outcome: OutcomeOut | None
    announced_scores: list[PastScoreOut]
    events: list[EventOut] = Field(description="As far back as the event log is kept")

    @classmethod
    def of(cls, exported: Export) -> "PersonalDataOut":
        """Show an export."""
        lead = exported.stored.lead
        return cls(
            lead_id=lead.lead_id,
            score=None
            if lead.score is None
            else ScoreOut(
                grade=lead.score.grade,
                fit=points(lead.score.fit),
                engagement=points(lead.score.engagement),
                scored_at=lead.score.scored_at,
                rule_version=lead.score.rule_version,
            ),
            profile={name: KnownOut.of(known) for name, known in lead.profile.known().items()},
            activity={
                signal: {date.fromordinal(day).isoformat(): count for day, count in days.items()}
                for signal, days in lead.activity.counts().items()
            },
            outcome=None if lead.outcome is None else OutcomeOut.of(lead.outcome),
            announced_scores=[PastScoreOut.of(past) for past in exported.history],
            events=[EventOut.of(logged) for logged in exported.events],
        )


class ErasedOut(BaseModel):
    """What was erased; all zero when nothing was held."""

    leads: int
    events: int
    announced_scores: int


def router(personal_data: PersonalData) -> APIRouter:
    """The routes for data subjects' requests."""
    routes = APIRouter(prefix="/v1/leads/{lead_id:path}/personal-data", tags=["personal data"])
    asked = Depends(require_scope(PERSONAL_DATA))

    @routes.get("")
    async def export_personal_data(
        request: Request,
        response: Response,
        lead_id: LeadIdInPath,
        who: Annotated[Principal, asked],
    ) -> PersonalDataOut:
        """Everything that is held about the person, to hand to them. The request is audited."""
        exported = await personal_data.export(lead_id, who=who.subject, origin=origin_of(request))
        response.headers["Cache-Control"] = "no-store"
        return PersonalDataOut.of(exported)

    @routes.delete("")
    async def erase_personal_data(
        request: Request, lead_id: LeadIdInPath, who: Annotated[Principal, asked]
    ) -> ErasedOut:
        """Forget the person: lead, profile, history and events; the score's topic too.

        Doing it again changes nothing. Events already on Kafka stay there until their topic's
        retention ends (30 days), and delivered again they bring nothing back. Records that could
        not be read are in the dead-letter topic for 90 days: replay none of this person's.
        """
        erased = await personal_data.erase(lead_id, who=who.subject, origin=origin_of(request))
        return ErasedOut(
            leads=erased.leads,
            events=erased.events,
            announced_scores=erased.announced_scores,
        )

    return routes
