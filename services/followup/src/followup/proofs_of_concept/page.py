"""A proof of concept on one printed A4 page, in Japanese."""

from decimal import Decimal
from typing import Final

from followup.domain.measures.labels import ROLES
from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.proof_of_concept import Conclusion, Outcome, Result
from followup.proofs_of_concept.service import Proof
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.domain.japanese_writing import day
from kakehashi_common.pictures.svg import element, markup

CONCLUSIONS: Final = {
    Conclusion.RUNNING: "実施中",
    Conclusion.REACHED: "すべての目標を達成",
    Conclusion.PARTLY: "一部の目標を達成",
    Conclusion.MISSED: "目標は未達成",
}
OUTCOMES: Final = {
    Outcome.REACHED: "達成",
    Outcome.MISSED: "未達成",
    Outcome.NOT_MEASURED: "未計測",
}
_STYLE: Final = """
@page { size: A4 landscape; margin: 12mm }
body { font: 10pt/1.5 'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic',Meiryo,
  sans-serif; color: #1b2733; max-width: 270mm; margin: 0 auto; padding: 4mm }
h1 { font-size: 15pt; margin: 0 0 2mm }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 5mm; margin: 0 0 5mm }
dt { color: #52606d }
dd { margin: 0 }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: .2mm solid #e3e8ee; padding: 1mm 1.5mm; text-align: right;
  white-space: nowrap }
th { color: #52606d; font-weight: normal }
th:first-child, td:first-child { text-align: left }
.reached { color: #2b6496; font-weight: bold }
p { color: #52606d; font-size: 9pt }
"""


def proof_page(proof: Proof) -> str:
    """Return the page as HTML: no script, no request to anything else, every text escaped."""
    agreed = proof.stored.agreed
    place = municipality_name(proof.stored.municipality_code)
    heading = f"実証実験の記録　{place}" if place else "実証実験の記録"
    roles = "、".join(ROLES[each] for each in Role if each in agreed.participants)
    facts = {
        "期間": f"{day(agreed.begins)}から{day(agreed.ends)}まで（{agreed.weeks}週間）",
        "参加者": roles,
        "確認済み": f"{len(proof.weekly)}／{agreed.weeks}週",
        "結果": CONCLUSIONS[proof.conclusion],
    }
    told = element(
        "dl",
        *(
            element("dt", markup(name)) + element("dd", markup(value))
            for name, value in facts.items()
        ),
    )
    note = (
        "現状値と目標値は開始前に合意した値です。判定は最後に計測した値によります。"
        "「−」は計測していない週です。"
    )
    body = element("h1", markup(heading)) + told + _table(proof) + element("p", note)
    head = (
        '<meta charset="utf-8"/><meta name="viewport" content="width=device-width"/>'
        + element("title", markup(heading))
        + element("style", _STYLE)
    )
    document = element("html", element("head", head), element("body", body), lang="ja")
    return f"<!DOCTYPE html>\n{document}\n"


def _table(proof: Proof) -> str:
    weeks = sorted(proof.weekly)
    columns = ["指標", "現状値", "目標値", *(f"第{week}週" for week in weeks), "判定"]
    head = element("tr", *(element("th", markup(each)) for each in columns))
    return element("table", head, *(_row(each, proof, weeks) for each in proof.results))


def _row(result: Result, proof: Proof, weeks: list[int]) -> str:
    metric = result.metric
    values = (proof.weekly[week].get(metric.name) for week in weeks)
    cells = (
        f"{metric.name}（{metric.unit}）",
        _number(metric.baseline),
        _number(metric.target),
        *("−" if value is None else _number(value) for value in values),
    )
    reached = "reached" if result.outcome is Outcome.REACHED else None
    outcome = element("td", markup(OUTCOMES[result.outcome]), **{"class": reached})
    return element("tr", *(element("td", markup(each)) for each in cells), outcome)


def _number(value: Decimal) -> str:
    return f"{value:,}"
