"""Whether a behaviour is seen, and of what it consists, or what is missing."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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
    """What is known when a behaviour is judged."""

    person: Person
    organisation: Organisation
    roles: Mapping[str, str]
    """The part in decisions of each lead of the organisation, where it is known."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One condition in the light of what is known."""

    holds: bool
    words: Callable[[], Text]
    """Most are never read, and cost more than the rest."""

    @property
    def text(self) -> Text:
        """What was counted, and what is asked for. Holds no personal data."""
        return self.words()


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
        """Why not: the conditions that don't hold."""
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
    parts = tuple(_part(each, observed, business_days) for each in behaviour.conditions)
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
    """Return what has come to be seen, and the names of all that is seen now.

    What is seen all the while is reported once; it is reported again after it was not seen.
    """
    seen = [
        behaviour
        for behaviour in behaviours
        if all(_part(each, observed, business_days).holds for each in behaviour.conditions)
    ]
    fresh = tuple(
        judge(each, observed, business_days) for each in seen if each.name not in seen_before
    )
    return fresh, frozenset(each.name for each in seen)


def _part(condition: Condition, observed: Observed, business_days: BusinessDays) -> Part:
    match condition:
        case Happened():
            return _happened(condition, observed)
        case SeveralPeople():
            return _several_people(condition, observed)
        case NoAnswer():
            return _no_answer(condition, observed, business_days)
        case Silent():
            return _silent(condition, observed)
        case ScoreJumped():
            return _score_jumped(condition, observed)


def _happened(condition: Happened, observed: Observed) -> Part:
    since = observed.now - timedelta(days=condition.days)
    marks = observed.person.marks.get(condition.pattern.key, ())
    count = sum(mark.at > since for mark in marks)

    def words() -> Text:
        what, at_least = name_of(condition.pattern), count == MAX_TIMES  # more are not kept
        return Text(
            ja=f"{what.ja}が{condition.days}日間に{count}回{'以上' if at_least else ''}"
            f"（{condition.times}回以上で成立）",
            en=f"{what.en} {'at least ' if at_least else ''}{count} times "
            f"in {condition.days} days; it takes {condition.times}",
        )

    return Part(count >= condition.times, words)


def _active(condition: SeveralPeople, observed: Observed) -> tuple[str, ...]:
    since = observed.now - timedelta(days=condition.days)
    people = observed.organisation.active.get(condition.pattern.key, {})
    return tuple(lead for lead, at in people.items() if at > since)


def _several_people(condition: SeveralPeople, observed: Observed) -> Part:
    people = _active(condition, observed)
    deciding = sum(observed.roles.get(lead) in DECIDING_ROLES for lead in people)

    def words() -> Text:
        what = name_of(condition.pattern)
        count = Text(
            ja=f"{what.ja}をした人が{condition.days}日間に{len(people)}人"
            f"（{condition.people}人以上で成立）",
            en=f"{what.en} by {len(people)} people in {condition.days} days; "
            f"it takes {condition.people}",
        )
        if not condition.one_decides:
            return count
        return Text(
            ja=f"{count.ja}、うち決裁に関わる人が{deciding}人（1人以上で成立）",
            en=f"{count.en}, and one with a part in the decision; {deciding} have it",
        )

    enough = len(people) >= condition.people
    return Part(enough and (deciding > 0 or not condition.one_decides), words)


def _no_answer(condition: NoAnswer, observed: Observed, business_days: BusinessDays) -> Part:
    mailed, answered = observed.person.mailed_at, observed.person.answered_at
    if mailed is None:
        return Part(
            holds=False, words=lambda: Text("まだメールを送っていません", "no mail was sent yet")
        )
    if answered is not None and answered >= mailed:
        on = _day(answered)
        return Part(
            holds=False,
            words=lambda: Text(f"{in_words(on)}に反応がありました", f"an answer came on {on}"),
        )
    sent = _day(mailed)
    passed = business_days.count(sent + timedelta(days=1), _day(observed.now))

    def words() -> Text:
        return Text(
            ja=f"{in_words(sent)}のメールに反応がなく、{passed}開庁日目"
            f"（{condition.business_days}開庁日を過ぎると成立）",
            en=f"no answer to the mail of {sent}, on business day {passed}; "
            f"it holds after {condition.business_days}",
        )

    return Part(passed > condition.business_days, words)


def _silent(condition: Silent, observed: Observed) -> Part:
    active = observed.person.active_at
    if active is None:
        return Part(holds=False, words=lambda: Text("まだ何の活動もありません", "no activity yet"))
    passed = max((observed.now - active).days, 0)

    def words() -> Text:
        return Text(
            ja=f"最後の活動から{passed}日（{condition.days}日以上で成立）",
            en=f"{passed} days since the last activity; it takes {condition.days}",
        )

    return Part(passed >= condition.days, words)


def _score_jumped(condition: ScoreJumped, observed: Observed) -> Part:
    first = _day(observed.now) - timedelta(days=condition.days - 1)
    scores = observed.person.scores
    within = [each for each in scores if each.day >= first]
    before = [each.last for each in scores if each.day < first][-1:]
    lowest = min([*before, *(each.lowest for each in within)], default=0.0)
    rise = round(within[-1].last - lowest, 1) if within else 0.0

    def words() -> Text:
        return Text(
            ja=f"関心度が{condition.days}日間に{rise:g}点上昇（{condition.points:g}点以上で成立）",
            en=f"engagement rose by {rise:g} points in {condition.days} days; "
            f"it takes {condition.points:g}",
        )

    return Part(rise >= condition.points, words)


def _day(at: datetime) -> date:
    return at.astimezone(JAPAN).date()
