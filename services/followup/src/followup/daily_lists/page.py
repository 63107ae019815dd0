"""A daily list as one page, in Japanese, for a screen or one sheet of A4."""

from collections.abc import Mapping, Sequence
from typing import Final

from followup.daily_lists.wording import kind_of, notes_on, place_of, short_moment
from followup.domain.daily_lists import DailyList, Item, ItemKind
from kakehashi_common.domain.japanese_writing import day, moment
from kakehashi_common.pictures.svg import element, markup

_MOST_LATER: Final = 20
"""Lines of what is for later; the JSON has all."""

_STYLE: Final = """
@page { size: A4 portrait; margin: 12mm }
body { font: 15px/1.6 'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic',Meiryo,
  sans-serif; color: #1b2733; max-width: 54rem; margin: 1.5rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; margin: 0 }
h2 { font-size: 1rem; margin: 1.6rem 0 .4rem; border-bottom: 2px solid #2b6496 }
h2.late { border-color: #b3261e; color: #b3261e }
h2 small { font-weight: normal; color: #52606d }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th:nth-child(1) { width: 10.5rem }
th:nth-child(2) { width: 7rem }
th:nth-child(3) { width: 11rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid #e3e8ee }
th { font-weight: normal; color: #52606d; font-size: .85rem }
td.when { white-space: nowrap; font-variant-numeric: tabular-nums }
td.what { white-space: nowrap }
small.note { display: block; color: #52606d; overflow-wrap: anywhere }
p { color: #52606d; margin: .4rem 0 }
@media print { body { font-size: 11px; margin: 0 } }
"""


def daily_list_page(found: DailyList, names: Mapping[str, str]) -> str:
    """Return the page as HTML: no script, no request to anything else, every text escaped.

    Args:
        found: the list.
        names: of sellers, by id.
    """
    heading = f"{day(found.day)}の予定　{found.seller_name}"
    later = found.later[:_MOST_LATER]
    more = len(found.later) - len(later)
    body = [
        element("h1", markup(heading)),
        _section("届いた返信", found.answers, "受信", names, only_if_any=True),
        _section("期限を過ぎているもの", found.overdue, "期限", names, late=True, only_if_any=True),
        _section("承認をお待ちしているもの", found.approvals, "承認期限", names),
        _section("本日が期限のもの", found.today, "期限", names),
        _section("明日以降のもの", later, "期限", names, count=len(found.later)),
        element("p", markup(f"ほか{more}件")) if more else "",
        element("p", markup(f"{moment(found.at)}現在")),
    ]
    head = (
        '<meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width"/>'
        + element("title", markup(heading))
        + element("style", _STYLE)
    )
    document = element("html", element("head", head), element("body", *body), lang="ja")
    return f"<!DOCTYPE html>\n{document}\n"


def _section(
    heading: str,
    items: Sequence[Item],
    when: str,
    names: Mapping[str, str],
    *,
    late: bool = False,
    only_if_any: bool = False,
    count: int | None = None,
) -> str:
    if only_if_any and not items:
        return ""
    number = element("small", markup(f"{len(items) if count is None else count}件"))
    title = element("h2", markup(heading), " ", number, **({"class": "late"} if late else {}))
    if not items:
        return element("section", title, element("p", "ありません。"))
    head = element(
        "tr", *(element("th", markup(each)) for each in (when, "種類", "相手先", "内容"))
    )
    rows = (element("tr", *_cells(each, names)) for each in items)
    return element("section", title, element("table", head, *rows))


def _cells(item: Item, names: Mapping[str, str]) -> tuple[str, ...]:
    said = [*notes_on(item, names)]
    if item.kind is ItemKind.ANSWER:
        said.append(f"返信番号：{item.item_id}")
    notes = (element("small", markup(each), **{"class": "note"}) for each in said)
    return (
        element("td", markup(short_moment(item.due_at)), **{"class": "when"}),
        element("td", markup(kind_of(item)), **{"class": "what"}),
        element("td", markup(place_of(item))),
        element("td", markup(item.title or "（件名なし）"), *notes),
    )
