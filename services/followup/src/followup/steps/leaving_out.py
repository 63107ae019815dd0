"""Leave a step out that nothing can be made of, and say why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from followup.contacts.repository import Contact
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import MailStep
from followup.domain.send_policy.decision import RefusalReason
from followup.domain.sequences.commands import RefuseStep
from followup.playbooks.templates import VARIABLES
from followup.send_decisions import repository as send_decisions
from followup.send_decisions.repository import SendDecision, Stage
from followup.sequences.messages import StepWork
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text

NO_ADDRESS: Final = "no_address"
ERASED: Final = "erased_contact"
"""Of whom nothing more is kept."""

TEXTS: Final[Mapping[str, Text]] = {
    RefusalReason.REASON_OVER: Text(
        "きっかけの期日を過ぎています。", "The last day of what it is about is over."
    ),
    NO_ADDRESS: Text("メールアドレスが分かりません。", "No address is known."),
    "no_such_person": Text(
        "同じ部署に宛先となる方が登録されていません。",
        "Nobody in the department is known to turn to.",
    ),
    "approval_gone": Text("承認の記録が残っていません。", "Its approval is not kept any more."),
    "recipient_unknown": Text(
        "承認の記録に宛先がありません。", "Its approval does not say for whom it was given."
    ),
    "unknown_contact": Text(
        "この見込み客について何も届いていません。", "Nothing is known of the lead."
    ),
    ERASED: Text("個人情報が削除された方です。", "The person was erased."),
    "unknown_seller": Text(
        "差出人となる担当者が登録されていません。", "There is no seller in whose name it would go."
    ),
    "role_without_variant": Text(
        "宛先の役割に合う文面がありません。", "There is no text for the recipient's role."
    ),
    "line_break": Text(
        "差し込む値{value}に改行が含まれています。",
        "A value that belongs into the text{value} holds a line break.",
    ),
    "not_text": Text(
        "差し込む値{value}に使えない文字が含まれています。",
        "A value that belongs into the text{value} holds a character that no text may hold.",
    ),
}
"""Reasons for leaving a step out, by the code of the error; they hold no personal data.

``{value}`` is the name of the variable, where it is one.
"""


def address_of(contact: Contact) -> str:
    """Return a contact's address.

    Raises:
        DomainError: none is known (``no_address``).
    """
    if contact.email is None:
        raise DomainError(
            f"no address of lead {contact.lead_id} is known", field="lead_id", code=NO_ADDRESS
        )
    return contact.email


async def left_out(
    connection: RawConnection,
    work: StepWork,
    playbook: Playbook,
    stage: Stage,
    error: DomainError,
    now: datetime,
) -> RefuseStep:
    """Return that a step is left out, and keep why if it would have been a mail.

    Args:
        connection: of a transaction.
        work: the step.
        playbook: whose step it is.
        stage: where it came to an end.
        error: what stands in the way.
        now: the present instant.
    """
    text = text_of(error)
    if isinstance(playbook.step(work.step_id), MailStep) and error.code != ERASED:
        decision = SendDecision(
            sequence_id=work.sequence_id,
            attempt=work.attempt,
            stage=stage,
            step_id=work.step_id,
            lead_id=work.lead_id,
            decided_at=now,
            reason=error.code,
            goes_at=None,
            text=text,
        )
        await send_decisions.put(connection, decision)
    return RefuseStep(work.attempt, error.code, why=text.ja)


def text_of(error: DomainError) -> Text:
    """Return why a step is left out, in words without personal data."""
    if (text := TEXTS.get(error.code)) is None:
        return Text(
            f"この手順を用意できません（{error.code}）。", f"It can't be made: {error.code}."
        )
    meaning = VARIABLES.get(error.field or "", "").split("。", 1)[0]
    return Text(
        text.ja.format(value=f"（{meaning}）" if meaning else ""),
        text.en.format(value=f" ({error.field})" if meaning else ""),
    )
