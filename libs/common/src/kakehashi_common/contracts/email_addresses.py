"""Addresses of mail, as a browser's form takes them: ASCII, and no comment or quotation mark."""

from typing import Annotated, Final

from pydantic import Field

_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PATTERN: Final = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*$"
"""Source: HTML Living Standard, "valid email address", without what RFC 5321 has no room for."""

EmailAddress = Annotated[
    str, Field(max_length=254, pattern=_PATTERN, examples=["hanako.sato@example.jp"])
]
"""An address that can stand in a header as it is."""
