"""The content that the texts of a previewed playbook would carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from followup.domain.contents.choice import ChosenContent, Occasion, choose
from followup.domain.contents.content import Content, ContentKind
from followup.domain.playbooks.templates import ContentWanted

MOST_COMPARED: Final = 10_000
"""Entries that one preview compares, counted once for each text that differs in its occasion: about
two seconds of a processor."""


class NotLookedFor(StrEnum):
    """The reason why a text's content is not given."""

    RECIPIENT = "recipient"
    """It goes to a colleague or superior, who is decided when the text is made."""
    LIMIT = "limit"
    """Too much was compared already."""


StepContent = tuple[ChosenContent, ...] | NotLookedFor | None
"""The content that would be chosen for a step, the best first; ``None``: its text has none."""


@dataclass(eq=False)
class ContentAhead:
    """Chooses for one text after another, as they would be made; equal occasions cost once."""

    catalogue: Sequence[Content]
    sent: Mapping[str, frozenset[str]]
    """Ids of the content that people have got or are about to get, by the lead's id."""
    left: int = MOST_COMPARED
    """The number of entries that may still be compared."""
    _previewed: dict[str, set[str]] = field(default_factory=dict)
    """Ids of the content that the preview itself has chosen for them, by the lead's id."""
    _chosen: dict[tuple[ContentWanted, Occasion], tuple[ChosenContent, ...]] = field(
        default_factory=dict
    )
    _of_kinds: dict[frozenset[ContentKind], list[Content]] = field(default_factory=dict)

    def choose(
        self, wanted: ContentWanted, lead_id: str, occasion: Occasion
    ) -> tuple[ChosenContent, ...] | NotLookedFor:
        """Return what would be chosen for a person's text, and count it as sent to them.

        Args:
            wanted: by the text's template.
            lead_id: the person's.
            occasion: without what was sent before, which is known here.
        """
        contents = self._contents(wanted.kinds)
        before = self.sent.get(lead_id, frozenset()) | self._previewed.get(lead_id, set())
        places = {each.municipality_code for each in contents}
        place = occasion.municipality_code
        key = (
            wanted,
            replace(
                occasion,
                today=_alike(occasion.today, contents),
                municipality_code=place if place in places else None,
                sent_before=before.intersection(each.content_id for each in contents),
            ),
        )
        found = self._chosen.get(key)
        if found is None:
            if len(contents) > self.left:
                return NotLookedFor.LIMIT
            self.left -= len(contents)
            found = self._chosen[key] = choose(wanted, contents, key[1])
        if not wanted.offered:
            self._previewed.setdefault(lead_id, set()).update(
                each.content.content_id for each in found
            )
        return found

    def _contents(self, kinds: frozenset[ContentKind]) -> list[Content]:
        if kinds not in self._of_kinds:
            self._of_kinds[kinds] = [each for each in self.catalogue if each.kind in kinds]
        return self._of_kinds[kinds]


def _alike(today: date, contents: Sequence[Content]) -> date:
    """Return the last day on which the same entries are valid as today."""
    return min(
        (each.valid_until for each in contents if each.valid_until and each.valid_until >= today),
        default=date.max,
    )
