"""Routes where a subsidy (補助金・交付金) pays a part, and a budget the rest."""

from collections.abc import Sequence
from datetime import timedelta

from budget_calendar.domain.days import in_words
from budget_calendar.domain.fiscal_years import last_day
from budget_calendar.domain.money import in_words as yen
from budget_calendar.domain.routes.initial_budget import deadline_reason, joined
from budget_calendar.domain.routes.planning import (
    ENOUGH_TO_DELIVER,
    Delivery,
    Planning,
    delivery,
)
from budget_calendar.domain.routes.route import Reason, Route, RouteKind, Step
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.domain.stages import Stage
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.texts import Text


def subsidy_route(planning: Planning, subsidy: Subsidy, budgets: Sequence[Route]) -> Route:
    """The route by one subsidy; ``budgets`` are the feasible budgets that could hold the money.

    The whole amount goes into the budget, the grant as revenue (総計予算主義, 地方自治法210条);
    the contract follows the grant decision and the work is done by the subsidy's day.
    """
    share = subsidy.own_share(planning.goal.amount, planning.goal.years or 1)
    title = Text(
        ja=f"{subsidy.name}（{subsidy.ministry}）",
        en=f"subsidy {subsidy.name} ({subsidy.ministry})",
    )
    closes = in_words(subsidy.call_closes)
    budget = _budget_in_time(planning, subsidy, budgets)
    if planning.today > subsidy.call_closes:
        reason, explanation = (
            Reason.DEADLINE_PAST,
            Text(
                ja=f"公募は{closes.ja}に締め切られました。", en=f"The call closed on {closes.en}."
            ),
        )
    elif planning.goal.wanted_start + ENOUGH_TO_DELIVER > subsidy.completed_by:
        done = in_words(subsidy.completed_by)
        reason, explanation = (
            Reason.NOT_COMPLETED_IN_TIME,
            Text(
                ja=f"希望開始日では、事業完了期限（{done.ja}）までに終わりません。",
                en=f"From the wanted start the work can't be done by {done.en}, as the subsidy "
                "demands.",
            ),
        )
    elif budget is None:
        reason, explanation = (
            Reason.NO_BUDGET_FOR_OWN_SHARE,
            Text(
                ja="交付決定後に契約し期限までに完了できる予算がなく、自己負担分を計上できません。",
                en="No budget allows a contract after the grant decision and completion in time, "
                "so the own share can't be paid.",
            ),
        )
    else:
        base, after = budget
        request = base.step(Stage.REQUEST)
        estimate = request.estimate if request else _application(planning, subsidy).estimate
        reason, own = deadline_reason(planning, estimate)
        grant, rest = yen(share.grant), yen(share.own)
        explanation = joined(
            Text(
                ja=f"補助率{subsidy.rate}で補助額{grant.ja}、自己負担{rest.ja}。申請は{closes.ja}まで、"
                f"予算は{base.title.ja}に全額を計上します。交付決定前の着手は原則対象外です。",
                en=f"A rate of {subsidy.rate} gives {grant.en} and leaves {rest.en}. Applications "
                f"close on {closes.en}; the {base.title.en} must hold the whole amount. Work "
                "before the grant decision is generally not eligible.",
            ),
            own,
        )
        if planning.goal.multi_year:
            explanation = joined(
                explanation,
                Text(
                    ja="補助額は、1年分の経費のみを補助対象として計算しています。",
                    en="The grant is computed for one year's part only.",
                ),
            )
        return Route(
            f"subsidy:{subsidy.id}",
            RouteKind.SUBSIDY,
            title,
            reason,
            explanation,
            base.fiscal_year,
            _steps(planning, subsidy, base, after),
            min(subsidy.call_closes, base.latest_action or subsidy.call_closes),
            base.money_from,
            after.starts,
            after.plan,
            restoration=base.restoration,
            subsidy_id=subsidy.id,
            grant=share.grant,
            own_share=share.own,
        )
    return Route(
        f"subsidy:{subsidy.id}",
        RouteKind.SUBSIDY,
        title,
        reason,
        explanation,
        planning.goal.first_fiscal_year,
        (),
        subsidy.call_closes,
        None,
        None,
        None,
        subsidy_id=subsidy.id,
        grant=share.grant,
        own_share=share.own,
    )


def no_subsidy(planning: Planning) -> Route:
    """Return the infeasible route for when no known subsidy fits."""
    return Route(
        "subsidy",
        RouteKind.SUBSIDY,
        Text(ja="補助金・交付金", en="subsidy"),
        Reason.NO_SUBSIDY_FITS,
        Text(
            ja="登録されている補助金のうち、団体の種類と政策分野に合うものがありません。",
            en="No subsidy on record fits this kind of municipality and policy area.",
        ),
        planning.goal.first_fiscal_year,
        (),
        None,
        None,
        None,
        None,
    )


def _budget_in_time(
    planning: Planning, subsidy: Subsidy, budgets: Sequence[Route]
) -> tuple[Route, Delivery] | None:
    fitting = []
    for base in budgets:
        vote = base.step(Stage.VOTE)
        if vote is None or base.money_from is None:
            continue
        after = delivery(
            planning,
            vote.estimate.window,
            base.fiscal_year,
            not_before=max(base.money_from.likely, subsidy.decision.likely),
            may_carry_over=False,
        )
        delivered = after.starts + ENOUGH_TO_DELIVER
        if delivered <= min(subsidy.completed_by, last_day(base.fiscal_year)):
            fitting.append((after.starts, base.id, base, after))
    if not fitting:
        return None
    _, _, base, after = min(fitting, key=lambda f: f[:2])
    return base, after


def _application(planning: Planning, subsidy: Subsidy) -> Step:
    begin = subsidy.consultation.earliest if subsidy.consultation else subsidy.call_opens
    note = None
    if subsidy.consultation:
        first, last = in_words(subsidy.consultation.earliest), in_words(subsidy.consultation.latest)
        note = Text(
            ja=f"事前相談は{first.ja}から{last.ja}まで。",
            en=f"Consultation from {first.en} to {last.en}.",
        )
    window = Window(
        subsidy.call_opens,
        max(subsidy.call_opens, subsidy.call_closes - timedelta(days=7)),
        subsidy.call_closes,
    )
    return Step(
        Stage.GRANT_APPLICATION,
        max(min(begin, subsidy.call_closes), planning.today),
        subsidy.call_closes,
        Estimate(window, Basis.OBSERVED, subsidy.source, 1.0),
        note=note,
    )


def _steps(planning: Planning, subsidy: Subsidy, base: Route, after: Delivery) -> tuple[Step, ...]:
    application = _application(planning, subsidy)
    decision = Step(
        Stage.GRANT_DECISION,
        subsidy.decision.likely,
        max(subsidy.decision.likely, application.act_by),
        Estimate(subsidy.decision, Basis.OBSERVED, subsidy.source, 0.8),
    )
    delivered = {step.stage for step in after.steps}
    steps = [step for step in base.steps if step.stage not in delivered]
    for step in (application, decision):
        at = next((i for i, s in enumerate(steps) if s.act_by > step.act_by), len(steps))
        steps.insert(at, step)
    return (*steps, *after.steps)
