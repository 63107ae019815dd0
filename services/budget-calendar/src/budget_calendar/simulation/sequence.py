"""The outcome of a simulation as one sequence of dated lines for people."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.labels import label_of_key
from budget_calendar.domain.budget_year.wording import (
    SHORT_BASES,
    Language,
    in_language,
    short_day,
    short_span,
)
from budget_calendar.domain.days import in_words
from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.commands import (
    Cancel,
    ChooseRoute,
    Confirm,
    Message,
    Pause,
    Resume,
    ReviseGoal,
)
from budget_calendar.domain.pursuit.effects import OwnerReason
from budget_calendar.domain.pursuit.narrative import sentence
from budget_calendar.domain.pursuit.state import HistoryEntry, HistoryEntryKind
from budget_calendar.domain.stages import OUTCOME_NAMES, STAGE_NAMES, Outcome, Stage
from budget_calendar.domain.windows import Basis
from budget_calendar.pictures.events import EventKind
from budget_calendar.pursuits.messages import OpenPursuit
from budget_calendar.simulation.player import CarriedOut, Played
from budget_calendar.simulation.scenario import (
    CorrectMilestone,
    ObserveSession,
    SendMessage,
    TermBecomesKnown,
)
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.budget_phases import (
    CalendarRevised,
    DateWindow,
    MilestoneNear,
    MovedMilestone,
    PhaseEntered,
)
from kakehashi_common.contracts.events import Event, EventData, Label
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.domain.texts import Text

MOVED_NAMED: Final = 3
"""Of what one revision moved; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    on: date
    """The day in Japan."""
    code: str
    """The municipality's."""
    kind: EventKind
    what: Text
    pursuit_id: str | None = None
    window: DateWindow | None = None
    """The date that it is about, and how sure that is."""
    reasons: tuple[Text, ...] = ()
    """The reasons to contact somebody now."""
    last_call: bool = True
    """Whether no later line announces the same milestone again."""


def lines_of(played: Played) -> tuple[Line, ...]:
    """Return all lines by day, and within a day by municipality, announcements first."""
    ranked = [
        *((0, line) for line in _announced(played.published)),
        *((1, line) for line in _done_by_people(played.carried_out)),
        *((2, line) for line in _revised(played.published)),
        *((3, line) for line in _of_pursuits(played)),
    ]
    ranked.sort(key=lambda each: (each[1].on, each[1].code, each[0]))
    return tuple(line for _, line in ranked)


def sure(window: DateWindow, language: Language) -> str:
    """``10/26〜11/2・慣行70%`` or ``26 Oct – 2 Nov, practice 70%``."""
    span = short_span(window.earliest, window.latest, language)
    basis = in_language(SHORT_BASES[Basis(window.basis.value)], language)
    percent = "" if window.confidence >= 1 else f"{window.confidence:.0%}"
    if language == "ja":
        return f"{span}・{basis}{percent}"
    return f"{span}, {basis} {percent}".strip()


def _announced(published: Iterable[Event[EventData]]) -> list[Line]:
    """Return phases and milestones, each with the reasons that arose with it."""
    lines: list[Line] = []
    last: dict[tuple[str, int, str], int] = {}
    at: dict[tuple[str, date], int] = {}
    for each in published:
        on, data = japan_day(each.occurred_at), each.data
        if isinstance(data, PhaseEntered):
            line = Line(
                on, data.municipality_code, EventKind.PHASE, _phase(data), None, data.begins
            )
        elif isinstance(data, MilestoneNear):
            line = Line(
                on, data.municipality_code, EventKind.MILESTONE, _near(data), None, data.window
            )
            key = (data.municipality_code, data.fiscal_year, data.milestone)
            if key in last:
                lines[last[key]] = replace(lines[last[key]], last_call=False)
            last[key] = len(lines)
        elif isinstance(data, ReasonArisen) and not data.pursuit_id and data.municipality_code:
            there = at[data.municipality_code, on]
            reasons = (*lines[there].reasons, _text(data.label))
            lines[there] = replace(lines[there], reasons=reasons)
            continue
        else:
            continue
        at[line.code, on] = len(lines)
        lines.append(line)
    return lines


def _phase(data: PhaseEntered) -> Text:
    ends = data.ends_likely_on
    return Text(
        f"段階：{data.label.ja}（{short_day(ends, 'ja')}頃まで）",
        f"Phase: {data.label.en}, until about {short_day(ends, 'en')}",
    )


def _near(data: MilestoneNear) -> Text:
    likely, left = data.window.likely, data.business_days_left
    return Text(
        f"{data.label.ja}（{short_day(likely, 'ja')}頃）まで{left}開庁日",
        f"{data.label.en} in {left} business days, about {short_day(likely, 'en')}",
    )


def _revised(published: Iterable[Event[EventData]]) -> Iterator[Line]:
    for each in published:
        if not isinstance(data := each.data, CalendarRevised):
            continue
        named = [_moved(one) for one in data.moved[:MOVED_NAMED]]
        ja, en = "、".join(one.ja for one in named), ", ".join(one.en for one in named)
        if more := len(data.moved) - len(named):
            ja, en = f"{ja} ほか{more}件", f"{en} and {more} more"
        year = data.fiscal_year
        yield Line(
            japan_day(each.occurred_at),
            data.municipality_code,
            EventKind.REVISION,
            Text(f"{year}年度の日程変更：{ja}", f"Calendar {year} moved: {en}"),
        )


def _moved(one: MovedMilestone) -> Text:
    before = one.before.likely if one.before else None
    after = one.after.likely if one.after else None
    return Text(
        f"{one.label.ja} {_from_to(before, after, 'ja')}",
        f"{one.label.en} {_from_to(before, after, 'en')}",
    )


