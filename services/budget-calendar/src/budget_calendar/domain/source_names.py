"""Names of the sources that this service cites, in Japanese and English.

An estimate's ``source`` is one string, stored and published. What people entered, statutes and
addresses stand in it as they are; the phrases that this service itself writes are English, and are
translated where people read them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kakehashi_common.domain.texts import Text

_BETWEEN: Final = "; "
"""Stands between the rule and what it was applied to."""
_DERIVED: Final = "common practice: "

_JAPANESE: Final[Mapping[str, str]] = {
    "common practice": "一般的な慣行",
    "common practice of cities": "市の一般的な慣行",
    "published by a prefecture, 2016": "県の公表資料（2016年）",
    "usual length of the session": "定例会の通常の会期",
    "end of term on record": "登録された任期満了日",
    "default by days from the budget's submission to the election": (
        "予算提出から選挙までの日数による目安"
    ),
    "common practice, no statistics": "一般的な慣行（統計なし）",
    "概算要求, end of August": "概算要求（8月末）",
    "政府予算案, late December": "政府予算案（12月下旬）",
    "Chiba 8 Oct, Sakai mid-Oct, Shibuya mid–late Aug": (
        "千葉市10月8日、堺市10月中旬、渋谷区8月中旬〜下旬"
    ),
    "Tondabayashi early Oct": "富田林市10月上旬",
    "Shibuya 15 Sep, Chiba 31 Oct, Sakai early Nov, Tondabayashi early Nov": (
        "渋谷区9月15日、千葉市10月31日、堺市11月上旬、富田林市11月上旬"
    ),
    "Tondabayashi: deputy mayor late Dec–mid Jan": "富田林市の副市長査定12月下旬〜1月中旬",
    "Chiba mid-Jan, Tondabayashi mid–late Jan, Sakai early Feb": (
        "千葉市1月中旬、富田林市1月中旬〜下旬、堺市2月上旬"
    ),
    "Tondabayashi late Jan": "富田林市1月下旬",
}

_ORIGINS: Final[Mapping[str, str]] = {
    "quotes are collected until September": "参考見積の収集は9月まで",
    "in the session around September": "9月頃の定例会で審議",
    "three weeks before the vote": "議決の3週間前",
    "two to four weeks before the session, until its notice names the bills": (
        "臨時会の2〜4週間前、付議事件が告示されるまで"
    ),
    "results are in before the request": "要求までに結果をまとめる",
    "two weeks before the request": "要求の2週間前",
    "four weeks before the request": "要求の4週間前",
    "small requests until the end of January": "少額の要求は1月末まで",
    "consent of the finance section within two weeks": "財政課の同意は2週間以内",
    "a quote is attached to the request": "要求に見積を添付",
    "the session after the election": "選挙後の定例会",
    "a month before requests close": "要求締切の1か月前",
    "two months before quotes": "参考見積の2か月前",
    "two weeks before the quote": "参考見積の2週間前",
    "before the submission": "議会への提出前",
    "notice to contract, after the money is secured": "予算確保後、公告から契約まで",
    "the council votes on the contract in its next session": "次の定例会で契約を議決",
    "the wanted term, from the likely start": "開始見込日から希望の契約期間",
}
"""After ``common practice: ``."""

_MEASURED_COUNCILS: Final[Mapping[str, str]] = {
    "towns and villages": "町村",
    "cities under 50,000": "人口5万人未満の市",
    "cities of 50,000 to 300,000": "人口5万〜30万人の市",
}


def _predicted(found: re.Match[str]) -> str:
    first, last = found["first"], found["last"] or found["first"]
    years = f"{first}年" if first == last else f"{first}〜{last}年"
    return f"{years}の定例会{found['sessions']}回の実績による予測"


def _measured(found: re.Match[str]) -> str | None:
    councils = _MEASURED_COUNCILS.get(found["kind"])
    if councils is None:
        return None
    return f"{councils}の一般的な慣行（{found['councils']}議会・{found['days']}件の日程を実測）"


_PATTERNS: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]]] = (
    (
        re.compile(
            r"predicted from (?P<sessions>\d+) observed sessions?, "
            r"(?P<first>\d{4})(?:–(?P<last>\d{4}))?"
        ),
        _predicted,
    ),
    (
        re.compile(
            r"common practice of (?P<kind>[\w, ]+) "
            r"\((?P<councils>\d+) councils, (?P<days>\d+) days\)"
        ),
        _measured,
    ),
)


def source_text(source: str) -> Text:
    """Return a source as it is shown: what is not of this service is the same in both languages."""
    japanese = "；".join(_in_japanese(part) for part in source.split(_BETWEEN))
    return Text(ja=japanese if japanese != source.replace(_BETWEEN, "；") else source, en=source)


def _in_japanese(part: str) -> str:
    if part in _JAPANESE:
        return _JAPANESE[part]
    derived = part.removeprefix(_DERIVED)
    if derived != part:
        origin = _ORIGINS.get(derived)
        return part if origin is None else f"{_JAPANESE['common practice']}：{origin}"
    for pattern, japanese in _PATTERNS:
        found = pattern.fullmatch(part)
        if found:
            return japanese(found) or part
    return part
