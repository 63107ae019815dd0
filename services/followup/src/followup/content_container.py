"""The parts of the container that keep the catalogue of content, and answer by it."""

from dataclasses import dataclass
from functools import cached_property

from followup.approvals.answers import Answers
from followup.contents.service import Contents
from followup.playbooks.service import Playbooks
from followup.questions.service import Questions
from followup.settings import FollowupSettings
from followup.texts.previewing import ContentPreviews
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.domain.business_time import BusinessTime


@dataclass(eq=False)
class ContentContainer:
    """The parts of one installation."""

    settings: FollowupSettings
    database: Database
    playbooks: Playbooks
    hours: BusinessTime
    clock: Clock

    @cached_property
    def contents(self) -> Contents:
        """Keeps the catalogue of content."""
        return Contents(self.database)

    @cached_property
    def previews(self) -> ContentPreviews:
        """Previews the content of texts."""
        return ContentPreviews(self.settings.sender)

    @cached_property
    def questions(self) -> Questions:
        """Answers questions out of the catalogue."""
        return Questions(
            self.database, self.hours, self.clock, default_owner=self.settings.default_owner
        )

    @cached_property
    def answers(self) -> Answers:
        """Takes approved answers into the catalogue of content."""
        return Answers(self.database, self.playbooks)
