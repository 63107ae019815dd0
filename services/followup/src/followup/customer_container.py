"""The parts of the container that keep what customers answer, use and have agreed."""

from dataclasses import dataclass
from functools import cached_property

from followup.playbooks.service import Playbooks
from followup.proofs_of_concept.service import ProofsOfConcept
from followup.satisfaction.service import SurveyAnswers
from followup.settings import FollowupSettings
from followup.triggers.reasons import Reasons
from followup.usage.service import CustomerUsage
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database


@dataclass(eq=False)
class CustomerContainer:
    """The parts of one installation."""

    settings: FollowupSettings
    database: Database
    clock: Clock
    reasons: Reasons
    playbooks: Playbooks

    @cached_property
    def proofs_of_concept(self) -> ProofsOfConcept:
        """Keeps what was agreed of proofs of concept, and judges them."""
        return ProofsOfConcept(self.database, self.playbooks, self.clock)

    @cached_property
    def survey_answers(self) -> SurveyAnswers:
        """Keeps what customers answer to surveys."""
        return SurveyAnswers(self.database, self.reasons, self.clock)

    @cached_property
    def usage(self) -> CustomerUsage:
        """Keeps how much customers use what they bought."""
        return CustomerUsage(self.database, self.reasons, self.clock, self.settings.falling_use)
