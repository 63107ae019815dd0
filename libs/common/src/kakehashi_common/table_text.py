"""The text of a table that a person saved: UTF-8, CP932 of spreadsheets, ISO-2022-JP of mails."""

import codecs

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ISO_2022_JP = b"\x1b$"
"""Begins kanji; no other encoding of tables has an escape character."""
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_THREE_BYTES = "\u0800"
"""The first character that takes three bytes in UTF-8; kana and kanji come later."""


class EncodingError(ValueError):
    """Bytes in another encoding, or damaged. The message is a sentence that names the fix."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"the file {reason}: save it as UTF-8")
        self.line = line
        """The first line at fault, from 1."""


def decode_table(raw: bytes) -> str:
    """Return the text of a file in UTF-8 (with a byte order mark or none), CP932 or ISO-2022-JP.

    CP932 reads nearly all bytes, and Japanese in a damaged UTF-8 file as other characters. A file
    is damaged UTF-8 when it has more kana and kanji in UTF-8 than twice its mistakes.

    Raises:
        EncodingError: it is in another encoding, or damaged.
    """
    if raw.startswith(_UTF_16):
        raise EncodingError("is UTF-16", 1)
    if _ISO_2022_JP in raw:
        try:
            return raw.decode("iso2022_jp_ext")
        except UnicodeDecodeError as error:
            raise EncodingError("is damaged ISO-2022-JP (JIS)", _line(raw, error)) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line(raw, error)
    lenient = raw.decode("utf-8-sig", "replace")
    mistakes = lenient.count(_REPLACED)
    if sum(each >= _THREE_BYTES for each in lenient) - mistakes > 2 * mistakes:
        raise EncodingError("holds bytes that are not UTF-8", line)
    try:
        return raw.decode("cp932")
    except UnicodeDecodeError as error:
        reason = "is neither UTF-8 nor CP932 (Shift_JIS)"
        raise EncodingError(reason, _line(raw, error)) from None


def _line(raw: bytes, error: UnicodeDecodeError) -> int:
    return raw.count(b"\n", 0, error.start) + 1
