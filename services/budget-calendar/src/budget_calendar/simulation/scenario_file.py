"""Scenario files: YAML text to a scenario, or every problem with its line and reason.

The files in ``examples/budget_years`` show the whole format.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from budget_calendar.computing import Source
from budget_calendar.domain.budget_year.corrections import milestone_window
from budget_calendar.domain.council.sessions import ObservedSession, SessionKind
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.refusals import RefusedError
from budget_calendar.domain.stages import OUTCOMES, Outcome, Stage
from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Window
from budget_calendar.pursuit_messages import (
    CancelPursuit,
    ConfirmStage,
    OpenPursuit,
    PausePursuit,
    ResumePursuit,
    TakeRoute,
)
from budget_calendar.registry.search import Registry
from budget_calendar.sessions.session_files import read_session_files
from budget_calendar.simulation.scenario import (
    DEFAULT_YEARS,
    MOST_YEARS,
    CorrectMilestone,
    Event,
    Happening,
    ObserveSession,
    Scenario,
    TellPursuit,
    TermBecomesKnown,
    ToldPursuit,
)
from kakehashi_common.yaml_reader import Problem, Report, Section, read

_PERSON: Final = "scenario"
"""Who says it, where the file does not."""

_P = ParamSpec("_P")
_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)


class ScenarioFileError(ValueError):
    """A file that can't be played; ``problems`` names each place and reason, first to last."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_scenario(text: str, folder: Path, registry: Registry, today: date) -> Scenario:
    """The scenario that the text describes.

    Args:
        text: YAML.
        folder: where the folders of session files that it names are looked for.
        registry: knows the municipalities.
        today: when it starts, if it doesn't say.

    Raises:
        ScenarioFileError: it can't be used; all problems are in it.
    """
    report = Report()
    root = read(text, report)
    if root is not None:
        top = Section(
            root,
            report,
            "a scenario",
            required="title municipalities",
            optional="starts years events",
        )
        scenario = _Reader(report, folder, registry).scenario(top, today)
        if not report.problems and scenario is not None:
            return scenario
    raise ScenarioFileError(sorted(report.problems))


