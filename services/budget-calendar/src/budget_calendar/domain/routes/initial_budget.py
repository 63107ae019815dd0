"""Routes by the initial budget (当初予算), and the instruments that are voted with it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind, SkeletonBudget
from budget_calendar.domain.days import in_words
from budget_calendar.domain.fiscal_years import japanese_name, last_day
from budget_calendar.domain.goals import ContractCategory
from budget_calendar.domain.routes.planning import (
    Planning,
    before,
    delivery,
    others_step,
    own_step,
    preparing_steps,
    year_begins,
)
from budget_calendar.domain.routes.route import FEASIBLE_WITH, Reason, Route, RouteKind, Step
from budget_calendar.domain.stages import Stage
from budget_calendar.domain.windows import Estimate
from kakehashi_common.domain.texts import Text

SKELETON_LIKELY: Final = 0.5
"""From this probability on, new policy is planned for the budget after the election."""

SPRING, SUMMER, AUTUMN, WINTER = 1, 2, 3, 4
"""Regular sessions as the council numbers them in the calendar year."""

LONG_TERM_CATEGORIES: Final = (ContractCategory.LEASE, ContractCategory.SERVICES)
"""地方自治法234条の3・同法施行令167条の17: leases, and services that must last for years."""


@dataclass(frozen=True, slots=True)
class _Vote:
    """When the money of an initial budget is voted, and why then."""

    estimate: Estimate
    skeleton: SkeletonBudget | None
    """Set when new policy comes with the budget after the election."""


def initial_route(planning: Planning, kind: RouteKind, year: int) -> Route:
    """The route by the initial budget of ``year`` + 1, which is prepared in ``year``.

    ``kind`` is the initial budget itself, a debt burden or a long-term contract: they are
    requested, assessed and voted on the same days.
    """
    budget_year = year + 1
    title = _title(kind, budget_year)
    identity = f"{kind.value}:{budget_year}"
    request_on = planning.milestone(year, MilestoneKind.REQUEST_DEADLINE)
    vote = _vote(planning, year)
    excluded = _excluded(planning, kind, budget_year)
    if request_on is None or vote is None:
        reason, explanation = excluded or unknown_date()
        return Route(
            identity, kind, title, reason, explanation, budget_year, (), None, None, None, None
        )
    request = own_step(planning, Stage.REQUEST, request_on.estimate, begins=30)
    steps = _until_request(planning, year, request)
    steps += _until_vote(planning, year, vote)
    money_from = year_begins(budget_year)
    if vote.skeleton:
        money_from = vote.estimate.window
    after = delivery(
        planning,
        vote.estimate.window,
        budget_year,
        not_before=money_from.likely,
        may_carry_over=True,
    )
    restoration = planning.milestone(year, MilestoneKind.RESTORATION_DEADLINE)
    latest = request_on.estimate.window.latest
    reason, explanation = excluded or _reason(planning, request_on.estimate, vote)
    if reason in FEASIBLE_WITH:
        explanation = joined(_how(kind, planning), explanation)
    return Route(
        identity,
        kind,
        title,
        reason,
        explanation,
        budget_year,
        (*steps, *after.steps),
        latest,
        money_from,
        after.starts,
        after.plan,
        restoration=restoration.estimate if restoration else None,
        own_share=planning.goal.amount,
    )


def _title(kind: RouteKind, year: int) -> Text:
    budget = Text(ja=f"{japanese_name(year)}当初予算", en=f"initial budget of fiscal {year}")
    if kind is RouteKind.DEBT_BURDEN:
        return Text(
            ja=f"債務負担行為（{budget.ja}と同時）", en=f"debt burden, voted with the {budget.en}"
        )
    if kind is RouteKind.LONG_TERM_CONTRACT:
        return Text(
            ja=f"長期継続契約（{budget.ja}）", en=f"long-term continuing contract, {budget.en}"
        )
    return budget


def _excluded(planning: Planning, kind: RouteKind, budget_year: int) -> tuple[Reason, Text] | None:
    goal = planning.goal
    if kind is not RouteKind.INITIAL_BUDGET and not goal.multi_year:
        return Reason.ONE_OFF, Text(
            ja="複数年度にわたる契約のための制度で、単年度の案件では使いません。",
            en="This is for contracts that bind several fiscal years; the goal is within one.",
        )
    if kind is RouteKind.LONG_TERM_CONTRACT:
        if goal.category not in LONG_TERM_CATEGORIES:
            return Reason.CATEGORY_EXCLUDED, Text(
                ja="長期継続契約は物件の借入れと継続的な役務に限られます"
                "（地方自治法234条の3、同法施行令167条の17）。",
                en="Long-term continuing contracts are for leases and continuing services only "
                "(地方自治法234条の3, 施行令167条の17).",
            )
        longest = planning.local.long_term_years
        if goal.years is not None and goal.years > longest:
            return Reason.TERM_TOO_LONG, Text(
                ja=f"期間{goal.years}年は、条例で認められる{longest}年を超えます。",
                en=f"{goal.years} years are more than the {longest} that its ordinance is taken "
                "to allow.",
            )
    return too_early(planning, budget_year)


def too_early(planning: Planning, fiscal_year: int) -> tuple[Reason, Text] | None:
    """The refusal of a year whose money must be spent before the wanted start."""
    ends = last_day(fiscal_year)
    if ends >= planning.goal.wanted_start:
        return None
    wanted = in_words(planning.goal.wanted_start)
    end = in_words(ends)
    return Reason.TOO_EARLY, Text(
        ja=f"この年度の予算は{end.ja}までに執行しなければならず、希望開始日（{wanted.ja}）の"
        "事業には使えません（会計年度独立の原則、地方自治法208条2項）。",
        en=f"Its money must be spent by {end.en}, before the wanted start on {wanted.en} "
        "(地方自治法208条2項).",
    )


def unknown_date() -> tuple[Reason, Text]:
    """The refusal where the calendar lacks a day that the route needs."""
    return Reason.DATE_UNKNOWN, Text(
        ja="暦に必要な日付がないため、判断できません。",
        en="The calendar lacks a date that this route needs.",
    )


def _vote(planning: Planning, year: int) -> _Vote | None:
    vote = planning.milestone(year, MilestoneKind.BUDGET_VOTE)
    calendar = planning.calendars.get(year)
    skeleton = calendar.skeleton if calendar else None
    if (
        vote is None
        or skeleton is None
        or skeleton.probability < SKELETON_LIKELY
        or planning.goal.continues_contract
    ):
        return _Vote(vote.estimate, None) if vote else None
    kind = MilestoneKind.POST_ELECTION_SUPPLEMENTARY
    after = (
        planning.milestone(year + 1, kind)
        or planning.milestone(year, kind)
        or planning.milestone(year + 1, MilestoneKind.SESSION_VOTE, SUMMER)
    )
    if after is None:
        return _Vote(before(vote.estimate, -90, "the session after the election"), skeleton)
    return _Vote(after.estimate, skeleton)


def _until_request(planning: Planning, year: int, request: Step) -> tuple[Step, ...]:
    quotes = planning.milestone(year, MilestoneKind.QUOTES_WANTED)
    quoted = (
        quotes.estimate if quotes else before(request.estimate, 30, "a month before requests close")
    )
    review = planning.milestone(year, MilestoneKind.SUMMER_REVIEW_BEGINS)
    studied = review.estimate if review else before(quoted, 60, "two months before quotes")
    heard = before(quoted, 14, "two weeks before the quote")
    begin = planning.milestone(year, MilestoneKind.REQUESTS_BEGIN)
    if begin:
        request = replace(request, begin_by=min(begin.likely, request.begin_by))
    steps = sorted(
        (
            own_step(planning, Stage.STUDY_SESSIONS, studied, begins=60, optional=True),
            own_step(planning, Stage.HEARINGS, heard, begins=45, optional=True),
        ),
        key=lambda step: step.act_by,
    )
    steps.append(own_step(planning, Stage.QUOTE, quoted, begins=30))
    return (*preparing_steps(planning, tuple(steps), request), request)


def _until_vote(planning: Planning, year: int, vote: _Vote) -> tuple[Step, ...]:
    notice = planning.milestone(year, MilestoneKind.UNOFFICIAL_NOTICE) or planning.milestone(
        year, MilestoneKind.HEAD_ASSESSMENT_BEGINS
    )
    noticed = notice.estimate if notice else before(vote.estimate, 45, "before the submission")
    note = None
    if vote.skeleton:
        note = Text(
            ja="骨格予算となる見込みのため、選挙後の肉付け予算での議決を想定しています。",
            en="A skeleton budget is likely: the vote is expected in the supplementary budget "
            "after the election.",
        )
    return (
        others_step(planning, Stage.ASSESSMENT, noticed),
        others_step(planning, Stage.VOTE, vote.estimate, note),
    )


def _reason(planning: Planning, request: Estimate, vote: _Vote) -> tuple[Reason, Text]:
    reason, explanation = deadline_reason(planning, request)
    if vote.skeleton and reason in FEASIBLE_WITH:
        election = in_words(vote.skeleton.election.likely)
        percent = round(vote.skeleton.probability * 100)
        skeleton = Text(
            ja=f"{election.ja}頃の首長選挙により骨格予算となる可能性が{percent}%あり、"
            "新規事業は選挙後の補正予算（肉付け予算）に回る見込みです。",
            en=f"With {percent} % probability the election around {election.en} makes it a "
            "skeleton budget: new policy then comes with the supplementary budget after it.",
        )
        return Reason.SKELETON_BUDGET, joined(explanation, skeleton)
    return reason, explanation


def deadline_reason(planning: Planning, request: Estimate) -> tuple[Reason, Text]:
    """Whether a request still comes in time."""
    window = request.window
    today = planning.today
    latest = in_words(window.latest)
    if today > window.latest:
        return Reason.DEADLINE_PAST, Text(
            ja=f"予算要求の締切（遅くとも{latest.ja}）を過ぎています。",
            en=f"Requests closed by {latest.en}.",
        )
    if today > window.likely:
        return Reason.DEADLINE_MAY_BE_PAST, Text(
            ja=f"締切はすでに過ぎた可能性があります（遅くとも{latest.ja}）。至急、"
            "財政課への要求状況を担当課に確認してください。",
            en=f"Requests may already have closed, at the latest on {latest.en}: ask the "
            "department today.",
        )
    act_by = in_words(first_open(planning, request))
    return Reason.FITS, Text(
        ja=f"{act_by.ja}までに要求が上がれば間に合います。",
        en=f"In time if the department requests it by {act_by.en}.",
    )


def first_open(planning: Planning, request: Estimate) -> date:
    """The safest day of a request deadline that is still ahead."""
    return own_step(planning, Stage.REQUEST, request, begins=0).act_by


def _how(kind: RouteKind, planning: Planning) -> Text:
    if kind is RouteKind.DEBT_BURDEN:
        return Text(
            ja="期間と限度額の議決を受け、複数年度の契約を結びます。各年度の支出は毎年の"
            "予算に計上されます（地方自治法214条）。",
            en="The council votes a period and a ceiling, so that one contract covers all years; "
            "each year's payment is budgeted (地方自治法214条).",
        )
    if kind is RouteKind.LONG_TERM_CONTRACT:
        return Text(
            ja="債務負担行為の議決なしに複数年度の契約を結べます。予算の減額・削除の際は"
            "解除される条件が付きます（地方自治法234条の3）。",
            en="A contract of several years without a vote on it, within each year's budget and "
            "cancellable if that is cut (地方自治法234条の3).",
        )
    if planning.goal.multi_year:
        return Text(
            ja="初年度分の予算です。複数年度の契約には債務負担行為か長期継続契約が必要です。",
            en="This pays the first year; a contract of several years needs a debt burden or a "
            "long-term contract as well.",
        )
    return Text(ja="翌年度の当初予算に計上します。", en="The money is in the year's own budget.")


def joined(*texts: Text) -> Text:
    """Sentences one after the other."""
    return Text(ja="".join(t.ja for t in texts), en=" ".join(t.en for t in texts))
