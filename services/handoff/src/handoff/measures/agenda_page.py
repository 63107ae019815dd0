"""The agenda of the weekly meeting on one printed A4 page, in Japanese."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from handoff.domain.handoff.labels import CLOCKS, OUTCOMES, fact_names
from handoff.domain.handoff.rejections import REASONS
from handoff.domain.measures.agenda import Agenda, Rest
from handoff.domain.measures.labels import STATUSES
from handoff.domain.measures.rounds import Round
from handoff.measures.flow_picture import flow_svg, title
from handoff.measures.names import Names
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.domain.budget_phases import BUDGET_PHASES_JA
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.pictures.svg import element, markup

T = TypeVar("T")

_MOST: Final = {
    "late": 7,
    "rejected": 6,
    "returned": 4,
    "waking": 4,
    "decided": 4,
    "rated_low": 4,
    "open": 6,
}
"""Lines of each list, so that all of them fit on the page; the JSON has every one."""

_STYLE: Final = """
@page { size: A4 portrait; margin: 10mm }
body { font: 8.5pt/1.35 'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic',Meiryo,
  sans-serif; color: #1b2733; max-width: 190mm; margin: 0 auto }
svg { display: block; width: 100%; height: auto; max-height: 56mm }
h1 { position: absolute; left: -999em }
h2 { font-size: 9.5pt; margin: 1.6mm 0 .6mm; border-bottom: .3mm solid #2b6496 }
h2 small { font-weight: normal; color: #52606d }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { text-align: left; padding: .25mm 1mm .25mm 0; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; border-bottom: .1mm solid #e3e8ee }
th { font-weight: normal; color: #52606d }
p { margin: .4mm 0; color: #52606d }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 5mm }
"""

_TWO: Final = {"class": "two"}

Row = Sequence[str]


def agenda_page(agenda: Agenda, names: Names, team: str | None, now: datetime) -> str:
    """Return the page as HTML: no script, no request to anything else, every text escaped."""
    heading = title(agenda.week, team)
    body = (
        element("h1", markup(heading)),
        flow_svg(agenda, team),
        _late(agenda, names),
        _rejected(agenda, names),
        element("div", _returned(agenda, names), _waking(agenda, names), **_TWO),
        element("div", _decided(agenda, names), _rated_low(agenda, names), **_TWO),
        _open(agenda, names),
        element(
            "p",
            markup(
                f"{_moment(now)}現在。期限超過・差し戻し・再開予定・対応中は現在の状況、"
                "そのほかはこの週の出来事です。"
            ),
        ),
    )
    head = (
        '<meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width"/>'
        + element("title", markup(heading))
        + element("style", _STYLE)
    )
    document = element("html", element("head", head), element("body", *body), lang="ja")
    return f"<!DOCTYPE html>\n{document}\n"


def _late(agenda: Agenda, names: Names) -> str:
    return _section(
        "late",
        "期限超過",
        {"自治体": 24, "期限": 17, "超過している対応": 25, "対応者": 17, "引き継ぎ元": 17},
        agenda.late,
        lambda each: (
            _place(each.round),
            _moment(each.due_at),
            CLOCKS[each.clock],
            names.member(each.member_id, "チーム"),
            names.member(each.round.subject.sender),
        ),
    )


def _rejected(agenda: Agenda, names: Names) -> str:
    return _section(
        "rejected",
        "見送り",
        {"自治体": 24, "理由": 30, "見送った人": 15, "引き継ぎ元": 15, "日時": 16},
        agenda.rejected,
        lambda each: (
            _place(each.round),
            REASONS[each.rejection.reason].label
            + ("（受諾後）" if each.rejection.after_acceptance else ""),
            names.member(each.rejection.member_id),
            names.member(each.round.subject.sender),
            _moment(each.rejection.at),
        ),
    )


def _returned(agenda: Agenda, names: Names) -> str:
    return _section(
        "returned",
        "差し戻し中",
        {"自治体": 30, "補足する人": 22, "不足している情報": 48},
        agenda.returned,
        lambda each: (
            _place(each.round),
            names.member(each.round.subject.sender),
            fact_names(each.missing_facts),
        ),
    )


def _waking(agenda: Agenda, names: Names) -> str:
    return _section(
        "waking",
        "まもなく再開",
        {"自治体": 34, "再開日（早まる段階）": 42, "引き継ぎ元": 24},
        agenda.waking,
        lambda each: (
            _place(each.round),
            _until(each.rest),
            names.member(each.round.subject.sender),
        ),
    )


def _decided(agenda: Agenda, names: Names) -> str:
    return _section(
        "decided",
        "商談の結果",
        {"自治体": 46, "結果": 24, "担当": 30},
        agenda.decided,
        lambda each: (_place(each.round), OUTCOMES[each.outcome], names.member(each.round.owner)),
    )


def _rated_low(agenda: Agenda, names: Names) -> str:
    return _section(
        "rated_low",
        "低い評価",
        {"評価": 8, "評価者": 24, "理由": 68},
        agenda.rated_low,
        lambda each: (
            str(each.score),
            names.member(each.by),
            each.reason,
        ),
    )


def _open(agenda: Agenda, names: Names) -> str:
    counts = Counter(each.status for each in agenda.open)
    told = "、".join(f"{STATUSES[status]} {count}件" for status, count in counts.most_common())
    return _section(
        "open",
        "対応中（長く止まっている順）",
        {"自治体": 24, "状態": 25, "いつから": 17, "担当": 17, "引き継ぎ元": 17},
        agenda.open,
        lambda each: (
            _place(each.round),
            STATUSES[each.status],
            _moment(each.since),
            names.member(each.round.owner),
            names.member(each.round.subject.sender),
        ),
        told,
    )


def _section(
    name: str,
    heading: str,
    columns: Mapping[str, int],
    items: Sequence[T],
    row: Callable[[T], Row],
    told: str = "",
) -> str:
    number = element("small", markup(f"{len(items)}件{'：' + told if told else ''}"))
    parts = [element("h2", markup(heading), " ", number)]
    if not items:
        return element("section", *parts, element("p", "ありません。"))
    most = _MOST[name]
    head = element(
        "tr",
        *(element("th", markup(each), style=f"width:{wide}%") for each, wide in columns.items()),
    )
    lines = (
        element("tr", *(element("td", markup(cell)) for cell in row(each))) for each in items[:most]
    )
    parts.append(element("table", head, *lines))
    if len(items) > most:
        parts.append(element("p", markup(f"ほか{len(items) - most}件")))
    return element("section", *parts)


def _place(round_: Round) -> str:
    return municipality_name(round_.subject.municipality_code)


def _until(rest: Rest) -> str:
    phase = f"（{BUDGET_PHASES_JA.get(rest.phase, rest.phase)}）" if rest.phase else ""
    return f"{rest.until.month}月{rest.until.day}日{phase}"


def _moment(at: datetime) -> str:
    local = at.astimezone(JAPAN)
    return f"{local.month}月{local.day}日{local.hour}:{local.minute:02}"
