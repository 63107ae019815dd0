"""All session files of one council: read together, then held against each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from budget_calendar.council_sessions.file import LeftOut, Problem, SessionFile, read_session_file
from budget_calendar.domain.council.sessions import ObservedSession, SessionKind
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.japanese_dates import year_named_in


@dataclass(frozen=True, slots=True)
class SessionFiles:
    """The sessions read from a folder of files, and their problems."""

    sessions: tuple[ObservedSession, ...]
    """By last voting day."""
    problems: tuple[Problem, ...]
    """By file, in the order in which they were found."""
    files: int
    """The number of files read."""


def read_session_files(folder: Path, code: str, municipality: str) -> SessionFiles:
    """Read every ``*.json`` of ``folder``, or the one file that it is.

    A session that contradicts another (the same session with other content, the same last voting
    day, or not in the order of their numbers) shows that one of the two is wrong: neither is taken,
    both are reported.

    Args:
        folder: a folder of files of one municipality, or one file.
        code: the municipality's code.
        municipality: its name, as bill titles use it.

    Raises:
        DomainError: there is no such folder, or no file in it.
    """
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else [folder]
    if not paths or not paths[0].exists():
        raise DomainError(
            f"{folder} holds no session file (*.json)", field="folder", code="no_session_files"
        )
    read = tuple(read_session_file(path, code, municipality) for path in paths)
    problems = [problem for file in read for problem in _with_namesakes(file, read)]
    found = [(file.file, file.session) for file in read if file.session is not None]
    taken, contradictions = _consistent(found)
    problems.extend(contradictions)
    return SessionFiles(
        sessions=tuple(sorted(taken, key=lambda each: (each.last_vote_on, each.kind))),
        problems=tuple(sorted(problems, key=lambda each: each.file)),
        files=len(read),
    )


def _with_namesakes(file: SessionFile, read: Iterable[SessionFile]) -> Iterator[Problem]:
    """The file's problems; a day that cannot be used says which other session carries it too."""
    for problem in file.problems:
        others = [
            other.file
            for other in read
            if problem.field.startswith("dates[")
            and year_named_in(problem.value) is not None
            and problem.value in other.dates
            and other.name != file.name
        ]
        if others:
            reason = f"{problem.reason}; {', '.join(others)} carries the same"
            yield replace(problem, reason=reason)
        else:
            yield problem


_Found = tuple[str, ObservedSession]


def _consistent(found: list[_Found]) -> tuple[list[ObservedSession], list[Problem]]:
    problems: list[Problem] = []
    same: dict[tuple[SessionKind, int, int], list[_Found]] = defaultdict(list)
    for file, session in found:
        same[session.kind, session.year, session.number].append((file, session))
    single: list[_Found] = []
    for (file, session), *repeated in same.values():
        contradicting = [other for other in repeated if _content(other[1]) != _content(session)]
        if contradicting:
            together = [(file, session), *repeated]
            problems.extend(
                _contradiction(each, together, "the same session, with other content")
                for each in together
            )
            continue
        single.append((file, session))
        problems.extend(
            Problem(other, "session", session.label, f"the same as {file}", LeftOut.VALUE)
            for other, _ in repeated
        )
    wrong: dict[str, Problem] = {}
    regular = [each for each in single if each[1].kind is SessionKind.REGULAR]
    regular.sort(key=lambda each: (each[1].year, each[1].number))
    for pair in pairwise(regular):
        if pair[0][1].last_vote_on >= pair[1][1].last_vote_on:
            for each in pair:
                reason = "its last vote is not in the order of the sessions' numbers"
                wrong.setdefault(each[0], _contradiction(each, list(pair), reason))
    problems.extend(wrong.values())
    return [session for file, session in single if file not in wrong], problems


def _contradiction(one: _Found, together: list[_Found], reason: str) -> Problem:
    others = ", ".join(
        f"{file} ({session.label}, {session.last_vote_on})"
        for file, session in together
        if file != one[0]
    )
    value = f"{one[1].label}, {one[1].last_vote_on}"
    return Problem(one[0], "dates", value, f"{reason}: {others}", LeftOut.SESSION)


def _content(session: ObservedSession) -> tuple[object, ...]:
    return session.opens_on, session.last_vote_on, session.bills