class _Reader:
    """Reads one file."""

    def __init__(self, report: Report, folder: Path, registry: Registry) -> None:
        self._report = report
        self._folder = folder
        self._registry = registry
        self._followed: dict[str, Source] = {}
        self._pursuits: dict[str, str] = {}
        """The municipality of each pursuit that was opened, by its id."""
        self._happenings: Final[Mapping[str, Callable[[Section, date], Happening | None]]] = {
            "correct": self._correction,
            "observe": self._observation,
            "term_ends": self._term,
            "open_pursuit": self._opening,
            "confirm": self._confirmation,
            "choose_route": self._choice,
            "pause": self._pause,
            "resume": self._resumption,
            "cancel": self._cancellation,
        }

    def scenario(self, top: Section, today: date) -> Scenario | None:
        """The whole; ``None`` where something was reported."""
        title = top.section("title", required="ja en")
        text = Text(title.text("ja"), title.text("en"))
        starts = top.day("starts") or today
        years = top.whole("years")
        if years is not None and not 1 <= years <= MOST_YEARS:
            top.problem("years", f"years must be 1–{MOST_YEARS}, not {years}")
        for section in top.sections(
            "municipalities", required="code", optional="head_term_ends year_round_session sessions"
        ):
            self._follow(section)
        events = tuple(self._events(top, starts)) if "events" in top else ()
        if not top.sound:
            return None
        return Scenario(
            title=text,
            starts=starts,
            years=years or DEFAULT_YEARS,
            sources=tuple(self._followed[code] for code in sorted(self._followed)),
            events=tuple(sorted(events, key=lambda event: event.on)),
        )

    def _follow(self, section: Section) -> None:
        code = section.text("code")
        if not code:
            return
        if code in self._followed:
            section.problem("code", f"{code} is given twice")
            return
        municipality = self._checked(section, "code", self._registry.of, code)
        if municipality is None:
            return
        observed: tuple[ObservedSession, ...] = ()
        if folder := section.text("sessions"):
            read_ = self._checked(
                section,
                "sessions",
                read_session_files,
                self._folder / folder,
                code,
                municipality.name,
            )
            observed = read_.sessions if read_ else ()
        self._followed[code] = Source(
            municipality,
            observed=observed,
            head_term_ends=section.day("head_term_ends"),
            year_round_session=section.boolean("year_round_session") or False,
        )

    def _events(self, top: Section, starts: date) -> Iterator[Event]:
        """The events; deals are opened before anything is said of them, by date."""
        sections = top.sections("events", required="on", optional=" ".join(self._happenings))
        days = [(section.day("on"), section) for section in sections]
        for on, section in sorted(days, key=lambda each: each[0] or starts):
            if on is None:
                continue
            if on < starts:
                section.problem("on", f"on {on} lies before the scenario starts, on {starts}")
            kinds = [kind for kind in self._happenings if kind in section]
            if len(kinds) != 1:
                section.problem(
                    kinds[1] if kinds else "on",
                    f"each of events must have one of {', '.join(self._happenings)}",
                )
                continue
            before = len(self._report.problems)
            happening = self._happenings[kinds[0]](section, on)
            if happening is not None and len(self._report.problems) == before:
                yield Event(on, happening)

    def _correction(self, event: Section, on: date) -> CorrectMilestone | None:
        del on
        told = event.section(
            "correct",
            required="municipality fiscal_year milestone source reason",
            optional="day earliest likely latest by",
        )
        code = self._code(told)
        year, key = told.whole("fiscal_year"), told.text("milestone")
        window = self._window(told)
        if not code or year is None or not key or window is None:
            return None
        self._checked(told, "milestone", milestone_window, key, window)
        return CorrectMilestone(
            code,
            year,
            key,
            window,
            source=told.text("source"),
            reason=told.text("reason"),
            by=told.text("by") or _PERSON,
        )

    def _window(self, told: Section) -> Window | None:
        day = told.day("day")
        days = [told.day(key) for key in ("earliest", "likely", "latest")]
        if ("day" in told) == any(key in told for key in ("earliest", "likely", "latest")):
            told.problem("milestone", "give day, or earliest, likely and latest")
            return None
        if day:
            return Window.on(day)
        earliest, likely, latest = days
        if earliest is None or likely is None or latest is None:
            if "day" not in told:
                told.problem("milestone", "give all of earliest, likely and latest")
            return None
        return self._checked(told, "likely", Window, earliest, likely, latest)

    def _observation(self, event: Section, on: date) -> ObserveSession | None:
        told = event.section(
            "observe", required="municipality year number last_vote source", optional="kind opens"
        )
        code = self._code(told)
        year, number = told.whole("year"), told.whole("number")
        opens, last_vote = told.day("opens"), told.day("last_vote")
        kind = self._one_of(told, "kind", SessionKind) if "kind" in told else SessionKind.REGULAR
        if not code or year is None or number is None or last_vote is None or kind is None:
            return None
        if last_vote > on:
            told.problem("last_vote", f"last_vote {last_vote} has not been observed on {on} yet")
        if opens and opens > last_vote:
            told.problem("opens", f"opens {opens} lies after last_vote {last_vote}")
        return ObserveSession(
            ObservedSession(code, kind, year, number, opens, last_vote, (), told.text("source"))
        )

    def _term(self, event: Section, on: date) -> TermBecomesKnown | None:
        del on
        told = event.section("term_ends", required="municipality head_term_ends")
        code, ends = self._code(told), told.day("head_term_ends")
        return TermBecomesKnown(code, ends) if code and ends else None

    def _opening(self, event: Section, on: date) -> OpenPursuit | None:
        del on
        told = event.section("open_pursuit", required="id municipality owner goal")
        pursuit_id, code = told.text("id"), self._code(told)
        if pursuit_id in self._pursuits:
            told.problem("id", f"pursuit {pursuit_id!r} is opened twice")
        self._pursuits[pursuit_id] = code
        goal = self._goal(told)
        if not pursuit_id or not code or goal is None:
            return None
        return OpenPursuit(pursuit_id, code, told.text("owner"), goal)

    def _goal(self, told: Section) -> PursuitGoal | None:
        goal = told.section(
            "goal",
            required="policy_area amount_yen wanted_start category",
            optional="years description",
        )
        area, amount = goal.text("policy_area"), goal.whole("amount_yen")
        start, category = goal.day("wanted_start"), self._one_of(goal, "category", ContractCategory)
        if not area or amount is None or start is None or category is None:
            return None
        return self._checked(
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

    def _confirmation(self, event: Section, on: date) -> TellPursuit | None:
        told = self._told(event, "confirm", "stage outcome")
        stage, outcome = self._one_of(told, "stage", Stage), self._one_of(told, "outcome", Outcome)
        if stage is None or outcome is None:
            return None
        if outcome not in OUTCOMES[stage]:
            told.problem("outcome", f"{stage} ends with {', '.join(OUTCOMES[stage])}")
        return self._telling(
            told, ConfirmStage(stage, outcome, on, by=self._by(told), note=told.text("note"))
        )

    def _choice(self, event: Section, on: date) -> TellPursuit:
        del on
        told = self._told(event, "choose_route", "route")
        return self._telling(told, TakeRoute(told.text("route"), by=self._by(told)))

    def _pause(self, event: Section, on: date) -> TellPursuit | None:
        told = self._told(event, "pause", "until")
        until = told.day("until")
        if until is None:
            return None
        if until <= on:
            told.problem("until", f"until {until} must lie after {on}")
        return self._telling(told, PausePursuit(until, by=self._by(told), note=told.text("note")))

    def _resumption(self, event: Section, on: date) -> TellPursuit:
        del on
        told = self._told(event, "resume")
        return self._telling(told, ResumePursuit(by=self._by(told)))

    def _cancellation(self, event: Section, on: date) -> TellPursuit:
        del on
        told = self._told(event, "cancel")
        return self._telling(told, CancelPursuit(by=self._by(told), note=told.text("note")))

    def _told(self, event: Section, kind: str, required: str = "") -> Section:
        return event.section(kind, required=f"pursuit {required}", optional="by note")

    def _telling(self, told: Section, message: ToldPursuit) -> TellPursuit:
        """A pursuit that was opened by then, or the successor of one."""
        pursuit_id = told.text("pursuit")
        first, _, generation = pursuit_id.rpartition("-")
        if pursuit_id not in self._pursuits and not (
            first in self._pursuits and generation.isdecimal()
        ):
            opened = ", ".join(sorted(self._pursuits)) or "none"
            told.problem(
                "pursuit", f"no pursuit {pursuit_id!r} was opened by that day; opened: {opened}"
            )
        code = self._pursuits.get(pursuit_id) or self._pursuits.get(first, "")
        return TellPursuit(pursuit_id, code, message)

    def _by(self, told: Section) -> str:
        return told.text("by") or _PERSON

    def _code(self, told: Section) -> str:
        """The code of a followed municipality; empty where a problem was reported."""
        code = told.text("municipality")
        if code and code not in self._followed:
            followed = ", ".join(self._followed) or "none"
            told.problem("municipality", f"{code} is not among the municipalities: {followed}")
            return ""
        return code

    def _one_of(self, told: Section, key: str, kind: type[_E]) -> _E | None:
        text = told.text(key)
        if not text:
            return None
        if text not in tuple(kind):
            told.problem(key, f"{key} must be one of {', '.join(kind)}, not {text!r}")
            return None
        return kind(text)

    def _checked(
        self,
        told: Section,
        key: str,
        make: Callable[_P, _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T | None:
        """What ``make`` gives; its refusal is a problem of the field that it names, or of ``key``.

        A field that the file calls otherwise is ``key``'s problem.
        """
        try:
            return make(*args, **kwargs)
        except RefusedError as error:
            field = error.field or key
            told.problem(field if field in told else key, error.message)
            return None
