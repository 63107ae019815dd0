"""A simulation as a picture: the weeks' flow, a strip for each step, and each member's share."""

from typing import Final

from handoff.domain.measures.labels import STEPS
from handoff.domain.measures.rounds import Step
from handoff.simulation.player import Played
from handoff.simulation.results import MemberResult, Results
from handoff.simulation.terminal_report import away, rate
from kakehashi_common.pictures.lettering import shortened
from kakehashi_common.pictures.palette import (
    BAND,
    EDGE,
    INK,
    MUTED,
    NOTICE,
    NOTICE_EDGE,
    RULE,
    STRIPE,
)
from kakehashi_common.pictures.scene import Run, Scene

_WIDTH: Final = 1180.0
_MARGIN: Final = 24.0
_NAMES: Final = 96.0
_LEFT: Final = _MARGIN + _NAMES
_RIGHT: Final = _WIDTH - _MARGIN
_TOP: Final = 104.0
_STRIP: Final = 58.0
_BAR: Final = 34.0
"""The highest bar of a strip."""
_LINE: Final = 34.0
_SHARES: Final = (300.0, 720.0)
"""Where the bars of shares begin and end at most."""


def quarter_svg(played: Played, results: Results) -> str:
    """Return the picture."""
    scene, high = quarter_scene(played, results)
    row = results.whole
    told = (
        f"引き継ぎ{row.rounds}件、受諾率{rate(row.acceptance)}、期限遵守{rate(results.kept(row))}"
    )
    return scene.svg((_WIDTH, high), played.scenario.title, told, "ja")


def quarter_scene(played: Played, results: Results) -> tuple[Scene, float]:
    """Return the picture while it is drawn, for whoever checks its texts, and its height."""
    scene = Scene("handoff-quarter")
    first, last = played.scenario.span.first.monday, played.scenario.span.last.sunday
    scene.text(_MARGIN, 34, Run(played.scenario.title, 19, bold=True))
    row = results.whole
    scene.text(
        _MARGIN,
        62,
        Run(
            f"{first.year}年{first.month}月{first.day}日〜{last.month}月{last.day}日　"
            f"引き継ぎ {row.rounds}件　受諾率 {rate(row.acceptance)}　"
            f"期限遵守 {rate(results.kept(row))}",
            12.5,
            MUTED,
        ),
    )
    bottom = _weeks(scene, results)
    return scene, _shares(scene, played, results, bottom + 40)


def _weeks(scene: Scene, results: Results) -> float:
    """Draw the strips and return where they end."""
    strips = {STEPS[step]: [each.flow[step].reached for each in results.weeks] for step in Step}
    strips["離脱"] = [each.lost for each in results.weeks]
    most = max(max(counts) for counts in strips.values())
    column = (_RIGHT - _LEFT) / len(results.weeks)
    for number, week in enumerate(results.weeks):
        middle = _LEFT + column * (number + 0.5)
        monday = week.week.monday
        scene.text(
            middle, _TOP - 12, Run(f"{monday.month}/{monday.day}", 11.5, MUTED), anchor="middle"
        )
    for line, (name, counts) in enumerate(strips.items()):
        top = _TOP + line * _STRIP
        base = top + _STRIP - 6
        if line % 2 == 0:
            scene.rect(_MARGIN, top, _RIGHT, top + _STRIP, fill=STRIPE)
        scene.text(_MARGIN + 8, base - _BAR / 2, Run(name, 13.5, bold=True))
        fill, edge = (NOTICE, NOTICE_EDGE) if name == "離脱" else (BAND, EDGE)
        for number, count in enumerate(counts):
            middle = _LEFT + column * (number + 0.5)
            high = _BAR * count / most if most else 0.0
            if count:
                wide = min(column * 0.6, 44)
                scene.rect(
                    middle - wide / 2, base - high, middle + wide / 2, base, fill=fill, stroke=edge
                )
            shown = Run(str(count), 12, INK if count else RULE)
            scene.text(middle, base - high - 9, shown, anchor="middle")
    return _TOP + len(strips) * _STRIP


def _shares(scene: Scene, played: Played, results: Results, top: float) -> float:
    """Draw what each member got against what the member was entitled to; return the height."""
    scene.text(_MARGIN, top, Run("担当者ごとの割り当て", 15, bold=True))
    note = Run("帯：割り当て　縦線：本来の持ち分", 12, MUTED)
    scene.text(_SHARES[0], top, note)
    left, right = _SHARES
    most = max((max(each.assigned, each.entitled) for each in results.members), default=0) or 1
    for line, each in enumerate(results.members):
        middle = top + 36 + line * _LINE
        name = results.names.member(each.member_id)
        team = results.names.teams[each.team_id]
        text = shortened(f"{name}（{team}）", 13, left - _MARGIN - 16)
        scene.text(_MARGIN, middle, Run(text, 13))
        if each.assigned:
            end = left + (right - left) * each.assigned / most
            scene.rect(left, middle - 10, end, middle + 10, fill=BAND, stroke=EDGE)
        entitled = left + (right - left) * each.entitled / most
        scene.line(entitled, middle - 14, entitled, middle + 14, stroke=INK, stroke_width=2)
        told = shortened(_told(played, results, each), 12, _RIGHT - right - 20)
        scene.text(right + 20, middle, Run(told, 12, MUTED))
    return top + 36 + len(results.members) * _LINE + 8


def _told(played: Played, results: Results, member: MemberResult) -> str:
    leaves = played.scenario.members[member.member_id].leaves
    gone = away(played.members[member.member_id], leaves)
    told = f"{member.assigned}件 / {member.entitled:.1f}件"
    if member.row:
        told += f"　受諾率 {rate(member.row.acceptance)}　遵守 {rate(results.kept(member.row))}"
    return f"{told}　{gone}" if gone else told
