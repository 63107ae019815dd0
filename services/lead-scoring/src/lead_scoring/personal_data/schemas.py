"""The shapes of requests about a person's data, and of their answers."""

import json
from datetime import date, timedelta
from typing import Any, Final, Self

from pydantic import BaseModel, Field, model_validator

from kakehashi_common.contracts.events import LeadId, Scalar
from kakehashi_common.contracts.topics import (
    DEAD_LETTER_RETENTION,
    DEAL_EVENTS,
    FOLLOWUP_TRIGGERS,
    FOLLOWUPS,
    HANDOFFS,
    LEAD_EVENTS,
    LEAD_QUALIFIED,
    LEAD_SCORES,
)
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import Flag, RequestBody
from lead_scoring.domain.profile import Known
from lead_scoring.feedback.schemas import LabelOut, QualificationOut
from lead_scoring.personal_data.repository import SEARCHED, Person
from lead_scoring.personal_data.service import (
    MAX_PEOPLE,
    Export,
    Receipt,
)
from lead_scoring.scoring.erasure import Erased
from lead_scoring.scoring.repository.events import LoggedEvent
from lead_scoring.scoring.schemas import (
    Grade,
    MunicipalityOut,
    OutcomeOut,
    PastScoreOut,
    Points,
    municipality_of,
    points,
)


class KnownOut(BaseModel):
    """The value of one profile field; null when it was cleared."""

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
    qualifications: list[QualificationOut]
    handoffs: list[LabelOut]

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
            qualifications=[QualificationOut.of(each) for each in exported.qualifications],
            handoffs=[LabelOut.of(each) for each in exported.handoffs],
        )


def _after(retention: timedelta | None) -> str:
    return "for ever" if retention is None else f"{retention.days} days after it was published"


class IdentifiersIn(RequestBody):
    """A person's identifiers; all that are given must match. Spelling is compared leniently."""

    email: str | None = Field(default=None, min_length=1, max_length=320, examples=["t@example.jp"])
    phone: str | None = Field(
        default=None, min_length=1, max_length=40, description="+81, hyphens, full width: the same"
    )
    person_name: str | None = Field(default=None, min_length=1, max_length=200)


class PersonOut(BaseModel):
    """A lead with what names the person behind it."""

    lead_id: str
    person_name: str | None
    email: str | None
    phone: str | None
    department: str | None
    municipality: MunicipalityOut | None

    @classmethod
    def of(cls, person: Person) -> "PersonOut":
        """Show one person."""
        return cls(
            lead_id=person.lead_id,
            person_name=person.person_name,
            email=person.email,
            phone=person.phone,
            department=person.department,
            municipality=municipality_of(person.municipality_code),
        )


class PeopleOut(BaseModel):
    """The people found."""

    items: list[PersonOut]


class PersonIn(RequestBody):
    """One person: an e-mail address, ids of leads, or both."""

    email: str | None = Field(default=None, min_length=3, max_length=320, examples=["t@example.jp"])
    lead_ids: list[LeadId] = Field(default=[], max_length=MAX_PEOPLE)

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if self.email is None and not self.lead_ids:
            raise ValueError("give email or lead_ids")
        return self


class ErasureIn(PersonIn):
    """The person to erase."""

    suppress: Flag = Field(
        default=False,
        description="Keep the person out from now on: events with this address or these ids are "
        "passed over, so that next week's export brings nothing back",
    )


class ErasedOut(BaseModel):
    """The rows erased for one lead; all zero when nothing was held."""

    leads: int
    events: int
    announced_scores: int
    qualifications: int
    handoffs: int = Field(description="What was learnt from handoffs")

    @classmethod
    def of(cls, erased: Erased) -> "ErasedOut":
        """Show it."""
        return cls(
            leads=erased.leads,
            events=erased.events,
            announced_scores=erased.announced_scores,
            qualifications=erased.qualifications,
            handoffs=erased.handoffs,
        )


class KeptOut(BaseModel):
    """A place that an erasure does not reach, and when it forgets by itself."""

    where: str = Field(examples=["Kafka topic lead-events-v1"])
    what: str
    until: str


class ReceiptOut(BaseModel):
    """The tables searched, the rows erased and the copies that remain elsewhere."""

    erased: dict[str, ErasedOut] = Field(
        description="By the lead's id; empty when nobody was found"
    )
    suppressed: bool
    searched: list[str] = Field(description="The tables in which the person was looked for")
    kept: list[KeptOut]

    @classmethod
    def of(cls, receipt: Receipt) -> "ReceiptOut":
        """Show a receipt."""
        return cls(
            erased={lead_id: ErasedOut.of(each) for lead_id, each in receipt.erased.items()},
            suppressed=receipt.suppressed,
            searched=list(SEARCHED),
            kept=KEPT,
        )


class ErasedLeadOut(ErasedOut):
    """The rows erased for one lead, the tables searched, and the copies that remain elsewhere."""

    searched: list[str]
    kept: list[KeptOut]

    @classmethod
    def of_receipt(cls, receipt: Receipt, lead_id: str) -> "ErasedLeadOut":
        """Show it."""
        shown = ReceiptOut.of(receipt)
        erased = shown.erased[lead_id]
        return cls(**erased.model_dump(), searched=shown.searched, kept=shown.kept)


class ReadmittedOut(BaseModel):
    """The entries removed from the suppression list."""

    removed: int = Field(description="How many of the address and the ids were on it")


_SCORES_ONLY: Final = "the lead's id and its scores, no name and no address"
KEPT: Final = [
    KeptOut(
        where=f"Kafka topic {LEAD_EVENTS.name}",
        what="what publishers sent; delivered again it brings nothing back",
        until=_after(LEAD_EVENTS.retention),
    ),
    KeptOut(
        where=f"Kafka topic {LEAD_EVENTS.dead_letter_topic}",
        what="records that could not be read: replay none of this person's",
        until=_after(DEAD_LETTER_RETENTION),
    ),
    KeptOut(
        where=f"Kafka topic {FOLLOWUP_TRIGGERS.name}",
        what="reasons to contact the lead and comments in surveys, in people's own words",
        until=_after(FOLLOWUP_TRIGGERS.retention),
    ),
    KeptOut(
        where=f"Kafka topic {LEAD_QUALIFIED.name}",
        what=_SCORES_ONLY,
        until=_after(LEAD_QUALIFIED.retention),
    ),
    KeptOut(
        where=f"Kafka topic {HANDOFFS.name}",
        what="the lead's id and the steps of its handoffs, no name and no text",
        until=_after(HANDOFFS.retention),
    ),
    KeptOut(
        where=f"Kafka topic {FOLLOWUPS.name}",
        what="the lead's id and what happened in its follow-ups, no name and no text",
        until=_after(FOLLOWUPS.retention),
    ),
    KeptOut(
        where=f"Kafka topic {DEAL_EVENTS.name}",
        what="the lead's id and its deals, no name",
        until=_after(DEAL_EVENTS.retention),
    ),
    KeptOut(
        where=f"Kafka topic {LEAD_SCORES.name}",
        what=_SCORES_ONLY,
        until="its next compaction: a tombstone was published",
    ),
]
