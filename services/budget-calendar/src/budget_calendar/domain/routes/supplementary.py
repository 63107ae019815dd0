"""Routes by a supplementary budget (補正予算), and what is timed by one."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.budget_year.calendar import SESSIONS_COUNTED, MilestoneKind
from budget_calendar.domain.budget_year.law import SESSION_NOTICE, session_notice
from budget_calendar.domain.days import in_words
from budget_calendar.domain.fiscal_years import first_day, japanese_name, last_day
from budget_calendar.domain.routes.initial_budget import (
    AUTUMN,
    SPRING,
    SUMMER,
    WINTER,
    deadline_reason,
    joined,
    too_early,
    unknown_date,
)
from budget_calendar.domain.routes.planning import (
    Delivery,
    Planning,
    before,
    delivery,
    others_step,
    own_step,
    practice,
    preparing_steps,
    year_begins,
)
from budget_calendar.domain.routes.route import FEASIBLE_WITH, Reason, Route, RouteKind, Step
from budget_calendar.domain.stages import Stage
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.texts import Text

SESSIONS_OF_A_YEAR: Final = (SUMMER, AUTUMN, WINTER, SPRING)
"""In the order in which a fiscal year sees them."""

PROOF_TAKES: Final = timedelta(days=60)
"""The shortest 実証実験 that shows something: two to three months (common practice)."""

ASKED_BEFORE_CALLED: Final = timedelta(days=14)
"""Between a department's request and an extraordinary session, which is called at short notice:
two weeks, better four (common practice)."""

_MONTHS: Final = {SPRING: (3, "March"), SUMMER: (6, "June"), AUTUMN: (9, "September")}
_DECEMBER: Final = (12, "December")


def supplementary_title(planning: Planning, year: int, number: int) -> Text:
    """The budget as people name it, by the month of its session: ``9月補正``."""
    month, name = _MONTHS.get(number, _DECEMBER)
    if number == SPRING and planning.municipality.type.as_prefecture:
        month, name = 2, "February"
    return Text(
        ja=f"{japanese_name(year)}{month}月補正予算",
        en=f"{name} supplementary budget of fiscal {year}",
    )


@dataclass(frozen=True, slots=True)
class _Session:
    """A council session through which a supplementary budget can go."""

    number: int
    """As the calendar numbers it."""
    title: Text
    request_on: Estimate
    bill_on: Estimate
    """When the bill is fixed: the session is called (告示, 101条)."""
    voted: Estimate


def supplementary_route(planning: Planning, year: int, number: int) -> Route:
    """The route by the supplementary budget of the ``number``-th regular session."""
    session = _regular(planning, year, number)
    if session is None:
        kind = RouteKind.SUPPLEMENTARY_BUDGET
        title = supplementary_title(planning, year, number)
        identity, excluded = f"{kind.value}:{year}:{number}", too_early(planning, year)
        return _without_dates(identity, kind, title, year, excluded)
    return _through(planning, year, session)


def extraordinary_routes(planning: Planning, year: int) -> list[Route]:
    """The routes by the extraordinary sessions (臨時会) of that year that are known to come.

    One takes only the bills that its notice names (地方自治法102条3項・4項), so whether it is a way
    is for the department to say: such a route is feasible, but comes after all others that are.
    """
    calendar = planning.calendars.get(year)
    routes = []
    for milestone in calendar.milestones if calendar else ():
        if milestone.kind is not MilestoneKind.EXTRAORDINARY_SESSION or milestone.number is None:
            continue
        if milestone.estimate.window.latest < planning.today:
            continue
        route = _through(
            planning, year, _extraordinary(planning, year, milestone.number, milestone.estimate)
        )
        if route.feasible:
            only = Text(
                ja="臨時会は告示された事件に限られるため、付議される見込みを担当課に確認して"
                "ください（地方自治法102条3項・4項）。",
                en="An extraordinary session takes only the bills that its notice names: ask the "
                "department whether this will be one of them (地方自治法102条3項・4項).",
            )
            route = replace(
                route,
                reason=Reason.EXTRAORDINARY_SESSION,
                explanation=joined(only, route.explanation),
            )
        routes.append(route)
    return routes


def _extraordinary(planning: Planning, year: int, number: int, voted: Estimate) -> _Session:
    counted_in, place = divmod(number, SESSIONS_COUNTED)
    vote_on = voted.window.likely
    called_on = session_notice(planning.municipality.type, vote_on).day
    called = Estimate(
        voted.window.shifted(called_on - vote_on),
        Basis.LAW,
        SESSION_NOTICE,
        voted.confidence,
    )
    likely = vote_on - ASKED_BEFORE_CALLED
    return _Session(
        number,
        Text(
            ja=f"{japanese_name(year)}補正予算（{counted_in}年第{place}回臨時会）",
            en=f"supplementary budget of fiscal {year}, extraordinary session {place} of "
            f"{counted_in}",
        ),
        practice(
            Window(likely - ASKED_BEFORE_CALLED, likely, called.window.latest),
            "two to four weeks before the session, until its notice names the bills",
            0.4,
        ),
        called,
        voted,
    )


def _regular(planning: Planning, year: int, number: int) -> _Session | None:
    dates = _dates(planning, year, number)
    if dates is None:
        return None
    request_on, voted = dates
    bill = planning.milestone(year, MilestoneKind.SESSION_NOTICE, number) or planning.milestone(
        year, MilestoneKind.SESSION_OPENS, number
    )
    bill_on = bill.estimate if bill else before(voted, 21, "three weeks before the vote")
    title = supplementary_title(planning, year, number)
    return _Session(number, title, request_on, bill_on, voted)


def _through(planning: Planning, year: int, session: _Session) -> Route:
    """The route by a supplementary budget that goes through that session."""
    excluded = too_early(planning, year)
    after = delivery(planning, session.voted.window, year)
    reason, explanation = excluded or deadline_reason(planning, session.request_on)
    if reason is Reason.FITS and after.carried_over:
        reason = Reason.CARRIED_OVER
        explanation = joined(
            explanation,
            Text(
                ja="年度内に完了しないため、繰越明許費の議決が必要です（地方自治法213条）。",
                en="Too little of the year is left, so the money must be carried over "
                "(地方自治法213条).",
            ),
        )
    if reason in FEASIBLE_WITH and planning.goal.multi_year:
        explanation = joined(
            explanation,
            Text(
                ja="翌年度以降の分は、同じ補正予算で債務負担行為を設定する必要があります。",
                en="Later years need a debt burden in the same supplementary budget.",
            ),
        )
    return Route(
        f"{RouteKind.SUPPLEMENTARY_BUDGET.value}:{year}:{session.number}",
        RouteKind.SUPPLEMENTARY_BUDGET,
        session.title,
        reason,
        explanation,
        year,
        (*_until_vote(planning, session), *after.steps),
        session.request_on.window.latest,
        session.voted.window,
        after.starts,
        after.plan,
        own_share=planning.goal.amount,
    )


def zero_debt_route(planning: Planning, year: int) -> Route:
    """Contract in ``year`` without spending, work from 1 April of the next (ゼロ債務).

    It takes the last session whose vote leaves time to conclude the contract by 31 March; where
    the council votes on the contract itself too, that vote included.
    """
    kind = RouteKind.ZERO_DEBT
    identity = f"{kind.value}:{year + 1}"
    start = first_day(year + 1)
    begins = in_words(start)
    title = Text(
        ja=f"ゼロ債務負担行為（{begins.ja}開始）", en=f"zero-debt burden, start on {begins.en}"
    )
    excluded = too_early(planning, year + 1)
    chosen = _last_session_before(planning, year)
    if chosen is None:
        known = any(_dates(planning, year, n) for n in SESSIONS_OF_A_YEAR)
        no_time = Text(
            ja="議決から年度末までに契約手続を終えられる議会がありません。",
            en="No session's vote leaves time to award the contract by 31 March.",
        )
        late = (Reason.NO_TIME_TO_AWARD, no_time) if known else None
        return _without_dates(identity, kind, title, year + 1, excluded or late)
    session, after = chosen
    contract = after.steps[0]
    window = contract.estimate.window
    last = last_day(year)
    signed = Window(min(window.earliest, last), min(window.likely, last), min(window.latest, last))
    contract = replace(
        contract, act_by=signed.likely, estimate=replace(contract.estimate, window=signed)
    )
    after = Delivery((contract, *after.steps[1:]), after.plan, after.starts, carried_over=False)
    reason, explanation = excluded or deadline_reason(planning, session.request_on)
    if reason in FEASIBLE_WITH:
        explanation = joined(
            Text(
                ja=f"{session.title.ja}で債務負担行為を設定し、年度内に契約、{begins.ja}に開始します。"
                "支出は翌年度の当初予算に計上されます（地方自治法214条）。",
                en=f"The {session.title.en} allows the contract this year; work and spending begin "
                f"on {begins.en}, paid by that year's initial budget (地方自治法214条).",
            ),
            explanation,
        )
    return Route(
        identity,
        kind,
        title,
        reason,
        explanation,
        year + 1,
        (*_until_vote(planning, session), *after.steps),
        session.request_on.window.latest,
        year_begins(year + 1),
        after.starts,
        after.plan,
        own_share=planning.goal.amount,
    )


def proof_of_concept_route(planning: Planning, year: int) -> Route:
    """A 実証実験 from April to June, its results in the request for the September budget."""
    kind = RouteKind.PROOF_OF_CONCEPT
    identity = f"{kind.value}:{year}"
    session = supplementary_title(planning, year, AUTUMN)
    title = Text(
        ja=f"4〜6月の実証実験から{session.ja}", en=f"proof of concept, then the {session.en}"
    )
    base = supplementary_route(planning, year, AUTUMN)
    request = base.step(Stage.REQUEST)
    if request is None:
        return _without_dates(identity, kind, title, year, too_early(planning, year))
    opens, closes = first_day(year), date(year, 6, 30)
    last_start = min(closes, request.estimate.window.latest - PROOF_TAKES)
    safe_start = max(min(closes, request.act_by - PROOF_TAKES), opens, planning.today)
    begin_by = min(safe_start, last_start)
    reason, explanation = base.reason, base.explanation
    if base.feasible and (planning.today > last_start or last_start < opens):
        last = in_words(last_start)
        reason, explanation = (
            Reason.DEADLINE_PAST,
            Text(
                ja=f"2か月の実証の結果を9月補正の要求に間に合わせるには、{last.ja}までに"
                "始める必要がありました。",
                en=f"Two months of trial before the request would have had to begin by {last.en}.",
            ),
        )
    elif base.feasible:
        start = in_words(begin_by)
        explanation = joined(
            Text(
                ja=f"{start.ja}までに実証を始めれば、その結果を添えて要求できます。",
                en=f"A trial begun by {start.en} gives results for the request.",
            ),
            explanation,
        )
    proof = Step(
        Stage.PROOF_OF_CONCEPT,
        begin_by,
        request.act_by,
        before(request.estimate, 0, "results are in before the request"),
        note=Text(
            ja="期間（2〜3か月）、範囲、評価指標を事前に合意し、週次で確認します。",
            en="Two to three months with a stated end, a limited scope and metrics agreed "
            "beforehand, checked weekly.",
        ),
    )
    return replace(
        base,
        id=identity,
        kind=kind,
        title=title,
        reason=reason,
        explanation=explanation,
        steps=(proof, *(s for s in base.steps if s.stage is not Stage.HEARINGS)),
        latest_action=last_start,
    )


def _dates(planning: Planning, year: int, number: int) -> tuple[Estimate, Estimate] | None:
    request = planning.milestone(year, MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE, number)
    vote = planning.milestone(year, MilestoneKind.SESSION_VOTE, number)
    return (request.estimate, vote.estimate) if request and vote else None


def _last_session_before(planning: Planning, year: int) -> tuple[_Session, Delivery] | None:
    """The last session in whose year the contract can be concluded as well, and what follows."""
    for number in reversed(SESSIONS_OF_A_YEAR):
        session = _regular(planning, year, number)
        if session is None:
            continue
        after = delivery(planning, session.voted.window, year + 1, work_from=first_day(year + 1))
        if after.steps[0].estimate.window.likely <= last_day(year):
            return session, after
    return None


def _until_vote(planning: Planning, session: _Session) -> tuple[Step, ...]:
    request_on = session.request_on
    request = own_step(planning, Stage.REQUEST, request_on, begins=14)
    quoted = before(request_on, 14, "two weeks before the request")
    heard = before(request_on, 28, "four weeks before the request")
    preparing = (
        own_step(planning, Stage.HEARINGS, heard, begins=30, optional=True),
        own_step(planning, Stage.QUOTE, quoted, begins=14),
    )
    return (
        *preparing_steps(planning, preparing, request),
        request,
        others_step(planning, Stage.ASSESSMENT, session.bill_on),
        others_step(planning, Stage.VOTE, session.voted),
    )


def _without_dates(
    identity: str,
    kind: RouteKind,
    title: Text,
    year: int,
    excluded: tuple[Reason, Text] | None,
) -> Route:
    reason, explanation = excluded or unknown_date()
    return Route(identity, kind, title, reason, explanation, year, (), None, None, None, None)
