"""How satisfied a customer is: the scale of a short survey, and what it asks about."""

from enum import StrEnum
from typing import Final

LOWEST_SCORE: Final = 1
"""Very dissatisfied."""
HIGHEST_SCORE: Final = 5
"""Very satisfied."""


class SurveySubject(StrEnum):
    """What somebody was asked about."""

    FOLLOW_UP = "follow_up"
    """The mails and calls of a playbook."""
    MEETING = "meeting"
    PROOF_OF_CONCEPT = "proof_of_concept"
    """実証実験."""
    CONTRACT = "contract"
    """The product or service in use."""
