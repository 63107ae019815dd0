"""Customers' satisfaction: the scale and the subjects of a short survey."""

from enum import StrEnum
from typing import Final

LOWEST_SCORE: Final = 1
"""Very dissatisfied."""
HIGHEST_SCORE: Final = 5
"""Very satisfied."""


class SurveySubject(StrEnum):
    """The subject of a survey."""

    FOLLOW_UP = "follow_up"
    """The mails and calls of a playbook."""
    MEETING = "meeting"
    PROOF_OF_CONCEPT = "proof_of_concept"
    """実証実験."""
    CONTRACT = "contract"
    """The product or service in use."""
