"""Preview the content that a playbook's texts would carry."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from followup.contents import chosen, repository
from followup.domain.contents.ahead import ContentAhead, NotLookedFor, StepContent
from followup.domain.contents.choice import Occasion
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import Recipient
from followup.domain.preview import Arrival, Entered
from followup.occurrences.repository import phases_of
from followup.settings import SenderSettings
from followup.texts.choosing import about_of
from followup.texts.readers import reader_of
from followup.texts.recipients import turns_to
from kakehashi_common.clock import japan_day
from kakehashi_common.db import RawConnection


class ContentPreviews:
    """Previews content, by the catalogue and the budget phases of now; nothing is stored."""

    def __init__(self, sender: SenderSettings) -> None:
        self._sender = sender

    async def __call__(
        self, connection: RawConnection, playbook: Playbook, entered: Sequence[Entered]
    ) -> list[list[StepContent]]:
        """Return what would be chosen for each step of those who would have entered, in order.

        Args:
            connection: of a transaction.
            playbook: the previewed one.
            entered: in the order of time.
        """
        kinds = frozenset(
            kind
            for each in playbook.templates
            if each.content is not None
            for kind in each.content.kinds
        )
        if not kinds or not entered:
            return [[None] * len(each.steps) for each in entered]
        places = {code for each in entered if (code := each.arrival.municipality_code)}
        phases = await phases_of(connection, places)
        sent = await chosen.sent_to(connection, {each.arrival.contact_id for each in entered})
        ahead = ContentAhead(await repository.of_kinds(connection, kinds), sent)
        return await asyncio.to_thread(self._chosen, ahead, playbook, entered, phases)

    def _chosen(
        self,
        ahead: ContentAhead,
        playbook: Playbook,
        entered: Sequence[Entered],
        phases: Mapping[str, str],
    ) -> list[list[StepContent]]:
        found: list[list[StepContent]] = []
        for each in entered:
            occasion = self._occasion(playbook, each.arrival, phases)
            found.append([])
            for planned in each.steps:
                step = playbook.step(planned.step)
                template = playbook.text_of(step, each.arrival.contact_id)
                content: StepContent = None
                if template is not None and template.content is not None:
                    content = NotLookedFor.RECIPIENT
                    if turns_to(step) is Recipient.CONTACT:
                        content = ahead.choose(
                            template.content,
                            each.arrival.contact_id,
                            replace(occasion, today=japan_day(planned.at)),
                        )
                found[-1].append(content)
        return found

    def _occasion(
        self, playbook: Playbook, arrival: Arrival, phases: Mapping[str, str]
    ) -> Occasion:
        reader = reader_of(arrival.contact, playbook)
        return Occasion(
            today=japan_day(arrival.at),
            role=reader.role,
            size_band=reader.size_band,
            municipality_code=arrival.municipality_code,
            stage=phases.get(arrival.municipality_code or ""),
            policy_area=arrival.contact.policy_area,
            about=about_of(arrival.about, arrival.contact.policy_area, self._sender),
        )
