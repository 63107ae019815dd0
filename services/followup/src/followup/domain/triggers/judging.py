"""Judge whether a behaviour is seen: its parts, and what is missing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from followup.domain.triggers.conditions import (
    DECIDING_ROLES,
    MAX_TIMES,
    Behaviour,
    Condition,
    Happened,
    NoAnswer,
    ScoreJumped,
    SeveralPeople,
    Silent,
)
from followup.domain.triggers.naming import name_of
from followup.domain.triggers.observations import Organisation, Person
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.japanese_writing import day as in_words
from kakehashi_common.domain.texts import Text


@dataclass(frozen=True, slots=True)
class Observed:
    """The observations by which a behaviour is judged."""

    person: Person
    organisation: Organisation
    roles: Mapping[str, str]
    """The part in decisions of each lead of the organisation, where it is known."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One condition and whether it holds."""

    holds: bool
    text: Text
    """The count, and the required one. Holds no personal data."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a behaviour is seen, condition by condition."""

    behaviour: Behaviour
    parts: tuple[Part, ...]
    leads: tuple[str, ...] = ()
    """The people whose activity together makes it up."""

    @property
    def seen(self) -> bool:
        """Whether all conditions hold."""
        return all(part.holds for part in self.parts)

    @property
    def missing(self) -> tuple[Text, ...]:
        """The conditions that don't hold."""
        return tuple(part.text for part in self.parts if not part.holds)

    @property
    def text(self) -> Text:
        """Why it is seen, or what is missing."""
        label = self.behaviour.label
        if self.seen:
            parts = [part.text for part in self.parts]
            return Text(
                ja=f"「{label.ja}」に当てはまります。{'。'.join(each.ja for each in parts)}。",
                en=f"{label.en}: seen. {'. '.join(each.en for each in parts)}.",
            )
        return Text(
            ja=f"「{label.ja}」には当てはまりません。"
            f"足りないもの：{'。'.join(each.ja for each in self.missing)}。",
            en=f"{label.en}: not seen. Missing: {'. '.join(each.en for each in self.missing)}.",
        )


def judge(behaviour: Behaviour, observed: Observed, business_days: BusinessDays) -> Judgement:
    """Judge whether ``behaviour`` is seen at ``observed.now``."""
    parts = tuple(
        Part(_holds(each, observed, business_days), _text(each, observed, business_days))
        for each in behaviour.conditions
    )
    leads = {
        lead
        for each in behaviour.conditions
        if isinstance(each, SeveralPeople)
        for lead in _active(each, observed)
    }
    return Judgement(behaviour, parts, tuple(sorted(leads)))


def newly_seen(
    behaviours: Iterable[Behaviour],
    observed: Observed,
    business_days: BusinessDays,
    seen_before: Collection[str],
) -> tuple[tuple[Judgement, ...], frozenset[str]]:
    """Return the behaviours that have come to be seen, and the names of all that are seen now.

    A behaviour that stays seen is reported once; it is reported again after it was not seen.
    """
    seen = [
        behaviour
        for behaviour in behaviours
        if behaviour.marked_by <= observed.person.marks.keys()
        and all(_holds(each, observed, business_days) for each in behaviour.conditions)
    ]
    fresh = tuple(
        judge(each, observed, business_days) for each in seen if each.name not in seen_before
    )
    return fresh, frozenset(each.name for each in seen)


def still_seen(
    behaviours: Iterable[Behaviour], observed: Observed, seen_before: Collection[str]
) -> frozenset[str]:
    """Return what of ``seen_before`` has not run out of its window at ``observed.now``.

    To be asked before a further activity or score is added, so that what has run out can come to
    be seen again by it, although nobody judged in between.
    """
    return frozenset(
        each.name
        for each in behaviours
        if each.name in seen_before
        and not any(_has_run_out(condition, observed) for condition in each.conditions)
    )


def _has_run_out(condition: Condition, observed: Observed) -> bool:
    """Whether a condition on a window doesn't hold; of an absence only an activity is the end."""
    match condition:
        case Happened():
            return _count(condition, observed) < condition.times
        case SeveralPeople():
            return not _are_several(condition, observed)
        case ScoreJumped():
            return _rise(condition, observed) < condition.points
        case NoAnswer() | Silent():
            return False


def _holds(condition: Condition, observed: Observed, business_days: BusinessDays) -> bool:
    """Whether a condition holds, without saying why: of nearly every event nobody asks."""
    match condition:
        case Happened():
            return _count(condition, observed) >= condition.times
        case SeveralPeople():
            return _are_several(condition, observed)
        case NoAnswer():
            passed = _unanswered(observed, business_days)
            return passed is not None and passed > condition.business_days
        case Silent():
            passed = _silent(observed)
            return passed is not None and passed >= condition.days
        case ScoreJumped():
            return _rise(condition, observed) >= condition.points


def _are_several(condition: SeveralPeople, observed: Observed) -> bool:
    people = _active(condition, observed)
    return len(people) >= condition.people and (
        not condition.one_decides or _deciding(people, observed) > 0
    )


