"""Keys that sign mails in tests, and the DNS that publishes them."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from followup.delivery.signing import DkimKey

_RSA: Final = rsa.generate_private_key(65537, 2048)
_ED25519: Final = Ed25519PrivateKey.generate()


def rsa_key(form: PrivateFormat = PrivateFormat.PKCS8, domain: str = "example.jp") -> DkimKey:
    """Return the RSA key as a setting of ``domain``."""
    return DkimKey(domain, "r1", _RSA.private_bytes(Encoding.PEM, form, NoEncryption()))


RSA_KEY: Final = rsa_key()
ED25519_KEY: Final = DkimKey(
    "mail.example.jp", "e1", b64encode(_ED25519.private_bytes_raw()), "ed25519-sha256"
)


def publishing(key_file: Path, domain: str, selector: str) -> Callable[..., bytes | None]:
    """Return the DNS that publishes the RSA key in a file, as dkimpy asks."""
    key = load_pem_private_key(key_file.read_bytes(), None).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    known = {f"{selector}._domainkey.{domain}.".encode(): b"v=DKIM1; k=rsa; p=" + b64encode(der)}
    return lambda name, timeout=5: known.get(name)  # noqa: ARG005 - as it asks


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    """Answer for DNS, as dkimpy asks."""
    del timeout
    der = _RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        b"r1._domainkey.example.jp.": b"v=DKIM1; k=rsa; p=" + b64encode(der),
        b"r1._domainkey.mail.example.jp.": b"v=DKIM1; k=rsa; p=" + b64encode(der),
        b"e1._domainkey.mail.example.jp.": b"v=DKIM1; k=ed25519; p="
        + b64encode(_ED25519.public_key().public_bytes_raw()),
    }.get(name)
