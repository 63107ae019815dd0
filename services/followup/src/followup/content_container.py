"""The parts of the container that keep the catalogue of content, and answer by it."""

from dataclasses import dataclass
from functools import cached_property

from followup.approvals.answers import Answers
from followup.contents.service import Contents
from followup.playbooks.service import Playbooks
from followup.settings import FollowupSettings
from followup.texts.previewing import ContentPreviews
from kakehashi_common.db import Database


@dataclass(eq=False)
class ContentContainer:
    """The parts of one installation."""

    settings: FollowupSettings
    database: Database
    playbooks: Playbooks

    @cached_property
    def contents(self) -> Contents:
        """Keeps the catalogue of content."""
        return Contents(self.database)

    @cached_property
    def previews(self) -> ContentPreviews:
        """Previews the content of texts."""
        return ContentPreviews(self.settings.sender)

    @cached_property
    def answers(self) -> Answers:
        """Takes approved answers into the catalogue of content."""
        return Answers(self.database, self.playbooks)
