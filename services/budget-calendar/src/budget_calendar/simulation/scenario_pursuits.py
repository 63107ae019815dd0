"""What a scenario file has happen to deals."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.stages import OUTCOMES, Outcome, Stage
from budget_calendar.pursuits.messages import (
    CancelPursuit,
    ChoosePursuitRoute,
    ConfirmStage,
    OpenPursuit,
    PausePursuit,
    ResumePursuit,
    RevisePursuitGoal,
)
from budget_calendar.simulation.scenario import TellPursuit, ToldPursuit
from budget_calendar.simulation.scenario_values import checked, one_of
from kakehashi_common.yaml_reader import Section

PERSON: Final = "scenario"
"""Who says it, where the file does not."""

ReadPursuitEvent = Callable[[Section, date], OpenPursuit | TellPursuit | None]


class PursuitEvents:
    """Reads what happens to the deals of one file, in the order of the days.

    Args:
        code_of: the code of a followed municipality; empty where a problem was reported.
    """

    def __init__(self, code_of: Callable[[Section], str]) -> None:
        self._code_of = code_of
        self._opened: dict[str, str] = {}
        """The municipality of each pursuit that was opened, by its id."""
        self.kinds: Final[Mapping[str, ReadPursuitEvent]] = {
            "open_pursuit": self._opening,
            "confirm": self._confirmation,
            "choose_route": self._choice,
            "revise_goal": self._revision,
            "pause": self._pause,
            "resume": self._resumption,
            "cancel": self._cancellation,
        }
        """By the key of the event."""

    def _opening(self, event: Section, on: date) -> OpenPursuit | None:
        del on
        told = event.section("open_pursuit", required="id municipality owner goal")
        pursuit_id, code = told.text("id"), self._code_of(told)
        if pursuit_id in self._opened:
            told.problem("id", f"pursuit {pursuit_id!r} is opened twice")
        self._opened[pursuit_id] = code
        goal = _goal(told)
        if not pursuit_id or not code or goal is None:
            return None
        return OpenPursuit(pursuit_id, code, told.text("owner"), goal)

    def _confirmation(self, event: Section, on: date) -> TellPursuit | None:
        told = _told(event, "confirm", "stage outcome")
        stage, outcome = one_of(told, "stage", Stage), one_of(told, "outcome", Outcome)
        if stage is None or outcome is None:
            return None
        if outcome not in OUTCOMES[stage]:
            told.problem("outcome", f"{stage} ends with {', '.join(OUTCOMES[stage])}")
        return self._telling(
            told, ConfirmStage(stage, outcome, on, by=_by(told), note=told.text("note"))
        )

    def _choice(self, event: Section, on: date) -> TellPursuit:
        del on
        told = _told(event, "choose_route", "route")
        return self._telling(told, ChoosePursuitRoute(told.text("route"), by=_by(told)))

    def _revision(self, event: Section, on: date) -> TellPursuit | None:
        del on
        told = _told(event, "revise_goal", "goal")
        goal = _goal(told)
        return None if goal is None else self._telling(told, RevisePursuitGoal(goal, by=_by(told)))

    def _pause(self, event: Section, on: date) -> TellPursuit | None:
        told = _told(event, "pause", "until")
        until = told.day("until")
        if until is None:
            return None
        if until <= on:
            told.problem("until", f"until {until} must lie after {on}")
        return self._telling(told, PausePursuit(until, by=_by(told), note=told.text("note")))

    def _resumption(self, event: Section, on: date) -> TellPursuit:
        del on
        told = _told(event, "resume")
        return self._telling(told, ResumePursuit(by=_by(told)))

    def _cancellation(self, event: Section, on: date) -> TellPursuit:
        del on
        told = _told(event, "cancel")
        return self._telling(told, CancelPursuit(by=_by(told), note=told.text("note")))

    def _telling(self, told: Section, message: ToldPursuit) -> TellPursuit:
        """A pursuit that was opened by then, or the successor of one."""
        pursuit_id = told.text("pursuit")
        first, _, generation = pursuit_id.rpartition("-")
        if pursuit_id not in self._opened and not (
            first in self._opened and generation.isdecimal()
        ):
            opened = ", ".join(sorted(self._opened)) or "none"
            told.problem(
                "pursuit", f"no pursuit {pursuit_id!r} was opened by that day; opened: {opened}"
            )
        code = self._opened.get(pursuit_id) or self._opened.get(first, "")
        return TellPursuit(pursuit_id, code, message)


def _goal(told: Section) -> PursuitGoal | None:
    goal = told.section(
        "goal",
        required="policy_area amount_yen wanted_start category",
        optional="years description",
    )
    area, amount = goal.text("policy_area"), goal.whole("amount_yen")
    start, category = goal.day("wanted_start"), one_of(goal, "category", ContractCategory)
    if not area or amount is None or start is None or category is None:
        return None
    return checked(
        goal,
        "policy_area",
        PursuitGoal,
        area,
        amount,
        start,
        category,
        years=goal.whole("years"),
        description=goal.text("description"),
    )


def _told(event: Section, kind: str, required: str = "") -> Section:
    return event.section(kind, required=f"pursuit {required}", optional="by note")


def _by(told: Section) -> str:
    return told.text("by") or PERSON
