"""A mail to be sent, with what a test changes in it."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from followup.delivery.mails import OutgoingMail
from followup.delivery.unsubscribing import UnsubscribeTokens
from followup.domain.delivery.envelope_senders import EnvelopeSenders
from followup.domain.message_ids import message_id
from followup.domain.send_policy.footer import Footer
from kakehashi_common.domain.business_time import JAPAN

TOKENS: Final = UnsubscribeTokens([b"k" * 32])
SENDERS: Final = EnvelopeSenders("bounce+{token}@mail.example.jp", [b"k" * 32])
FORGED_SENDERS: Final = EnvelopeSenders("bounce+{token}@mail.example.jp", [b"o" * 32])
TOKEN: Final = TOKENS.token("contact-4711")
URL: Final = f"https://mail.example.jp/unsubscribe/{TOKEN}"

MAIL: Final = OutgoingMail(
    message_id=message_id("followup/renewal/lead-1/contract", "first", "mail.example.jp"),
    sender_name="株式会社かけはし 山田太郎",
    sender_address="sales@mail.example.jp",
    recipient_name="佐藤花子",
    recipient_address="hanako.sato@city.example.lg.jp",
    subject="【ご案内】令和9年度当初予算の要求に向けた参考資料（情報政策課 佐藤様）について",
    text="佐藤様\n\nお世話になっております。\n参考資料をお送りします。\nhttps://www.example.jp/a?b=1&c=2\n",
    footer=Footer(
        sender="株式会社かけはし",
        postal_address="〒100-0001 東京都千代田区千代田1-1",
        opt_out=URL,
        complaints="03-0000-0000",
    ),
    unsubscribe_url=URL,
    unsubscribe_address="unsubscribe@mail.example.jp",
    unsubscribe_token=TOKEN,
    sent_at=datetime(2026, 11, 30, 10, 0, tzinfo=JAPAN),
)


def outgoing(**changes: Any) -> OutgoingMail:
    """Return the mail, changed."""
    return replace(MAIL, **changes)
