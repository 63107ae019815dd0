"""One-click unsubscribing (RFC 8058): tokens that say nothing, and the page for people.

A POST to the link opts out. A GET only shows a page with a button: scanners of mails follow links.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import unquote

ONE_CLICK: Final = "List-Unsubscribe=One-Click"
"""The body that a mail program posts (RFC 8058, 3.1); the page's button posts it too."""

_SUBJECT: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_IN_LINK: Final = re.compile(r"[^A-Za-z0-9_-]{0,20}([A-Za-z0-9_-]{1,300})")
_ENCODED_TWICE: Final = 2
_MAC_BYTES: Final = 16
_LEAST_KEY_BYTES: Final = 32
_PURPOSE: Final = b"followup unsubscribe\0"


class UnsubscribeTokens:
    """Makes and reads the tokens of the links.

    A token never expires, since an opt-out must be possible however old the mail: to whom a mail
    went is kept when its sequence is purged.

    Args:
        keys: of HMAC-SHA256, of 32 bytes or more; the first one signs, all are accepted, so that a
            key can be replaced.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) < _LEAST_KEY_BYTES for key in keys):
            raise ValueError(f"give at least one key of {_LEAST_KEY_BYTES} bytes or more")
        self._keys = tuple(keys)

    def token(self, subject: str) -> str:
        """Return the token of whom an id means: of letters, digits, ``.``, ``_`` and ``-``.

        Raises:
            ValueError: it has other characters: an address or a name must not stand in a link.
        """
        if not _SUBJECT.fullmatch(subject):
            raise ValueError("a token is made for an id, not for an address or a name")
        return _encoded(_mac(self._keys[0], subject) + subject.encode())

    def subject(self, token: str) -> str | None:
        """Return whom a token means; ``None`` if we didn't make it."""
        try:
            data = base64.b64decode(
                token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
            )
            mac, subject = data[:_MAC_BYTES], data[_MAC_BYTES:].decode("ascii")
        except (UnicodeError, binascii.Error):
            return None
        if not _SUBJECT.fullmatch(subject) or _encoded(data) != token:
            return None
        known = [hmac.compare_digest(mac, _mac(key, subject)) for key in self._keys]
        return subject if any(known) else None


def token_in(rest: str) -> str:
    """Return what may be the token in the rest of a link, behind the page's own path.

    Mail programs and gateways take a bracket, a full stop or what follows it for a part of the
    link, add a slash or parameters, or encode it once more.
    """
    for _ in range(_ENCODED_TWICE):
        rest = unquote(rest)
    found = _IN_LINK.match(rest)
    return "" if found is None else found[1]


def confirmation_page(sender_name: str) -> str:
    """Return the page that a GET shows. Its form posts to the page's own URL."""
    return _page(
        "配信停止の確認",
        f"<p>{escape(sender_name)}からのメールの配信を停止します。よろしいですか。</p>\n"
        f'<form method="post"><input type="hidden" name="{ONE_CLICK.partition("=")[0]}" '
        f'value="{ONE_CLICK.partition("=")[2]}">\n'
        '<button type="submit">配信を停止する</button></form>\n'
        '<p lang="en">Press the button to receive no further mails from this sender.</p>',
    )


def done_page(sender_name: str) -> str:
    """Return the page that a POST shows."""
    return _page(
        "配信を停止しました",
        f"<p>{escape(sender_name)}からのメールの配信を停止しました。今後はお送りしません。</p>\n"
        '<p lang="en">You will receive no further mails from this sender.</p>',
    )


def unknown_page() -> str:
    """Return the page for a link that we didn't make."""
    return _page(
        "リンクを確認できません",
        "<p>このリンクは正しくないか、途中で切れています。"
        "お手数ですが、メールに「配信停止」と書いてご返信いただくか、"
        "メールに記載の連絡先へご連絡ください。</p>\n"
        '<p lang="en">This link is not valid. Please answer the mail with the word unsubscribe, '
        "or contact us as it says.</p>",
    )


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; line-height: 1.8; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color: #222 }}
h1 {{ font-size: 1.4rem }}
button {{ font: inherit; padding: .6rem 1.6rem; border: 0; border-radius: .3rem; background: #1f5fa8; color: #fff; cursor: pointer }}
[lang=en] {{ color: #666; font-size: .9rem }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""  # noqa: E501 - a style is one line each


def _mac(key: bytes, subject: str) -> bytes:
    return hmac.digest(key, _PURPOSE + subject.encode(), "sha256")[:_MAC_BYTES]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