def _text(condition: Condition, observed: Observed, business_days: BusinessDays) -> Text:
    match condition:
        case Happened():
            return _text_of_happened(condition, observed)
        case SeveralPeople():
            return _text_of_several_people(condition, observed)
        case NoAnswer():
            return _text_of_no_answer(condition, observed, business_days)
        case Silent():
            return _text_of_silent(condition, observed)
        case ScoreJumped():
            rise = _rise(condition, observed)
            return Text(
                ja=f"関心度が{condition.days}日間に{rise:g}点上昇（{condition.points:g}点以上で成立）",
                en=f"engagement rose by {rise:g} points in {condition.days} days; "
                f"it takes {condition.points:g}",
            )


_ONE_VISIT: Final = Text("。30分の枠の中の同じ行動は1回と数えます", ", each in another half hour")


def _count(condition: Happened, observed: Observed) -> int:
    marks = observed.person.marks.get(condition.pattern.key)
    if not marks:
        return 0
    since = observed.now - timedelta(days=condition.days)
    return sum(mark.at > since for mark in marks)


def _text_of_happened(condition: Happened, observed: Observed) -> Text:
    count, what = _count(condition, observed), name_of(condition.pattern)
    at_least = count == MAX_TIMES  # more are not kept
    several = condition.times > 1
    return Text(
        ja=f"{what.ja}が{condition.days}日間に{count}回{'以上' if at_least else ''}"
        f"（{condition.times}回以上で成立{_ONE_VISIT.ja if several else ''}）",
        en=f"{what.en} {'at least ' if at_least else ''}{count} times "
        f"in {condition.days} days; it takes {condition.times}{_ONE_VISIT.en if several else ''}",
    )


def _active(condition: SeveralPeople, observed: Observed) -> tuple[str, ...]:
    people = observed.organisation.active.get(condition.pattern.key)
    if not people:
        return ()
    since = observed.now - timedelta(days=condition.days)
    return tuple(lead for lead, at in people.items() if at > since)


def _deciding(people: Iterable[str], observed: Observed) -> int:
    return sum(observed.roles.get(lead) in DECIDING_ROLES for lead in people)


def _text_of_several_people(condition: SeveralPeople, observed: Observed) -> Text:
    people, what = _active(condition, observed), name_of(condition.pattern)
    count = Text(
        ja=f"{what.ja}をした人が{condition.days}日間に{len(people)}人"
        f"（{condition.people}人以上で成立）",
        en=f"{what.en} by {len(people)} people in {condition.days} days; "
        f"it takes {condition.people}",
    )
    if not condition.one_decides:
        return count
    deciding = _deciding(people, observed)
    return Text(
        ja=f"{count.ja}、うち決裁に関わる人が{deciding}人（1人以上で成立）",
        en=f"{count.en}, and one with a part in the decision; {deciding} have it",
    )


def _unanswered(observed: Observed, business_days: BusinessDays) -> int | None:
    """Return the business days since the newest mail; ``None``: none was sent, or it was answered.

    Those after the day on which it was sent, the present one included.
    """
    mailed, answered = observed.person.mailed_at, observed.person.answered_at
    if mailed is None or (answered is not None and answered >= mailed):
        return None
    return business_days.count(_day(mailed) + timedelta(days=1), _day(observed.now))


def _text_of_no_answer(
    condition: NoAnswer, observed: Observed, business_days: BusinessDays
) -> Text:
    mailed, answered = observed.person.mailed_at, observed.person.answered_at
    if mailed is None:
        return Text("まだメールを送っていません", "no mail was sent yet")
    passed = _unanswered(observed, business_days)
    if passed is None and answered is not None:
        on = _day(answered)
        return Text(f"{in_words(on)}に反応がありました", f"an answer came on {on}")
    sent = _day(mailed)
    return Text(
        ja=f"{in_words(sent)}のメールに反応がなく、{passed}開庁日目"
        f"（{condition.business_days}開庁日を過ぎると成立）",
        en=f"no answer to the mail of {sent}, on business day {passed}; "
        f"it holds after {condition.business_days}",
    )


def _silent(observed: Observed) -> int | None:
    """Return the whole days since the newest activity; ``None``: there was none."""
    active = observed.person.active_at
    return None if active is None else max((observed.now - active).days, 0)


def _text_of_silent(condition: Silent, observed: Observed) -> Text:
    passed = _silent(observed)
    if passed is None:
        return Text("まだ何の活動もありません", "no activity yet")
    return Text(
        ja=f"最後の活動から{passed}日（{condition.days}日以上で成立）",
        en=f"{passed} days since the last activity; it takes {condition.days}",
    )


def _rise(condition: ScoreJumped, observed: Observed) -> float:
    scores = observed.person.scores
    if not scores:
        return 0.0
    first = _day(observed.now) - timedelta(days=condition.days - 1)
    within = [each for each in scores if each.day >= first]
    before = [each.last for each in scores if each.day < first][-1:]
    lowest = min([*before, *(each.lowest for each in within)], default=0.0)
    return round(within[-1].last - lowest, 1) if within else 0.0


def _day(at: datetime) -> date:
    return at.astimezone(JAPAN).date()
