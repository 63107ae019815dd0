"""Identifiers of a person as they are compared, however they were typed."""

import re
import unicodedata
from typing import Final

_ABROAD: Final = re.compile(r"^\s*\+81[\s-]*\(?0?\)?")
_EXTENSION: Final = re.compile(r"(内線|ext).*$", re.IGNORECASE)


def comparable_email(email: str) -> str:
    """Return ``email`` in lower case and half width, without spaces around it.

    Providers may tell ``Taro@`` from ``taro@``; none is known to (common practice).
    """
    return unicodedata.normalize("NFKC", email).strip().lower()


def comparable_phone(phone: str) -> str:
    """Return the digits of a Japanese telephone number as dialled within Japan.

    ``+81 277-46-1111`` and ``０２７７（４６）１１１１ 内線 123`` are the same number: an extension
    is a desk, not a line of its own.
    """
    text = _EXTENSION.sub("", unicodedata.normalize("NFKC", phone))
    return re.sub(r"[^0-9]", "", _ABROAD.sub("0", text))


def comparable_name(name: str) -> str:
    """Return ``name`` in its usual width and without spaces: ``桐生　太郎`` is ``桐生太郎``."""
    return "".join(unicodedata.normalize("NFKC", name).split())
