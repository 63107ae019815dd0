"""DKIM, verified by dkimpy's verifier with DNS given by the test."""

import dkim
import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from followup.delivery.composing import compose
from followup.delivery.signing import DkimKey, sign
from tests.support.dkim_keys import ED25519_KEY, RSA_KEY, dns, rsa_key
from tests.support.outgoing_mails import MAIL, outgoing


def verified(data: bytes, index: int = 0) -> bool:
    return bool(dkim.DKIM(data).verify(idx=index, dnsfunc=dns))


@pytest.mark.parametrize(
    "key",
    [RSA_KEY, rsa_key(PrivateFormat.TraditionalOpenSSL), ED25519_KEY],
    ids=lambda key: key.selector,
)
def test_a_signature_is_verified(key: DkimKey) -> None:
    assert verified(sign(compose(MAIL), [key]))


def test_two_keys_make_two_signatures() -> None:
    data = sign(compose(MAIL), [RSA_KEY, ED25519_KEY])
    assert verified(data, 0)
    assert verified(data, 1)


def test_what_a_recipient_relies_on_is_signed() -> None:
    signature = dkim.DKIM(sign(compose(outgoing(in_reply_to="<1@x.example.jp>")), [RSA_KEY]))
    assert signature.verify(dnsfunc=dns)
    assert {
        *(b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references"),
        *(b"list-unsubscribe", b"list-unsubscribe-post", b"mime-version", b"content-type"),
    } <= set(signature.include_headers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe: <https://mail.", b"List-Unsubscribe: <https://evil."),
        (b"One-Click\r\n", b"One-Clack\r\n"),
        (b"Date: Mon, 30", b"Date: Mon, 23"),
        (b"Message-ID:", b"Subject: another\r\nMessage-ID:"),
        (b"Message-ID:", b"From: a@evil.example.jp\r\nMessage-ID:"),
        (b"Message-ID:", b"List-Unsubscribe: <https://evil.example.jp>\r\nMessage-ID:"),
    ],
)
def test_a_changed_or_added_header_breaks_it(old: bytes, new: bytes) -> None:
    data = sign(compose(MAIL), [RSA_KEY])
    assert old in data
    assert not verified(data.replace(old, new, 1))


def test_a_key_of_another_domain_or_no_key_is_a_wrong_setting() -> None:
    with pytest.raises(ValueError, match=r"of ample\.jp can't sign"):
        sign(compose(MAIL), [rsa_key(domain="ample.jp")])
    for key in (
        DkimKey("example.jp", "r1", b"no key"),
        DkimKey("example.jp", "e1", b"AAAA", "ed25519-sha256"),
    ):
        with pytest.raises(ValueError, match="can't be used"):
            sign(compose(MAIL), [key])


def test_a_private_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(RSA_KEY)
