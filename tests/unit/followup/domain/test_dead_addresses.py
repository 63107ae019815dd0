"""Refusals that mean that an address doesn't exist."""

import pytest

from followup.domain.delivery.dead_addresses import address_is_dead


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", ""),
        ("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist."),
        ("5.1.2", "550 5.1.2 bad destination system"),
        ("5.1.3", ""),
        ("5.1.6", ""),
        ("5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled."),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied."),
        ("5.0.0", "550 Unknown user"),
        ("5.1.0", "550 5.1.0 Address rejected: no such user"),
        (None, "550 <jiro@ezweb.example.jp>: User unknown"),
        (None, "Unknown user: hanako@docomo.example.jp"),
        (None, "550 Invalid recipient: <taro@softbank.example.jp>"),
        (None, "554 delivery error: dd This user doesn't have a yahoo.example.jp account"),
        (None, "unrouteable address"),
        (None, "Sorry, no mailbox here by that name."),
        (None, "宛先のメールアドレスが存在しません。"),
        (None, "入力した電子メール アドレスが見つかりませんでした。"),
        (None, "理由: 宛先不明"),
        (None, "このメールアドレスは現在使用されておりません。"),
    ],
)
def test_an_address_that_is_said_not_to_exist_is_dead(status: str | None, words: str) -> None:
    assert address_is_dead(status, words)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, ""),
        ("5.0.0", "550 5.0.0 message looks like spam"),
        ("5.1.0", "550 5.1.0 <sales@mail.example.jp>: Sender address rejected: not found"),
        ("5.1.1", "550 5.1.1 rejected as spam"),
        ("5.1.4", ""),
        ("5.1.7", "553 5.1.7 bad sender's mailbox address"),
        ("5.1.8", "553 5.1.8 Domain of sender address does not exist"),
        ("5.2.1", "550 5.2.1 The user is receiving mail at a rate that prevents further messages"),
        ("5.2.2", ""),
        ("5.2.3", "552 5.2.3 message exceeds fixed maximum message size"),
        ("5.4.1", "550 5.4.1 no answer from host"),
        ("5.4.4", "550 5.4.4 Host or domain name not found"),
        ("5.7.1", "554 5.7.1 user unknown"),
        (None, "552 Mailbox full"),
        (None, "User has exceeded mailbox quota"),
        (None, "blocked using zen.spamhaus.example"),
        (None, "550 Requested action not taken: mailbox unavailable"),
        (None, "宛先のメールボックスの容量が一杯のため配信できませんでした"),
        (None, "メールのサイズが制限を超えています"),
        (None, "迷惑メールと判定されたため、受信を拒否しました"),
        (None, "受信拒否の設定がされています。"),
        (None, "送信元アドレスが存在しません"),
    ],
)
def test_in_doubt_an_address_may_live(status: str | None, words: str) -> None:
    assert not address_is_dead(status, words)
