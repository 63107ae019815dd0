"""Quoted history: what a mail program puts below, above or between what the person wrote."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

_QUOTED_LINE: Final = re.compile(r"^[ \t]{0,3}[>＞|｜]")
_SEPARATOR: Final = re.compile(
    r"^[ \t>]*[-_=*－―─━]{2,}[ \t]*"
    r"(?:original message|forwarded message|forwarded by|begin forwarded|reply message|"
    r"(?:以下、?)?元の?(?:メッセージ|メール)|引用|"
    r"転送メッセージ|転送されたメッセージ|転送メール|返信元|受信メール|オリジナルメッセージ|"
    r"original appointment|メッセージの引用)",
    re.IGNORECASE,
)
_NAMED_SEPARATOR: Final = re.compile(
    r"^[ \t]*(?:[-_=*－―─━]{2,}+.{1,120}?(?:さん[はが]書きました|さんの書き込み"
    r"|さんの(?:メッセージ|メール)|さんからの(?:メッセージ|メール)|wrote)"
    r"[ \t:：]*[-_=*－―─━]{2,}"
    r"|[【\[](?:元の?(?:メッセージ|メール)|引用元?|返信元)[】\]]"
    r"|>{3}[ \t].{1,120}?\d{4}.{0,60}>{3})[ \t]*$",
    re.IGNORECASE,
)
"""Of groupware: the writer's name between rules (Garoon), a word in brackets, GroupWise."""
_RULE: Final = re.compile(r"^[ \t]*[-_=*－―─━]{8,}[ \t]*$")
_FORWARDED: Final = re.compile(r"^[ \t]*begin forwarded message", re.IGNORECASE)

_HEADER_NAMES: Final = (
    ("from", "差出人", "送信者", "発信者", "送信元"),
    ("sent", "date", "送信日時", "日時", "送信日", "日付"),
    ("to", "宛先", "送信先", "cc", "subject", "件名", "題名", "タイトル"),
)
_HEADER: Final = tuple(
    re.compile(rf"^[ \t*]*(?:{'|'.join(names)})[ \t*]*[:：]", re.IGNORECASE)
    for names in _HEADER_NAMES
)
_HEADERS_WITHIN: Final = 6
"""Lines in which sender, date and a third header stand together."""

_NEAR: Final = 10
"""Lines in which, empty ones aside, a quotation follows the line that says who wrote it."""

_A_DATE: Final = r"(?:\d{4}|\d{1,2}月\d{1,2}日|\d{1,2}:\d{2})"
_ATTRIBUTION: Final = re.compile(
    rf"^[ \t]*(?:on\b.{{0,200}}\bwrote"
    rf"|.{{0,120}}{_A_DATE}.{{0,200}}(?:wrote|のメール|は(?:こう)?書きました|さんは書きました|さん(?:が|の)?(?:書き|メッセージ)|に書きました"
    r"|<[^<>\s]{1,64}@[^<>\s]{1,253}>)"
    r"|.{1,120}(?:さんは(?:書きました|書いています)|wrote|writes|のメッセージ))"
    r"[ \t]*(?:[:：>＞]|\.{3})[ \t]*$",
    re.IGNORECASE,
)
_BROKEN_ATTRIBUTION: Final = re.compile(
    r"^[ \t]*(?:on\b.{0,120}\d{4}|.{0,40}\d{4}[-/年].{0,120})", re.IGNORECASE
)
_LONGEST_LINE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Cut:
    """A text without its history.

    Args:
        text: what is left, without white space around it.
        has_history: whether anything was cut.
    """

    text: str
    has_history: bool


def cut_history(text: str) -> Cut:
    """Cut what a mail program quoted: marked lines anywhere, and all from its separator on.

    A person's lines between quoted ones and below them stay.
    """
    lines = text.splitlines()
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _history_begins(lines, number):
            return Cut(_joined(kept), has_history=True)
        if not _QUOTED_LINE.match(line):
            kept.append(line)
            continue
        _drop_attribution(kept)
    return Cut(_joined(kept), has_history=len(kept) < len(lines))


def _history_begins(lines: list[str], number: int) -> bool:
    """Whether the rest is history that isn't marked line by line."""
    line = lines[number]
    if len(line) > _LONGEST_LINE:
        return False
    if any(each.match(line) for each in (_SEPARATOR, _NAMED_SEPARATOR, _FORWARDED)):
        return True
    if _HEADER[0].match(line) or _HEADER[1].match(line):
        return _are_headers(lines[number : number + _HEADERS_WITHIN])
    if _RULE.match(line):
        following = [each for each in lines[number + 1 : number + 4] if each.strip()][:1]
        return bool(following) and _HEADER[0].match(following[0]) is not None
    if _is_attribution(lines, number):
        rest = (each for each in lines[number + 1 : number + 1 + _NEAR] if each.strip())
        following = list(islice(rest, 2))
        # Marked lines are cut one by one, so that an answer below them stays.
        return bool(following) and not any(_QUOTED_LINE.match(each) for each in following)
    return False


def _are_headers(lines: list[str]) -> bool:
    return all(any(name.match(line) for line in lines) for name in _HEADER)


def _is_attribution(lines: list[str], number: int) -> bool:
    line = lines[number]
    if _ATTRIBUTION.match(line):
        return True
    if number + 1 < len(lines) and _BROKEN_ATTRIBUTION.match(line):
        both = f"{line.rstrip()} {lines[number + 1].strip()}"
        return len(both) <= _LONGEST_LINE and _ATTRIBUTION.match(both) is not None
    return False


def _drop_attribution(kept: list[str]) -> None:
    """Drop the line above a quotation that says who wrote it, in one line or two."""
    near = range(len(kept) - 1, max(len(kept) - 1 - _NEAR, -1), -1)
    last = next((at for at in near if kept[at].strip()), -1)
    for first in (last - 1, last):
        if first >= 0 and _is_attribution(kept[first : last + 1], 0):
            del kept[first:]
            return


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()
