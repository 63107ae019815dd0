"""DKIM, verified by dkimpy's verifier with DNS given by the test."""

from base64 import b64encode

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from followup.delivery.composing import compose
from followup.delivery.signing import DkimKey, sign
from tests.support.outgoing_mails import MAIL, outgoing

RSA = rsa.generate_private_key(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()


def rsa_key(form: PrivateFormat = PrivateFormat.PKCS8, domain: str = "example.jp") -> DkimKey:
    return DkimKey(domain, "r1", RSA.private_bytes(Encoding.PEM, form, NoEncryption()))


ED_KEY = DkimKey(
    "mail.example.jp",
    "e1",
    b64encode(ED25519.private_bytes_raw()),
    "ed25519-sha256",
)


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    del timeout
    der = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        b"r1._domainkey.example.jp.": b"v=DKIM1; k=rsa; p=" + b64encode(der),
        b"e1._domainkey.mail.example.jp.": b"v=DKIM1; k=ed25519; p="
        + b64encode(ED25519.public_key().public_bytes_raw()),
    }.get(name)


def verified(data: bytes, index: int = 0) -> bool:
    return bool(dkim.DKIM(data).verify(idx=index, dnsfunc=dns))


@pytest.mark.parametrize(
    "key",
    [rsa_key(), rsa_key(PrivateFormat.TraditionalOpenSSL), ED_KEY],
    ids=lambda key: key.selector,
)
def test_a_signature_is_verified(key: DkimKey) -> None:
    assert verified(sign(compose(MAIL), [key]))


def test_two_keys_make_two_signatures() -> None:
    data = sign(compose(MAIL), [rsa_key(), ED_KEY])
    assert verified(data, 0)
    assert verified(data, 1)


def test_what_a_recipient_relies_on_is_signed() -> None:
    signature = dkim.DKIM(sign(compose(outgoing(in_reply_to="<1@x.example.jp>")), [rsa_key()]))
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
    data = sign(compose(MAIL), [rsa_key()])
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
    assert "PRIVATE" not in repr(rsa_key())
