"""Envelope senders name their mail to us, and to nobody else."""

import pytest

from followup.domain.delivery.envelope_senders import EnvelopeSenders
from followup.domain.message_ids import mail_name, message_id
from followup.settings import DeliverySettings

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
ADDRESS = "bounce+{token}@mail.example.jp"
OURS = message_id("s-1", "first", "mail.example.jp")
SENDERS = EnvelopeSenders(ADDRESS, [KEY])


def test_it_is_the_same_for_a_mail_however_often_it_is_sent_and_fits_a_local_part() -> None:
    sender = SENDERS.of(OURS)
    assert sender == SENDERS.of(OURS)
    assert sender != SENDERS.of(message_id("s-1", "second", "mail.example.jp"))
    assert len(sender.partition("@")[0]) <= 64


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (SENDERS.of(OURS), mail_name(OURS)),
        (SENDERS.of(OURS).upper(), mail_name(OURS)),
        (EnvelopeSenders(ADDRESS, [OTHER_KEY]).of(OURS), None),
        (SENDERS.of(OURS).replace("bounce+", "bounce+a")[:-1], None),
        (SENDERS.of(OURS).replace("mail.example.jp", "x.example.jp"), None),
        (SENDERS.of(OURS).replace("bounce+", "bounce+b", 1), None),
        ("bounce+" + "a" * 42 + "@mail.example.jp", None),
        ("sales@mail.example.jp", None),
        ("", None),
    ],
)
def test_only_what_we_made_names_a_mail(address: str, name: str | None) -> None:
    assert SENDERS.mail_name(["a@x.example.jp", address]) == name


def test_a_key_can_be_replaced() -> None:
    replaced = EnvelopeSenders(ADDRESS, [OTHER_KEY, KEY])
    assert replaced.mail_name([SENDERS.of(OURS)]) == mail_name(OURS)
    assert replaced.of(OURS) != SENDERS.of(OURS)


@pytest.mark.parametrize(
    "address",
    [
        "bounce@mail.example.jp",
        "bounce@{token}.example.jp",
        "{token}{token}@mail.example.jp",
        "bounce-of-a-mail-of-us+{token}@mail.example.jp",
        "bou nce+{token}@mail.example.jp",
        "{token}",
    ],
)
def test_a_setting_that_makes_no_addresses_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="envelope_sender"):
        DeliverySettings.model_validate({"envelope_sender": address})
