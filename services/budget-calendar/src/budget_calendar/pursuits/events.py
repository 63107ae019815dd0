"""The events that announce a pursuit's decisions."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.effects import Budgeted, Effect, NotifyOwner, WasCut
from budget_calendar.events.mapping import EventToPublish, label
from kakehashi_common.contracts.budget_phases import PursuitBudgeted, PursuitCut
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.followup_triggers import ReasonArisen


def events_of(
    state: PursuitState, effects: Sequence[Effect], at: datetime
) -> tuple[EventToPublish, ...]:
    """Return the events that follow from a decision whose new state is ``state``.

    The version of the state and the effect's position make the ids, so that the same decision is
    announced once.
    """
    return tuple(
        EventToPublish.of(key, data, at, state.pursuit_id, state.version, position)
        for position, effect in enumerate(effects)
        for key, data in _announced(state, effect)
    )


def _announced(state: PursuitState, effect: Effect) -> Iterator[tuple[str, EventData]]:
    """Yield what the event of an effect is about, and its data; some effects have none."""
    match effect:
        case NotifyOwner():
            yield (
                effect.reason.value,
                ReasonArisen(
                    municipality_code=state.municipality_code,
                    pursuit_id=state.pursuit_id,
                    owner=state.owner,
                    reason=effect.reason.value,
                    label=label(effect.text),
                    good_from=effect.good_from,
                    good_until=effect.good_until,
                    urgent=effect.urgent,
                ),
            )
        case Budgeted():
            yield (
                "budgeted",
                PursuitBudgeted(
                    pursuit_id=state.pursuit_id,
                    municipality_code=state.municipality_code,
                    policy_area=state.goal.policy_area,
                    route=effect.route.value,
                    fiscal_year=effect.fiscal_year,
                    amount_yen=effect.amount,
                    budgeted_on=effect.on,
                ),
            )
        case WasCut():
            yield (
                "cut",
                PursuitCut(
                    pursuit_id=state.pursuit_id,
                    municipality_code=state.municipality_code,
                    policy_area=state.goal.policy_area,
                    route=effect.route.value,
                    stage=effect.stage.value,
                    cut_on=effect.on,
                    proposed_next=effect.proposed_next,
                ),
            )
        case _:
            return
