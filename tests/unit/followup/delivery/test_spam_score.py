"""SpamAssassin's score of the mails that the shipped playbooks send."""

import mailbox
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from followup.delivery.composing import compose
from followup.delivery.signing import sign
from followup.domain.message_ids import message_id
from followup.domain.playbooks.audience import SizeBand
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.templates import Formality, Reader, TemplateKind
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
    "reason_source": "総務省告示第12号（2026年11月20日）",
    "content.title": "窓口の待ち時間を短くした取り組み",
    "content.url": "https://www.example.jp/cases/14",
    "content.passage": "予約制にしたところ、朝の混雑がなくなりました。",
    "content.source": "当社導入事例集12頁",
}


def readers(playbook: Playbook) -> Iterator[Reader]:
    """Yield everybody whom a playbook addresses, those of unknown size included."""
    bands = playbook.audience.size_bands or {None, *SizeBand}
    for role, band, formality in product(playbook.audience.roles, bands, Formality):
        yield Reader(role, band, formality)


def mails(playbook: Playbook) -> dict[tuple[str, str, int, SizeBand | None], bytes]:
    """Return each text that somebody may get as a signed mail; equal ones once."""
    facts = {slot.name: Fact(Decimal(1_234), "実証の測定") for slot in playbook.facts}
    made = {}
    seen = set()
    for template in playbook.templates:
        if template.kind is not TemplateKind.MAIL:
            continue
        fill_ins = {each.name: "先日のお打ち合わせでの課題" for each in template.fill_ins}
        for reader in readers(playbook):
            variant = template.variant(reader)
            assert variant is not None
            text = render(playbook, template, reader, VALUES, facts, fill_ins)
            if (text.subject, text.text) in seen:
                continue
            seen.add((text.subject, text.text))
            index = template.variants.index(variant)
            identity = message_id(playbook.id, f"{template.name}-{len(seen)}", "mail.example.jp")
            mail = outgoing(message_id=identity, subject=text.subject, text=text.text)
            name = (playbook.id, template.name, index, reader.size_band)
            made[name] = sign(compose(mail), [RSA_KEY])
    return made


@pytest.mark.skipif(SPAMASSASSIN is None, reason="Debian's package spamassassin is not installed")
def test_the_shipped_mails_get_less_than_two_points(tmp_path: Path) -> None:
    assert SPAMASSASSIN is not None
    playbooks = [read_playbook(text, Limits()) for text in shipped().values()]
    judged = {name: mail for each in playbooks for name, mail in mails(each).items()}
    every_variant = {
        (playbook.id, template.name, index)
        for playbook in playbooks
        for template in playbook.templates
        if template.kind is TemplateKind.MAIL
        for index in range(len(template.variants))
    }
    assert every_variant == {name[:3] for name in judged}
    box = mailbox.mbox(tmp_path / "mails")
    for mail in judged.values():
        box.add(mail)
    box.close()
    answer = subprocess.run(  # one process for all: most of its time goes into its start
        # Without the network, and without what this machine has learned.
        [SPAMASSASSIN, "--local", "--test-mode", "--cf=use_bayes 0", "--mbox", tmp_path / "mails"],
        capture_output=True,
        check=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    ).stdout.decode("utf-8", "replace")
    scores = [float(each) for each in SCORE.findall(answer)]
    points = dict(zip(judged, scores, strict=True))
    assert {name: score for name, score in points.items() if score >= POINTS} == {}
