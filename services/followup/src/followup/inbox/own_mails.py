"""Read the texts of our own mails of a thread, which an answer may repeat."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.playbooks.templates import Template, TemplateKind
from followup.playbooks.service import Playbooks
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.errors import DomainError


async def texts_of_thread(database: Database, playbooks: Playbooks, message_id: str) -> list[str]:
    """Return what the mails of a sequence may have said, by the Message-ID of one of them.

    These are the templates of its playbook, and the texts that a person has changed or added to.

    Raises:
        TransientError: the database is unavailable.
    """
    async with database.transaction() as connection:
        raw = await driver_connection(connection)
        sequence = await raw.fetchrow(
            "select sequence_id, playbook_id, playbook_version from mail_attempt "
            "join sequence using (sequence_id) where message_id = $1",
            message_id,
        )
        if sequence is None:
            return []
        templates = await _templates(
            playbooks, connection, sequence["playbook_id"], sequence["playbook_version"]
        )
        approved = await raw.fetch(
            "select coalesce(edited_text, text) as text, passages from approval "
            "where sequence_id = $1",
            sequence["sequence_id"],
        )
    texts = [
        variant.body
        for template in templates
        if template.kind is TemplateKind.MAIL
        for variant in template.variants
    ]
    for row in approved:
        texts += [row["text"], *msgspec.convert(row["passages"], dict[str, str]).values()]
    return texts


async def _templates(
    playbooks: Playbooks, connection: AsyncConnection, playbook_id: str, version: int
) -> tuple[Template, ...]:
    try:
        return (await playbooks.find(connection, playbook_id, version)).templates
    except DomainError:  # there is no such version: a mail is read without it
        return ()
