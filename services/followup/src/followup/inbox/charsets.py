"""Bytes of mails as text: what Japanese mail programs write, and what they declare by mistake.

The codecs of Python know ISO-2022-JP as it was standardised. Mail programs write more in it: the
signs of Windows (① ㈱ 髙), half-width kana, JIS X 0213. Each of its two-byte sets is read by the
codec that knows the set's signs, byte by byte.
"""

import re
from typing import Final

_ESCAPE: Final = re.compile(rb"\x1b(\$\([A-Z]|\$[@AB]|\([A-Z]|\$\)[A-Z]|[&!][@-~]|N|\.[A-F])")
_TWO_BYTES: Final = re.compile(rb"[\x21-\x7e]{2}", re.DOTALL)
_SHIFT: Final = re.compile(rb"[\x0e\x0f]")

_JIS_X_0208: Final = (b"$@", b"$B", b"$(B")
_EUC_SETS: Final = {
    b"$(D": (b"\x8f", "euc_jp"),  # JIS X 0212
    b"$(O": (b"", "euc_jis_2004"),  # JIS X 0213, plane 1
    b"$(Q": (b"", "euc_jis_2004"),
    b"$(P": (b"\x8f", "euc_jis_2004"),  # plane 2
}
_HALF_WIDTH_KANA: Final = b"(I"
_EIGHTH_BIT: Final = bytes(
    byte | 0x80 if byte in range(0x21, 0x60) else byte for byte in range(256)
)
"""Where Shift_JIS has the kana of JIS X 0201."""

_NAMES: Final = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "cp932": "cp932",
    "ms932": "cp932",
    "shift_jis-2004": "shift_jis_2004",
    "euc-jp": "euc_jis_2004",
    "eucjp": "euc_jis_2004",
    "x-euc-jp": "euc_jis_2004",
    "eucjp-ms": "euc_jis_2004",
    "cp51932": "euc_jis_2004",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
}
_SAY_NOTHING: Final = ("us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252", "unknown-8bit")
"""Declared by programs that don't know what they send."""
_NO_TEXT_CODECS: Final = ("utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode")
"""Codecs of Python that no mail is written in, or that hide what it says."""

_JAPANESE: Final = re.compile(r"[ぁ-んァ-ヶー一-龥、。々〇]")
_TELLING: Final = 40
"""Bytes from which on a text of nothing but half-width kana means that a codec is wrong."""
_RARE: Final = re.compile(r"[ｦ-ﾟ\x80-\xa0\ue000-\uf8ff]")
"""Signs that a wrong codec shows: half-width kana, controls, private use."""


def decode(data: bytes, declared: str | None = None) -> str:
    """Return ``data`` as text, by what it is rather than by what is declared.

    What no codec can read becomes U+FFFD. It never raises.
    """
    name = (declared or "").strip().strip("\"'").lower()
    if b"\x1b" in data and _ESCAPE.search(data):
        return _iso_2022_jp(data)
    if data.isascii() and not name.startswith(("utf-16", "utf-32")):
        return data.decode("ascii")
    as_utf8 = _utf_8(data)
    if as_utf8 is not None and (name in ("", *_SAY_NOTHING) or _JAPANESE.search(as_utf8)):
        return as_utf8
    if name and name not in _SAY_NOTHING:
        codec = _NAMES.get(name, name)
        for each in (codec, "euc_jp") if codec == "euc_jis_2004" else (codec,):
            text = _strict(data, each)
            if text is not None and (len(data) < _TELLING or _likeliness(text) >= 0):
                return text
    return _guessed(data, name)


def _utf_8(data: bytes) -> str | None:
    """Return ``data`` as UTF-8 if it is that, cut off or damaged too."""
    text = data.decode("utf-8-sig", "replace")
    return text if text.count("\ufffd") <= len(_JAPANESE.findall(text)) else None


def _guessed(data: bytes, declared: str) -> str:
    found = (_strict(data, codec) for codec in ("cp932", "euc_jis_2004", "euc_jp"))
    likely = max((text for text in found if text is not None), key=_likeliness, default=None)
    if likely is not None and _likeliness(likely) > 0:
        return likely
    if declared in _SAY_NOTHING:
        return data.decode("cp1252", "replace")
    # Cut off or damaged: the codec that loses least.
    broken = [data.decode(codec, "replace") for codec in ("utf-8", "cp932", "euc_jis_2004")]
    return max(broken, key=lambda text: _likeliness(text) - 2 * text.count("\ufffd"))


def _likeliness(text: str) -> int:
    return len(_JAPANESE.findall(text)) - 2 * len(_RARE.findall(text))


def _strict(data: bytes, codec: str) -> str | None:
    if codec in _NO_TEXT_CODECS:
        return None
    try:
        return data.decode(codec)
    except (LookupError, ValueError):  # an unknown name, or one of a codec that makes no text
        return None


def _iso_2022_jp(data: bytes) -> str:
    """Read ISO-2022-JP with everything that is found in it, also without the escape at the end."""
    pieces = _ESCAPE.split(data)
    texts = [_eight_bit(pieces[0])]
    for designated, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        texts.append(_in_set(designated, piece))
    return "".join(texts)


def _in_set(designated: bytes, piece: bytes) -> str:
    if designated in _JIS_X_0208 or designated in _EUC_SETS:
        # A line's end returns to ASCII (RFC 1468), also where the escape was lost.
        line, end, rest = piece.partition(b"\n")
        return _two_byte_text(designated, line) + (end + rest).decode("ascii", "replace")
    if designated == _HALF_WIDTH_KANA:
        return piece.translate(_EIGHTH_BIT).decode("cp932", "replace")
    return _eight_bit(piece)


def _two_byte_text(designated: bytes, line: bytes) -> str:
    texts, position = [], 0
    for found in _TWO_BYTES.finditer(line):
        texts.append(_eight_bit(line[position : found.start()]))
        texts.append(_sign(designated, *found[0]))
        position = found.end()
    texts.append(_eight_bit(line[position:]))
    return "".join(texts)


def _sign(designated: bytes, row: int, cell: int) -> str:
    if designated in _EUC_SETS:
        prefix, codec = _EUC_SETS[designated]
        return (prefix + bytes((row | 0x80, cell | 0x80))).decode(codec, "replace")
    return _as_cp932(row, cell).decode("cp932", "replace")


def _as_cp932(row: int, cell: int) -> bytes:
    """Return the bytes in Shift_JIS of a sign of JIS X 0208 (JIS X 0208:1997, annex 1)."""
    rows, odd = divmod(row - 0x21, 2)
    lead = 0x81 + rows
    trail = cell - 0x21 + (0x9F if odd else 0x40)
    if lead in range(0xA0, 0xC0):  # the half-width kana lie between
        lead += 0x40
    if not odd and trail in range(0x7F, 0x9E):  # DEL is left out
        trail += 1
    return bytes((lead, trail))


def _eight_bit(piece: bytes) -> str:
    """Read what stands outside two-byte sets: ASCII, or half-width kana by its eighth bit or SO."""
    if b"\x0e" not in piece:
        return piece.decode("cp932", "replace")
    texts = []
    shifted = False
    for run in _SHIFT.split(piece):
        texts.append(_in_set(_HALF_WIDTH_KANA, run) if shifted else run.decode("cp932", "replace"))
        shifted = not shifted
    return "".join(texts)
