"""A simulation on the screen, as a sales manager reads it, in Japanese."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.markup import escape
from rich.table import Table

from handoff.domain.handoff.labels import CLOCKS, LEVELS
from handoff.domain.handoff.terms import ClockName, Level
from handoff.domain.measures.durations import Durations
from handoff.domain.measures.labels import LOSSES, STATUSES, STEPS
from handoff.domain.measures.rounds import Step
from handoff.domain.teams.members import Member
from handoff.simulation.player import Played
from handoff.simulation.results import MemberResult, Results, WeekResult
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.japanese_writing import day
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.terminal import Console

LATE_SHOWN: Final = 15
"""The latest; the JSON has all."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def show(console: Console, played: Played, results: Results) -> None:
    """Print what the weeks came to."""
    span = played.scenario.span
    console.print(f"[bold]{escape(played.scenario.title)}[/]")
    console.print(
        f"{day(span.first.monday)}〜{day(span.last.sunday)}、シード{played.scenario.seed}",
        highlight=False,
    )
    _section(console, "週ごとの流れ", _weeks(results))
    console.print(
        "依頼〜受注・離脱はその週の出来事、受諾率・期限遵守はその週に始まった引き継ぎの結果です。",
        style="dim",
    )
    _section(console, "全体", _whole(results))
    _section(console, "期限と報告", _clocks(results))
    _section(console, "担当者ごとの割り当て", _members(played, results))
    _section(console, "見送り・離脱の理由", _losses(results))
    _section(console, "期限に遅れた対応", _late(results))
    if (more := len(results.late) - LATE_SHOWN) > 0:
        console.print(
            f"遅れの大きい順に{LATE_SHOWN}件。ほか{more}件（--json で全件）。", style="dim"
        )
    _section(console, "期末の状況", _end(played, results))


def rate(found: Proportion) -> str:
    """Return ``12/15（80%）``; of too few only the numbers."""
    share = "" if found.rate is None else f"（{found.rate:.0%}）"
    return f"{found.count}/{found.n}{share}" if found.n else "–"


def away(member: Member, leaves: object) -> str:
    """Say when a member is away, or leaves."""
    spans = [f"{_short(each.starts)}〜{_short(each.ends - _DAY)}不在" for each in member.absences]
    return "、".join([*spans, *([f"{leaves:%-m/%-d}退職"] if leaves else [])])


def _section(console: Console, heading: str, table: Table) -> None:
    console.print()
    console.rule(f"[bold]{heading}", align="left")
    console.print(table if table.row_count else "ありません。")


def _table(*columns: str, numbers: Sequence[str] = (), header: bool = True) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", show_header=header
    )
    for each in columns:
        table.add_column(each, justify="right" if each in numbers else "left", overflow="fold")
    return table


def _weeks(results: Results) -> Table:
    steps = [STEPS[step] for step in Step]
    table = _table(
        "週", "営業日", *steps, "離脱", "受諾率", "期限遵守", numbers=["営業日", *steps, "離脱"]
    )
    for each in results.weeks:
        table.add_row(
            f"{each.week.monday:%-m/%-d}〜",
            str(_business_days(each)),
            *(str(passage.reached) for passage in each.flow),
            str(each.lost),
            rate(each.row.acceptance),
            rate(results.kept(each.row)),
        )
    return table


def _business_days(week: WeekResult) -> int:
    return sum(week.week.monday + n * _DAY in BUSINESS_DAYS for n in range(7))


def _whole(results: Results) -> Table:
    row = results.whole
    table = _table("", "", header=False)
    interval = row.acceptance.interval
    sure = f"、95%区間 {interval.low:.0%}〜{interval.high:.0%}" if interval else ""
    table.add_row("引き継ぎ", f"{row.rounds}件（うち進行中 {row.open}件）")
    table.add_row("受諾率", f"{rate(row.acceptance)}{sure}")
    table.add_row("期限遵守", rate(results.kept(row)))
    table.add_row("受諾まで", _hours(row.time_to_accept))
    table.add_row("初回連絡まで", _hours(row.time_to_contact))
    unanswered = f"、未回答 {row.leads_unanswered}件" if row.leads_unanswered else ""
    table.add_row("リードへの初回回答まで", _hours(row.lead_response) + unanswered)
    for each in row.transitions:
        following = STEPS[Step(each.step + 1)]
        table.add_row(f"{STEPS[each.step]}→{following}", rate(each.went_on))
    return table


