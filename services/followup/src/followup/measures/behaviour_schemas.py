"""Behaviours, as the API shows them."""

from typing import Self

from pydantic import Field

from followup.domain.measures.precision import Precision
from followup.domain.triggers.conditions import Behaviour
from followup.domain.triggers.judging import Judgement
from kakehashi_common.http.rates import RateOut
from kakehashi_common.http.requests import ResponseBody


class PrecisionOut(ResponseBody):
    """The consequences of a behaviour; the rates are of the times 30 or more days ago."""

    fired: int = Field(description="All times that it came to be seen, kept as long as those are")
    no_playbook: int = Field(
        description="Of these, how often no playbook in force was entered by it"
    )
    entered: RateOut = Field(description="Somebody entered a playbook for it")
    answered: RateOut = Field(
        description="The contact, or for a municipality's somebody there, answered within 30 days"
    )
    met: RateOut = Field(description="A meeting was booked within 30 days")

    @classmethod
    def of(cls, found: Precision) -> Self:
        """Show it."""
        return cls(
            fired=found.fired,
            no_playbook=found.no_playbook,
            entered=RateOut.of(found.entered),
            answered=RateOut.of(found.answered),
            met=RateOut.of(found.met),
        )


class BehaviourOut(ResponseBody):
    """A behaviour that is watched for."""

    name: str
    label: str = Field(examples=["料金・比較への関心"])
    importance: int = Field(ge=1, le=3)
    urgent: bool
    precision: PrecisionOut

    @classmethod
    def of(cls, behaviour: Behaviour, precision: Precision) -> Self:
        """Show it."""
        return cls(
            name=behaviour.name,
            label=behaviour.label.ja,
            importance=behaviour.importance,
            urgent=behaviour.urgent,
            precision=PrecisionOut.of(precision),
        )


class BehavioursOut(ResponseBody):
    """All watched behaviours, by name."""

    items: list[BehaviourOut]


class JudgementOut(ResponseBody):
    """Whether a behaviour is seen in a contact."""

    name: str
    seen: bool
    why: str = Field(description="Why it is seen, or what is missing, in Japanese")
    why_en: str
    precision: PrecisionOut

    @classmethod
    def judged(cls, judgement: Judgement, precision: Precision) -> Self:
        """Show it."""
        return cls(
            name=judgement.behaviour.name,
            seen=judgement.seen,
            why=judgement.text.ja,
            why_en=judgement.text.en,
            precision=PrecisionOut.of(precision),
        )
