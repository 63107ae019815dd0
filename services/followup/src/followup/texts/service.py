"""Render the text of a step for its recipient."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from followup.contacts.audience import as_audience
from followup.contacts.repository import Contact
from followup.domain.contents.choice import ChosenContent
from followup.domain.playbooks.experiment import Variant
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import Approval, MailStep
from followup.playbooks.fact_sheets import facts_of
from followup.playbooks.templates import CONTENT, Rendered, render, variables_of
from followup.sellers.free_slots import offered_slots
from followup.sellers.repository import Seller, seller_of
from followup.sellers.service import unknown_seller
from followup.sequences.messages import StepWork
from followup.settings import SenderSettings
from followup.texts.beginnings import beginning_of
from followup.texts.choosing import about_of, chosen_content
from followup.texts.readers import reader_of
from followup.texts.recipients import recipient_of
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.db import RawConnection
from kakehashi_common.reads import together

_FISCAL_YEAR_BEGINS: Final = 4
"""April."""
_REIWA: Final = 2018
"""Years of Reiwa count from 2019."""


@dataclass(frozen=True, slots=True)
class StepText:
    """The text of a step, and its recipient."""

    contact: Contact
    seller: Seller
    rendered: Rendered
    variant: Variant | None
    """Of the playbook's experiment."""
    content: ChosenContent | None = None
    """The entry of the catalogue that it quotes."""


async def step_text(
    connection: RawConnection,
    work: StepWork,
    playbook: Playbook,
    sender: SenderSettings,
    now: datetime,
    decided: str | None = None,
) -> StepText | None:
    """Return the text of the present step; ``None``: it has no template.

    The content that it wants is chosen when this visit of the step is first rendered, and kept.

    Args:
        connection: of a transaction.
        work: the step.
        playbook: whose step it is.
        sender: the details of the company that every text shows.
        now: the present instant.
        decided: the recipient that was decided on before, by lead.

    Raises:
        DomainError: there is nobody to say it to (see
            :func:`~followup.texts.recipients.recipient_of`), the seller is unknown
            (``unknown_seller``), or the text can't be made (see
            :func:`~followup.playbooks.templates.render`).
    """
    step = playbook.step(work.step_id)
    template = playbook.text_of(step, work.lead_id)
    if template is None:
        return None
    contact = await recipient_of(connection, work.lead_id, step, decided)
    seller, beginning, facts = await together(
        lambda *found: found,
        seller_of(work.owner),
        beginning_of(work.sequence_id),
        facts_of(contact.municipality_code or work.municipality_code),
    ).fetch(connection)
    if seller is None:
        raise unknown_seller(work.owner)
    audience = as_audience(contact.role, contact.municipality_code, department=contact.department)
    reader = reader_of(audience, playbook)
    values = _values(work, contact, seller, sender, japan_day(now))
    values["reason_source"] = beginning.source
    if "meeting_slots" in variables_of(template):
        asked = not isinstance(step, MailStep) or step.approval is Approval.REQUIRED
        values["meeting_slots"] = await offered_slots(
            connection, seller.seller_id, now, approved_first=asked
        )
    content = None
    if template.content is not None:
        about = about_of(beginning.text, work.policy_area, sender)
        chosen = await chosen_content(
            connection, work, template.content, contact, reader, about, now
        )
        if chosen and not template.content.offered:
            content = chosen[0]
            values |= _content_values(content)
    rendered = render(playbook, template, reader, values, facts, {})
    return StepText(contact, seller, rendered, playbook.variant(work.lead_id), content)


def _content_values(chosen: ChosenContent) -> dict[str, str]:
    return {f"content.{name}": getattr(chosen.content, name) or "" for name in CONTENT}


def _values(
    work: StepWork, contact: Contact, seller: Seller, sender: SenderSettings, today: date
) -> dict[str, str]:
    """Return a value for each variable, empty if it is not known."""
    return {
        "organisation": municipality_name(contact.municipality_code or work.municipality_code),
        "department": contact.department or "ご担当部署",
        "contact_name": contact.person_name or "",
        "sender_company": sender.company,
        "sender_name": seller.name,
        "signature": seller.signature,
        "product": sender.product,
        "policy_area": sender.name_of(work.policy_area),
        "fiscal_year": fiscal_year_of_next_budget(work.good_until or today),
        "reason_day": "" if (day := work.good_until) is None else f"{day.month}月{day.day}日",
        "material_url": sender.material_url or "",
        "meeting_url": sender.meeting_url or "",
        "week": str(work.week),
        "mailed_before": "yes" if work.in_reply_to else "",
    }


def fiscal_year_of_next_budget(on: date) -> str:
    """Return the fiscal year whose budget is being made on a day, such as ``令和9年度``."""
    year = on.year + (on.month >= _FISCAL_YEAR_BEGINS)
    return f"令和{year - _REIWA}年度"
