"""A sentence of our own mails does not count as the wish of whoever quotes it, marked or not."""

import pytest

from followup.domain.inbox.classified import MailKind
from followup.domain.inbox.own_words import without_ours
from followup.inbox.reading import read
from tests.support.incoming_mails import CLASSIFIER, RECEIVED, mail

WISH = "以前に配信停止をお願いしますとご返信された方にも、改めてお送りしています。"
OURS = f"""\
{{{{ addressee }}}}

{{{{ sender_company }}}}の{{{{ sender_name }}}}です。
来年度に向けたご検討が始まる時期かと存じます。{WISH}
{{% if size_band == 'under_50k' %}}
小さな自治体の例をお送りします。
{{% endif %}}
"""


@pytest.mark.parametrize(
    "quoted",
    [
        WISH,
        f": {WISH[:20]}\n: {WISH[20:]}",
        f"{WISH[:17]}\n　　{WISH[17:]}",
        f"差出人 株式会社かけはし\n件名 ご案内\n\nご検討が始まる時期かと存じます。{WISH}",
        f"いただいたメールの『{WISH}』の件です。",
        f"| {WISH}",
        WISH.replace("、", "，"),
    ],
)
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("ありがとうございます。検討します。", MailKind.ANSWER),
        ("今後の配信は不要です。", MailKind.OPT_OUT),
    ],
)
def test_what_we_have_written_is_not_what_they_say(quoted: str, words: str, kind: MailKind) -> None:
    for text in (f"{words}\n\n{quoted}", f"{words}\n{quoted}\n佐藤", f"{quoted}\n{words}"):
        found = CLASSIFIER.classify(read(mail(text)), RECEIVED, [OURS])
        assert found.kind == kind, (text, found.evidence)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("配信停止をお願いします。", "配信停止をお願いします。"),
        ("検討します。", "検討します。"),
        (f"はい。{WISH}いいえ。", "はい。\n\n。いいえ。"),
        (WISH, ""),
        ("小さな自治体の例を\n> お送りします", ""),
    ],
)
def test_only_whole_sentences_of_ours_are_taken_out(text: str, left: str) -> None:
    assert without_ours(text, [OURS]).strip("。") == left.strip("。")
