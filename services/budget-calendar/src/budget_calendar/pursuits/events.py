"""What a pursuit's decisions say to the rest of the platform."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.effects import Budgeted, Effect, TellOwner, WasCut
from budget_calendar.events.mapping import EventToPublish, event_id, label
from kakehashi_common.contracts.budget_phases import PursuitBudgeted, PursuitCut
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.followup_triggers import ReasonArisen


def events_of(
    state: PursuitState, effects: Sequence[Effect], at: datetime
) -> tuple[EventToPublish, ...]:
    """The events that follow from a decision whose new state is ``state``.

    The version of the state and the effect's position make the ids: the same decision always says
    the same, once.
    """
    return tuple(
        EventToPublish(
            key,
            event_id(data, state.pursuit_id, state.version, position).hex,
            at,
            data.TYPE,
            data.model_dump(mode="json", exclude_unset=True),
        )
        for position, effect in enumerate(effects)
        for key, data in _said(state, effect)
    )


def _said(state: PursuitState, effect: Effect) -> Iterator[tuple[str, EventData]]:
    """What an effect says; what others have no use for says nothing."""
    match effect:
        case TellOwner():
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
