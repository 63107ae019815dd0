"""What SpamAssassin thinks of the mails that the shipped playbooks send."""

import mailbox
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from followup.delivery.composing import compose
from followup.delivery.signing import sign
from followup.domain.message_ids import message_id
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.templates import Reader, Template, TemplateKind
from followup.playbooks.reading import read_playbook, shipped
from followup.playbooks.templates import Fact, render
from tests.support.dkim_keys import RSA_KEY
from tests.support.outgoing_mails import outgoing

SPAMASSASSIN = shutil.which("spamassassin")
POINTS = 2.0
SCORE = re.compile(r"^X-Spam-Status: \w+, score=(\S+)", re.MULTILINE)
VALUES = {
    "organisation": "桐生市",
    "department": "情報政策課",
    "contact_title": "係長",
    "contact_name": "佐藤花子",
    "sender_company": "株式会社かけはし",
    "sender_name": "山田太郎",
    "signature": "株式会社かけはし 公共営業部\n山田太郎\n電話 03-0000-0000",
    "product": "窓口予約システム",
    "policy_area": "窓口業務の改善",
    "fiscal_year": "令和9年度",
    "reason_day": "10月30日",
    "material_url": "https://www.example.jp/materials/1",
    "meeting_url": "https://www.example.jp/meetings/1",
    "week": "3",
}


def signed(playbook: Playbook, template: Template) -> bytes:
    facts = {slot.name: Fact(Decimal(1_234), "実証の測定") for slot in playbook.facts}
    fill_ins = {each.name: "先日のお打ち合わせでの課題" for each in template.fill_ins}
    reader = Reader(min(playbook.audience.roles))
    text = render(playbook, template, reader, VALUES, facts, fill_ins)
    mail = outgoing(
        message_id=message_id(playbook.id, template.name, "mail.example.jp"),
        subject=text.subject,
        text=text.text,
    )
    return sign(compose(mail), [RSA_KEY])


@pytest.mark.skipif(SPAMASSASSIN is None, reason="Debian's package spamassassin is not installed")
def test_the_shipped_mails_get_less_than_two_points(tmp_path: Path) -> None:
    assert SPAMASSASSIN is not None
    playbooks = [read_playbook(text, Limits()) for text in shipped().values()]
    mails = {
        (playbook.id, template.name): signed(playbook, template)
        for playbook in playbooks
        for template in playbook.templates
        if template.kind is TemplateKind.MAIL
    }
    box = mailbox.mbox(tmp_path / "mails")
    for each in mails.values():
        box.add(each)
    box.close()
    judged = subprocess.run(
        # Without the network, and without what this machine has learned.
        [SPAMASSASSIN, "--local", "--test-mode", "--cf=use_bayes 0", "--mbox", tmp_path / "mails"],
        capture_output=True,
        check=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    ).stdout.decode("utf-8", "replace")
    scores = [
        float(each)
        for each in re.findall(r"^X-Spam-Status: \w+, score=(\S+)", judged, re.MULTILINE)
    ]
    assert len(scores) == len(mails) > len(playbooks) // 2
    assert {name: score for name, score in zip(mails, scores, strict=True) if score >= POINTS} == {}
