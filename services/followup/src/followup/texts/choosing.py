"""Choose the content for a text, once for each visit of a step."""

from datetime import datetime

from followup.contacts.repository import Contact
from followup.contents import chosen, repository
from followup.contents.chosen import StepContent
from followup.domain.contents.choice import ChosenContent, Occasion, choose
from followup.domain.playbooks.templates import ContentWanted, Reader
from followup.occurrences.repository import phase_of
from followup.sequences.messages import StepWork
from followup.settings import SenderSettings
from kakehashi_common.clock import japan_day
from kakehashi_common.db import RawConnection


def about_of(beginning: str, policy_area: str | None, sender: SenderSettings) -> tuple[str, ...]:
    """Return what a text is about, in words.

    Args:
        beginning: the text of the reason or behaviour.
        policy_area: of the reason, a slug.
        sender: says what policy areas are called.
    """
    return beginning, sender.name_of(policy_area)


async def chosen_content(
    connection: RawConnection,
    work: StepWork,
    wanted: ContentWanted,
    contact: Contact,
    reader: Reader,
    about: tuple[str, ...],
    now: datetime,
) -> tuple[ChosenContent, ...]:
    """Return what suits a step's text; of a step that was rendered before what was chosen then.

    Args:
        connection: of a transaction.
        work: the step.
        wanted: by its template.
        contact: to whom it turns.
        reader: the same, as texts see them.
        about: in words what it is about.
        now: the present instant.
    """
    kept = await chosen.find(connection, work.name)
    if kept is not None:
        return kept.chosen
    code = contact.municipality_code or work.municipality_code
    sent = await chosen.sent_to(connection, [contact.lead_id])
    occasion = Occasion(
        today=japan_day(now),
        role=reader.role,
        size_band=reader.size_band,
        municipality_code=code,
        stage=await phase_of(connection, code),
        policy_area=work.policy_area,
        about=about,
        sent_before=sent.get(contact.lead_id, frozenset()),
    )
    contents = await repository.of_kinds(connection, wanted.kinds)
    choice = StepContent(
        work.name,
        work.sequence_id,
        work.step_id,
        contact.lead_id,
        now,
        choose(wanted, contents, occasion),
    )
    return (await chosen.keep(connection, choice)).chosen