def _hours(found: Durations) -> str:
    if found.business is None:
        return "–"
    hours = found.business
    return f"中央値 {hours.median:.1f}営業時間、9割が {hours.p90:.1f}営業時間以内（{found.n}件）"


def _clocks(results: Results) -> Table:
    levels = (Level.REMINDER, Level.LEAD, Level.MANAGER)
    told = ["リマインド", *(f"{LEVELS[each]}へ" for each in levels[1:])]
    table = _table("対応", "期限内", *told, numbers=told)
    for name in ClockName:
        if name in results.whole.clocks:
            counts = (str(results.told.get((name, level), 0)) for level in levels)
            table.add_row(CLOCKS[name], rate(results.whole.clocks[name]), *counts)
    return table


def _members(played: Played, results: Results) -> Table:
    numbers = ("割り当て", "本来の持ち分", "差")
    table = _table(
        "担当者", "チーム", *numbers, "受諾率", "期限遵守", "受注", "", numbers=(*numbers, "受注")
    )
    for each in results.members:
        leaves = played.scenario.members[each.member_id].leaves
        table.add_row(
            escape(results.names.member(each.member_id)),
            escape(results.names.teams[each.team_id]),
            str(each.assigned),
            f"{each.entitled:.1f}",
            f"{round(each.assigned - each.entitled, 1) + 0.0:+.1f}",  # no -0.0
            rate(each.row.acceptance) if each.row else "–",
            rate(results.kept(each.row)) if each.row else "–",
            str(_won(each)),
            away(played.members[each.member_id], leaves),
        )
    return table


def _won(member: MemberResult) -> int:
    [met] = (
        [each for each in member.row.transitions if each.step is Step.MET] if member.row else [None]
    )
    return met.went_on.count if met else 0


def _losses(results: Results) -> Table:
    table = _table("理由", "件数", "離脱した段階", numbers=("件数",))
    counts: Counter[str] = Counter()
    steps: dict[str, Counter[Step]] = {}
    for each in results.whole.transitions:
        for reason, count in each.lost.items():
            counts[reason] += count
            steps.setdefault(reason, Counter())[each.step] += count
    for reason, count in counts.most_common():
        where = "、".join(f"{STEPS[step]} {n}" for step, n in sorted(steps[reason].items()))
        table.add_row(LOSSES.get(reason, reason), str(count), where)
    return table


def _late(results: Results) -> Table:
    table = _table("期限", "自治体", "対応", "対応者", "遅れ", "経過", numbers=("遅れ",))
    latest = sorted(results.late, key=lambda each: -each.by)[:LATE_SHOWN]
    for each in latest:
        table.add_row(
            _moment(each.run.due_at),
            municipality_name(each.round.subject.municipality_code),
            CLOCKS[each.run.name],
            escape(results.names.member(each.who, "チーム")),
            f"{each.by / _HOUR:.1f}時間",
            each.why,
        )
    return table


def _end(played: Played, results: Results) -> Table:
    table = _table("", "", header=False)
    statuses = Counter(each.status for each in results.agenda.open)
    table.add_row("対応中", _counted(f"{STATUSES[it]} {n}件" for it, n in statuses.most_common()))
    table.add_row("差し戻し中", f"{len(results.agenda.returned)}件")
    table.add_row("2週間以内に再開", f"{len(results.agenda.waking)}件")
    late = Counter(each.clock for each in results.agenda.late)
    table.add_row("期限を超過中", _counted(f"{CLOCKS[it]} {n}件" for it, n in late.most_common()))
    table.add_row("担当が変わった後に届いた回答", f"{len(played.refused)}件（受け付けず）")
    return table


def _counted(told: Iterable[str]) -> str:
    return "、".join(told) or "なし"


def _short(at: datetime) -> str:
    return f"{at.astimezone(JAPAN):%-m/%-d}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(JAPAN):%-m/%-d %-H:%M}"
