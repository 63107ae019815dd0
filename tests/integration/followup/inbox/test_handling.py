"""Handling of mails while Temporal or a workflow of a contact doesn't answer."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import cast

import pytest

from followup.consents.service import Consents
from followup.domain.playbooks.checks import Limits
from followup.domain.triggers.reasons import ReasonLimit
from followup.inbox.handling import MailHandler
from followup.inbox.maildir import ArrivedMail
from followup.inbox.service import AT_ONCE, IncomingMails
from followup.occurrences.suppressing import suppress
from followup.opt_outs.service import OptOuts
from followup.playbooks.service import Playbooks
from followup.triggers.found_reasons import FoundReasons
from followup.triggers.reasons import Reasons
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.followup_api import Service
from tests.support.followup_examples import ADDRESS, ENTRY, know
from tests.support.incoming_mails import CLASSIFIER, RECEIVED, mail
from tests.support.outgoing_mails import TOKENS
from tests.support.troubled_sequences import TROUBLES, Troubled, store

OPT_OUT = "配信停止をお願いします。"
AWAY = "ただいま休暇をいただいております。2099年12月7日より出勤いたします。"


class NothingSent:
    """Opt-outs of an installation that has sent no mail yet."""

    async def opt_out_recipient(self, *_: object) -> bool:
        return False


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_many_mails_of_workflows_in_trouble_hold_up_no_other(
    followup_database: Database, trouble: Exception
) -> None:
    clock = FixedClock(RECEIVED)
    names = [f"crm-{number:03}" for number in range(AT_ONCE + 1)]
    in_trouble, other = names[:-1], names[-1]
    workflows = Troubled(dict.fromkeys(in_trouble, trouble))
    mails = IncomingMails(
        followup_database,
        CLASSIFIER,
        TOKENS,
        Playbooks(followup_database, Limits()),
        clock,
        kept_for=timedelta(days=400),
    )
    reasons = Reasons(followup_database, clock, ReasonLimit())
    handler = MailHandler(
        followup_database,
        mails,
        Consents(followup_database, clock, suppress),
        cast("OptOuts", NothingSent()),
        workflows.of(followup_database),
        FoundReasons(followup_database, reasons, clock),
        business_days=BUSINESS_DAYS,
    )
    for number, name in enumerate(names):
        await know(followup_database, name, f"{name}@x.example.jp")
        await store(followup_database, name, name)
        data = mail(OPT_OUT, sender=f"{name}@x.example.jp")
        at = RECEIVED + timedelta(seconds=number)
        await mails.take(ArrivedMail(data, sha256(data).hexdigest(), at))
    assert await handler.look() == 0
    assert await handler.look() == 1
    assert workflows.reached == [other]

    workflows.trouble.clear()
    assert await handler.look() == 0
    clock.instant += timedelta(minutes=2)
    assert await handler.look() == AT_ONCE
    assert sorted(workflows.reached) == names


@pytest.mark.parametrize(
    ("text", "arrived_earlier", "came_of_it"),
    [
        (AWAY, timedelta(0), (None, True)),
        (AWAY, timedelta(days=1), (None, False)),
        (OPT_OUT, timedelta(0), ("opted_out", False)),
        (OPT_OUT, timedelta(days=1), ("opted_out", False)),
    ],
    ids=["absence", "earlier absence", "opt-out", "earlier opt-out"],
)
async def test_a_mail_concerns_no_sequence_that_began_after_it_arrived_but_an_opt_out_does(
    at_work: Service, text: str, arrived_earlier: timedelta, came_of_it: tuple[str | None, bool]
) -> None:
    status = await at_work.call("POST", "/sequences", ENTRY)
    headers = {"Auto-Submitted": "auto-replied"} if text == AWAY else None
    data = mail(text, sender=ADDRESS, answers=None, headers=headers)
    at = datetime.now(UTC) - arrived_earlier
    await at_work.mails.incoming_mails.take(ArrivedMail(data, sha256(data).hexdigest(), at))

    assert await at_work.mails.mail_handler.look() == 1
    await at_work.occurrences.look()

    shown = await at_work.call("GET", f"/sequences/{status['sequence_id']}")
    assert (shown["end_reason"], shown["paused"]) == came_of_it