def _from_to(before: date | None, after: date | None, language: Language) -> str:
    if before == after and after:  # only the window has moved
        return short_day(after, language)
    days = (short_day(day, language) if day else "–" for day in (before, after))
    return "→".join(days)


def _done_by_people(carried_out: Iterable[CarriedOut]) -> Iterator[Line]:
    """Yield the actions of people; of pursuits only refused ones, which no history shows."""
    for each in carried_out:
        on, refused = each.event.on, each.refused
        match each.event.action:
            case CorrectMilestone(code, correction):
                name, likely = _milestone_name(correction.milestone), correction.likely
                pursuit_id, by = None, correction.by
                text = Text(
                    f"{by}が{name.ja}を{short_day(likely, 'ja')}に訂正（{correction.source}）",
                    f"{by} corrects: {name.en} {short_day(likely, 'en')} ({correction.source})",
                )
            case ObserveSession(session):
                code, pursuit_id = session.code, None
                voted, kind = session.last_vote_on, session.kind
                ja, en = ("招集", "called") if voted > on else ("実績", "observed")
                text = Text(
                    f"{session.year}年第{session.number}回{kind.japanese}の{ja}を登録"
                    f"（最終議決日{short_day(voted, 'ja')}）",
                    f"Session {session.year}-{session.number} ({kind}) {en}: last vote "
                    f"{short_day(voted, 'en')}",
                )
            case TermBecomesKnown(code, ends):
                pursuit_id = None
                text = Text(
                    f"首長の任期満了日（{in_words(ends).ja}）を登録",
                    f"The head's term is known to end on {in_words(ends).en}",
                )
            case OpenPursuit() as opening:
                code, pursuit_id = opening.code, opening.pursuit_id
                text = Text("案件の開始", "Opening the pursuit")
            case SendMessage(pursuit_id=pursuit_id, code=code, message=message):
                text = _message_text(message)
        if refused:
            text = Text(f"受付不可：{text.ja}：{refused}", f"Refused: {text.en}: {refused}")
        elif pursuit_id:
            continue
        kind_ = EventKind.SETBACK if refused else EventKind.STEP
        yield Line(on, code, kind_, text, pursuit_id)


def _message_text(message: Message) -> Text:
    if isinstance(message, Confirm):
        stage, outcome = STAGE_NAMES[message.stage], OUTCOME_NAMES[message.outcome]
        return Text(f"{stage.ja}（{outcome.ja}）", f"{stage.en} {outcome.en}")
    return _MESSAGE_TEXTS[type(message)]


_MESSAGE_TEXTS: Final[Mapping[type[Message], Text]] = {
    ChooseRoute: Text("進め方の変更", "Another route"),
    ReviseGoal: Text("目標の見直し", "Another goal"),
    Pause: Text("休止", "Pausing"),
    Resume: Text("再開", "Resuming"),
    Cancel: Text("取りやめ", "Giving up"),
}


def _milestone_name(key: str) -> Text:
    try:
        return label_of_key(key)
    except ValueError:
        return Text(key, key)


def _of_pursuits(played: Played) -> Iterator[Line]:
    """Yield each pursuit's history, and when its owner was asked to begin a stage."""
    begins: dict[str, list[Line]] = {}
    for each in played.published:
        if isinstance(data := each.data, ReasonArisen) and data.pursuit_id:
            if data.reason != OwnerReason.STAGE_BEGINS:
                continue  # the story says it
            line = Line(
                japan_day(each.occurred_at),
                data.municipality_code or "",
                EventKind.REMINDER,
                _text(data.label),
                data.pursuit_id,
            )
            begins.setdefault(data.pursuit_id, []).append(line)
    for state in played.pursuits:
        yield from (_story_line(state, entry) for entry in state.history)
        yield from begins.get(state.pursuit_id, ())


def _story_line(state: PursuitState, entry: HistoryEntry) -> Line:
    text = sentence(state, entry)
    return Line(
        entry.on,
        state.municipality_code,
        _kind(entry),
        Text(text.ja, text.en[0].upper() + text.en[1:]),
        state.pursuit_id,
    )


_SECURED: Final = frozenset({Stage.VOTE, Stage.CONTRACT, Stage.RENEWAL})

_KINDS: Final = {
    HistoryEntryKind.ROUTE_TAKEN: EventKind.REVISION,
    HistoryEntryKind.LAPSED: EventKind.REVISION,
    HistoryEntryKind.DATES_MOVED: EventKind.REVISION,
    HistoryEntryKind.GOAL_REVISED: EventKind.REVISION,
    HistoryEntryKind.RESTORATION_OPEN: EventKind.REMINDER,
    HistoryEntryKind.REMINDED: EventKind.REMINDER,
    HistoryEntryKind.ESCALATED: EventKind.REMINDER,
    HistoryEntryKind.NO_ROUTE: EventKind.REMINDER,
    HistoryEntryKind.SET_BACK: EventKind.SETBACK,
    HistoryEntryKind.REFUSED: EventKind.SETBACK,
}
"""All others are steps."""


def _kind(entry: HistoryEntry) -> EventKind:
    if entry.kind is not HistoryEntryKind.CONFIRMED:
        return _KINDS.get(entry.kind, EventKind.STEP)
    if entry.outcome in (Outcome.CUT, Outcome.FAILED):
        return EventKind.SETBACK
    if entry.outcome is Outcome.RESTORED:
        return EventKind.SUCCESS
    secured = entry.outcome is Outcome.DONE and entry.stage in _SECURED
    return EventKind.SUCCESS if secured else EventKind.STEP


def _text(label: Label) -> Text:
    return Text(label.ja, label.en)
