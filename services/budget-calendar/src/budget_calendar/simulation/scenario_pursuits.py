"""Read the events of pursuits from a scenario file."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit.commands import (
    Cancel,
    ChooseRoute,
    Confirm,
    Message,
    Pause,
    Resume,
    ReviseGoal,
)
from budget_calendar.domain.stages import OUTCOMES, Outcome, Stage
from budget_calendar.pursuits.messages import OpenPursuit
from budget_calendar.simulation.scenario import SendMessage
from budget_calendar.simulation.scenario_values import checked, one_of
from kakehashi_common.yaml_reader import Section

PERSON: Final = "scenario"
"""The person who acts where the file names none."""

ReadPursuitEvent = Callable[[Section, date], OpenPursuit | SendMessage | None]


class PursuitEvents:
    """Reads the events of the pursuits of one file, in the order of the days.

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
        fields = event.section("open_pursuit", required="id municipality owner goal")
        pursuit_id, code = fields.text("id"), self._code_of(fields)
        if pursuit_id in self._opened:
            fields.problem("id", f"pursuit {pursuit_id!r} is opened twice")
        self._opened[pursuit_id] = code
        goal = _goal(fields)
        if not pursuit_id or not code or goal is None:
            return None
        return OpenPursuit(pursuit_id, code, fields.text("owner"), goal)

    def _confirmation(self, event: Section, on: date) -> SendMessage | None:
        fields = _fields(event, "confirm", "stage outcome")
        stage, outcome = one_of(fields, "stage", Stage), one_of(fields, "outcome", Outcome)
        if stage is None or outcome is None:
            return None
        if outcome not in OUTCOMES[stage]:
            fields.problem("outcome", f"{stage} ends with {', '.join(OUTCOMES[stage])}")
        return self._message(
            fields, Confirm(stage, outcome, on, by=_by(fields), note=fields.text("note"))
        )

    def _choice(self, event: Section, on: date) -> SendMessage:
        del on
        fields = _fields(event, "choose_route", "route")
        return self._message(fields, ChooseRoute(fields.text("route"), by=_by(fields)))

    def _revision(self, event: Section, on: date) -> SendMessage | None:
        del on
        fields = _fields(event, "revise_goal", "goal")
        goal = _goal(fields)
        return None if goal is None else self._message(fields, ReviseGoal(goal, by=_by(fields)))

    def _pause(self, event: Section, on: date) -> SendMessage | None:
        fields = _fields(event, "pause", "until")
        until = fields.day("until")
        if until is None:
            return None
        if until <= on:
            fields.problem("until", f"until {until} must lie after {on}")
        return self._message(fields, Pause(until, by=_by(fields), note=fields.text("note")))

    def _resumption(self, event: Section, on: date) -> SendMessage:
        del on
        fields = _fields(event, "resume")
        return self._message(fields, Resume(by=_by(fields)))

    def _cancellation(self, event: Section, on: date) -> SendMessage:
        del on
        fields = _fields(event, "cancel")
        return self._message(fields, Cancel(by=_by(fields), note=fields.text("note")))

    def _message(self, fields: Section, message: Message) -> SendMessage:
        """Address a pursuit that was opened by then, or the successor of one."""
        pursuit_id = fields.text("pursuit")
        first, _, generation = pursuit_id.rpartition("-")
        if pursuit_id not in self._opened and not (
            first in self._opened and generation.isdecimal()
        ):
            opened = ", ".join(sorted(self._opened)) or "none"
            fields.problem(
                "pursuit", f"no pursuit {pursuit_id!r} was opened by that day; opened: {opened}"
            )
        code = self._opened.get(pursuit_id) or self._opened.get(first, "")
        return SendMessage(pursuit_id, code, message)


def _goal(fields: Section) -> PursuitGoal | None:
    goal = fields.section(
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


def _fields(event: Section, kind: str, required: str = "") -> Section:
    return event.section(kind, required=f"pursuit {required}", optional="by note")


def _by(fields: Section) -> str:
    return fields.text("by") or PERSON
