"""Scenario files: YAML text to a scenario, or every problem with its line and reason.

The files in ``examples/budget_years`` show the whole format.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from budget_calendar.calendars.calculator import CalendarInputs
from budget_calendar.council_sessions.files import read_session_files
from budget_calendar.cycles.messages import Correct
from budget_calendar.domain.budget_year.corrections import milestone_window
from budget_calendar.domain.council.sessions import ObservedSession, SessionKind
from budget_calendar.registry.search import Registry
from budget_calendar.simulation.scenario import (
    DEFAULT_YEARS,
    MOST_YEARS,
    CorrectMilestone,
    ObserveSession,
    Scenario,
    ScenarioAction,
    ScenarioEvent,
    TermBecomesKnown,
)
from budget_calendar.simulation.scenario_pursuits import PERSON, PursuitEvents
from budget_calendar.simulation.scenario_subsidies import subsidies_of
from budget_calendar.simulation.scenario_values import checked, one_of, window_of
from kakehashi_common.domain.texts import Text
from kakehashi_common.yaml_reader import InvalidFileError, Report, Section, read


class ScenarioFileError(InvalidFileError):
    """A file that can't be played."""


def read_scenario(text: str, folder: Path, registry: Registry, today: date) -> Scenario:
    """Return the scenario that the text describes.

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
            optional="starts years subsidies events",
        )
        scenario = _Reader(report, folder, registry).scenario(top, today)
        if not report.problems and scenario is not None:
            return scenario
    raise ScenarioFileError(sorted(report.problems), report.more)


class _Reader:
    """Reads one file."""

    def __init__(self, report: Report, folder: Path, registry: Registry) -> None:
        self._report = report
        self._folder = folder
        self._registry = registry
        self._followed: dict[str, CalendarInputs] = {}
        self._actions: Final[Mapping[str, Callable[[Section, date], ScenarioAction | None]]] = {
            "correct": self._correction,
            "observe": self._observation,
            "call": self._call,
            "term_ends": self._term,
            **PursuitEvents(self._code).kinds,
        }

    def scenario(self, top: Section, today: date) -> Scenario | None:
        """Return the scenario, or ``None`` if a problem was reported."""
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
        subsidies = subsidies_of(top) if "subsidies" in top else ()
        events = tuple(self._events(top, starts)) if "events" in top else ()
        if not top.sound:
            return None
        return Scenario(
            title=text,
            starts=starts,
            years=years or DEFAULT_YEARS,
            inputs=tuple(self._followed[code] for code in sorted(self._followed)),
            subsidies=subsidies,
            events=tuple(sorted(events, key=lambda event: event.on)),
        )

    def _follow(self, section: Section) -> None:
        code = section.text("code")
        if not code:
            return
        if code in self._followed:
            section.problem("code", f"{code} is given twice")
            return
        municipality = checked(section, "code", self._registry.get, code)
        if municipality is None:
            return
        observed: tuple[ObservedSession, ...] = ()
        if folder := section.text("sessions"):
            read_ = checked(
                section,
                "sessions",
                read_session_files,
                self._folder / folder,
                code,
                municipality.name,
            )
            observed = read_.sessions if read_ else ()
        self._followed[code] = CalendarInputs(
            municipality,
            observed=observed,
            head_term_ends=section.day("head_term_ends"),
            year_round_session=section.boolean("year_round_session") or False,
        )

    def _events(self, top: Section, starts: date) -> Iterator[ScenarioEvent]:
        """Read the events by date: a pursuit is opened before it gets messages."""
        sections = top.sections("events", required="on", optional=" ".join(self._actions))
        days = [(section.day("on"), section) for section in sections]
        for on, section in sorted(days, key=lambda each: each[0] or starts):
            if on is None:
                continue
            if on < starts:
                section.problem("on", f"on {on} lies before the scenario starts, on {starts}")
            kinds = [kind for kind in self._actions if kind in section]
            if len(kinds) != 1:
                section.problem(
                    kinds[1] if kinds else "on",
                    f"each of events must have one of {', '.join(self._actions)}",
                )
                continue
            before = self._report.count
            action = self._actions[kinds[0]](section, on)
            if action is not None and self._report.count == before:
                yield ScenarioEvent(on, action)

    def _correction(self, event: Section, on: date) -> CorrectMilestone | None:
        del on
        section = event.section(
            "correct",
            required="municipality fiscal_year milestone source reason",
            optional="day earliest likely latest by",
        )
        code = self._code(section)
        year, key = section.whole("fiscal_year"), section.text("milestone")
        window = window_of(section, "milestone")
        if not code or year is None or not key or window is None:
            return None
        checked(section, "milestone", milestone_window, key, window)
        correction = Correct(
            year,
            key,
            window.earliest,
            window.likely,
            window.latest,
            source=section.text("source"),
            reason=section.text("reason"),
            by=section.text("by") or PERSON,
        )
        return CorrectMilestone(code, correction)

    def _observation(self, event: Section, on: date) -> ObserveSession | None:
        section = event.section(
            "observe", required="municipality year number last_vote source", optional="kind opens"
        )
        kind = one_of(section, "kind", SessionKind) if "kind" in section else SessionKind.REGULAR
        observed = self._session(section, kind)
        if observed and observed.session.last_vote_on > on:
            day = observed.session.last_vote_on
            section.problem("last_vote", f"last_vote {day} has not been observed on {on} yet")
        return observed

    def _call(self, event: Section, on: date) -> ObserveSession | None:
        """Read the call of an extraordinary session (臨時会)."""
        section = event.section(
            "call", required="municipality year number last_vote source", optional="opens"
        )
        called = self._session(section, SessionKind.EXTRAORDINARY)
        if called and called.session.last_vote_on < on:
            day = called.session.last_vote_on
            section.problem("last_vote", f"last_vote {day} is past on {on}: observe it")
        return called

    def _session(self, section: Section, kind: SessionKind | None) -> ObserveSession | None:
        code = self._code(section)
        year, number = section.whole("year"), section.whole("number")
        opens, last_vote = section.day("opens"), section.day("last_vote")
        if not code or year is None or number is None or last_vote is None or kind is None:
            return None
        if opens and opens > last_vote:
            section.problem("opens", f"opens {opens} lies after last_vote {last_vote}")
        return ObserveSession(
            ObservedSession(code, kind, year, number, opens, last_vote, (), section.text("source"))
        )

    def _term(self, event: Section, on: date) -> TermBecomesKnown | None:
        del on
        section = event.section("term_ends", required="municipality head_term_ends")
        code, ends = self._code(section), section.day("head_term_ends")
        return TermBecomesKnown(code, ends) if code and ends else None

    def _code(self, section: Section) -> str:
        """Return the code of a followed municipality; it is empty if a problem was reported."""
        code = section.text("municipality")
        if code and code not in self._followed:
            followed = ", ".join(self._followed) or "none"
            section.problem("municipality", f"{code} is not among the municipalities: {followed}")
            return ""
        return code
