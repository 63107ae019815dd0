"""Money within the running budget: reallocation (流用) and reserve (予備費)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.days import in_words
from budget_calendar.domain.fiscal_years import first_day, japanese_name
from budget_calendar.domain.money import in_words as yen
from budget_calendar.domain.routes.initial_budget import joined
from budget_calendar.domain.routes.planning import (
    Planning,
    delivery,
    others_step,
    own_step,
    practice,
)
from budget_calendar.domain.routes.procurement import small_contract_ceiling
from budget_calendar.domain.routes.route import Reason, Route, RouteKind
from budget_calendar.domain.stages import Stage
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.texts import Text

_DECIDED_WITHIN: Final = timedelta(days=14)
"""From the department's request to the consent of the finance section (common practice)."""

_ASKED_BEFORE_START: Final = timedelta(days=35)
"""Request, consent and a small contract before the wanted start (common practice)."""

_PREPARED_WITHIN: Final = timedelta(days=7)
"""From the first talk to a quote (common practice)."""

_HOW: Final = {
    RouteKind.REALLOCATION: Text(
        ja="同じ項の中の執行残などを流用します。議決は不要です（地方自治法220条2項）。",
        en="Money left within the same budget section is moved; no vote is needed "
        "(地方自治法220条2項).",
    ),
    RouteKind.RESERVE: Text(
        ja="予備費の充当です。予測できなかった支出に限られ、議会が否決した使途には使えません"
        "（地方自治法217条）。",
        en="The reserve may pay it, but only if the need could not be foreseen, and never what "
        "the council rejected (地方自治法217条).",
    ),
}
_NAMES: Final = {
    RouteKind.REALLOCATION: Text(ja="流用", en="reallocation"),
    RouteKind.RESERVE: Text(ja="予備費の充当", en="reserve"),
}


def small_route(planning: Planning, kind: RouteKind, year: int) -> Route:
    """A small contract paid from the budget of ``year`` without a vote.

    Requests are taken until the end of January, so that the work is delivered and paid by
    31 March (common practice).
    """
    goal, today = planning.goal, planning.today
    name = _NAMES[kind]
    title = Text(ja=f"{japanese_name(year)}予算の{name.ja}", en=f"{name.en} in fiscal {year}")
    closes = date(year + 1, 1, 31)
    opens = max(first_day(year), today)
    wanted = goal.wanted_start - _ASKED_BEFORE_START
    asked = min(max(wanted, opens), closes)
    requested = practice(
        Window(min(opens, asked), asked, closes), "small requests until the end of January", 0.6
    )
    decided = Window.on(asked + _DECIDED_WITHIN)
    request = own_step(planning, Stage.REQUEST, requested, begins=7)
    # All of it lies in the seller's hands: the likely day is the one that meets the start.
    request_by = max(asked, min(today, closes))
    assessed = practice(decided, "consent of the finance section within two weeks", 0.6)
    after = delivery(
        planning,
        decided,
        year,
        not_before=max(first_day(year), asked),
        may_carry_over=False,
    )
    ceiling = small_contract_ceiling(
        planning.municipality.type, goal.category, max(asked, today), planning.local
    )
    limit = yen(ceiling.amount)
    if goal.amount > ceiling.amount:
        reason = Reason.ABOVE_CEILING
        explanation = Text(
            ja=f"金額が少額随意契約の上限{limit.ja}を超えます（{ceiling.source}）。",
            en=f"The amount is above the ceiling of {limit.en} for small contracts "
            f"({ceiling.source}).",
        )
    elif goal.multi_year:
        reason = Reason.SEVERAL_YEARS
        explanation = Text(
            ja="年度内で終わる契約に限られます。", en="Only for contracts within one year."
        )
    elif goal.first_fiscal_year > year:
        reason = Reason.TOO_EARLY
        explanation = Text(
            ja="希望開始日がこの年度より後です。",
            en="The wanted start lies after this fiscal year.",
        )
    elif today > closes:
        reason = Reason.DEADLINE_PAST
        explanation = Text(
            ja="年度内に納品・支払を終える時期を過ぎています。",
            en="Too late in the year to deliver and pay by 31 March.",
        )
    else:
        reason = Reason.FITS
        by = in_words(request_by)
        explanation = joined(
            Text(
                ja=f"少額随意契約の上限{limit.ja}の範囲内です。",
                en=f"Within the ceiling of {limit.en} for small contracts.",
            ),
            _HOW[kind],
            Text(
                ja=f"{by.ja}までに担当課が財政課に協議すれば間に合います。",
                en=f"In time if the department asks the finance section by {by.en}.",
            ),
        )
    quoted = practice(requested.window, "a quote is attached to the request", 0.6)
    quote = own_step(planning, Stage.QUOTE, quoted, begins=7)
    begin_by = max(request_by - _PREPARED_WITHIN, min(opens, request_by))
    steps = tuple(replace(step, act_by=request_by, begin_by=begin_by) for step in (quote, request))
    return Route(
        f"{kind.value}:{year}",
        kind,
        title,
        reason,
        explanation,
        year,
        (*steps, others_step(planning, Stage.ASSESSMENT, assessed), *after.steps),
        closes,
        decided,
        after.starts,
        after.plan,
        own_share=goal.amount,
    )
