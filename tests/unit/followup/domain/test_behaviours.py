"""Behaviour that is watched for: when it is seen, what is missing, and what has to be kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.domain.triggers.catalogue import BEHAVIOURS
from followup.domain.triggers.conditions import (
    ANSWERS,
    DECIDING_ROLES,
    MAX_SCORE_DAYS,
    OPENED_BY_PROGRAMS,
    Behaviour,
    Condition,
    Happened,
    NoAnswer,
    Pattern,
    ScoreJumped,
    SeveralPeople,
    Silent,
    check_behaviour,
)
from followup.domain.triggers.judging import Observed, judge, newly_seen, still_seen
from followup.domain.triggers.observations import (
    MAX_ACTIVE_PEOPLE,
    Activity,
    Organisation,
    Person,
)
from followup.domain.triggers.watch import MAX_PATTERNS, Watch
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

LABEL = Text("試験", "test")
SHIPPED = Watch.for_behaviours(BEHAVIOURS.values())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


NOW = at("2026-12-01 10:00")


def ago(**past: float) -> datetime:
    return NOW - timedelta(**past)


def did(kind: str, category: str | None = None, *, lead: str = "a", **past: float) -> Activity:
    return Activity(lead, ago(**past), kind, category)


def wrote(text: str, **past: float) -> Activity:
    return Activity("a", ago(**past), "form_submitted", text=text)


def observe(
    watch: Watch, activity: Activity, person: Person, organisation: Organisation
) -> tuple[Person, Organisation]:
    """Return what is known after an activity of that person of that organisation."""
    return (
        person.with_activity(activity, watch.patterns.of_kind(activity.kind)),
        organisation.with_activity(activity, watch.of_several.of_kind(activity.kind)),
    )


def observed(
    activities: Iterable[Activity] = (),
    *,
    roles: Mapping[str, str] | None = None,
    mails: Iterable[datetime] = (),
    scores: Iterable[tuple[datetime, float]] = (),
    watch: Watch = SHIPPED,
) -> Observed:
    """Return what is known of lead ``a`` and its organisation now."""
    people: dict[str, Person] = {"a": Person()}
    organisation = Organisation()
    for each in activities:
        person = people.get(each.lead_id, Person())
        people[each.lead_id], organisation = observe(watch, each, person, organisation)
    person = people["a"]
    for mail in mails:
        person = person.with_mail(mail)
    for when, score in scores:
        person = person.with_score(when, score)
    organisation = organisation.pruned(NOW, watch.of_several.keys)
    return Observed(person.pruned(NOW, watch.patterns.keys), organisation, roles or {}, NOW)


VIEW = ("page_viewed", "pricing")


@pytest.mark.parametrize(
    ("name", "known", "seen"),
    [
        ("price_interest", [did(*VIEW, days=6), did(*VIEW, days=1)], True),
        ("price_interest", [did(*VIEW, days=8), did(*VIEW, days=1)], False),
        ("price_interest", [did(*VIEW, days=1)], False),
        ("price_interest", [did(*VIEW, minutes=20), did(*VIEW, minutes=10)], False),
        ("price_interest", [did(*VIEW), did("page_viewed", "comparison")], True),
        ("price_interest", [did(*VIEW), did("page_viewed", "product")], False),
        ("price_interest", [did(*VIEW), did(*VIEW, lead="b", days=1)], False),
        ("case_read", [did("page_viewed", "specification")], True),
        ("case_read", [did("document_downloaded", "case_study")], True),
        ("case_read", [did("page_viewed", None)], False),
        ("comparison_downloaded", [did("document_downloaded", "comparison")], True),
        ("comparison_downloaded", [did("page_viewed", "comparison")], False),
        ("enquiry", [wrote("こんにちは", hours=1)], True),
        ("enquiry", [wrote("こんにちは", days=2)], False),
        ("budget_enquiry", [wrote("来年度の予 算に載せたい")], True),
        ("budget_enquiry", [wrote("ｋｉｎｔｏｎｅ との違いは")], False),
        ("several_active", [did(*VIEW), did(*VIEW, lead="manager", days=6)], True),
        ("several_active", [did(*VIEW), did(*VIEW, lead="manager", days=7)], False),
        ("several_active", [did(*VIEW), did(*VIEW, lead="officer", days=1)], False),
        ("several_active", [did(*VIEW, lead="manager"), did(*VIEW, lead="manager")], False),
        ("several_active", [did("mail_opened"), did(*VIEW, lead="manager")], False),
        ("silent", [did(*VIEW, days=60)], True),
        ("silent", [did(*VIEW, days=59)], False),
        ("silent", [did(*VIEW, days=60), did("mail_opened", days=1)], True),
        ("silent", [], False),
    ],
)
def test_activities_make_up_a_behaviour(name: str, known: list[Activity], *, seen: bool) -> None:
    there = observed(known, roles={"manager": "manager", "officer": "officer"})

    assert judge(BEHAVIOURS[name], there, BUSINESS_DAYS).seen is seen


@pytest.mark.parametrize(
    ("mailed", "known", "seen"),
    [
        ("2026-11-20 10:00", [], True),  # Friday; 勤労感謝の日 on Monday, day 6 today
        ("2026-11-24 10:00", [], False),  # day 5 is today, and not yet over
        ("2026-11-20 10:00", [did("mail_answered", days=1)], False),
        ("2026-11-20 10:00", [did("mail_opened", days=1)], True),
        ("2026-11-20 10:00", [did("page_viewed", days=1)], True),
        ("2026-11-20 10:00", [did("meeting_held", days=20)], True),
    ],
)
def test_no_answer_counts_business_days_after_the_newest_mail(
    mailed: str, known: list[Activity], *, seen: bool
) -> None:
    there = observed(known, mails=[ago(days=60), at(mailed)])

    assert judge(BEHAVIOURS["no_answer"], there, BUSINESS_DAYS).seen is seen


@pytest.mark.parametrize(
    ("scores", "seen"),
    [
        ([(ago(days=40), 5.0), (ago(hours=1), 20.0)], True),
        ([(ago(days=40), 5.0), (ago(hours=1), 19.9)], False),
        ([(ago(days=6), 30.0), (ago(days=5), 10.0), (ago(hours=1), 25.0)], True),
        ([(ago(days=40), 5.0), (ago(days=8), 25.0)], False),
        ([(ago(days=3), 40.0)], False),  # the first score: nobody knows from where it rose
        ([(ago(days=1), 5.0), (ago(hours=1), 30.0), (ago(minutes=1), 10.0)], False),
    ],
)
def test_a_score_jumps_within_the_window(
    scores: list[tuple[datetime, float]], *, seen: bool
) -> None:
    assert judge(BEHAVIOURS["score_jumped"], observed(scores=scores), BUSINESS_DAYS).seen is seen


@pytest.mark.parametrize(
    ("name", "there", "text"),
    [
        pytest.param(
            "price_interest",
            observed([did(*VIEW, days=1)]),
            "「料金・比較への関心」には当てはまりません。足りないもの：比較・料金表・料金の"
            "資料ダウンロードかページ閲覧が7日間に1回（2回以上で成立。30分の枠の中の同じ行動は1回と数えます）。",
        ),
        pytest.param(
            "several_active",
            observed([did(*VIEW), did(*VIEW, lead="b", days=1)], roles={"b": "officer"}),
            "「複数の関係者の活動」には当てはまりません。足りないもの：いずれかの活動をした人が"
            "7日間に2人（2人以上で成立）、うち決裁に関わる人が0人（1人以上で成立）。",
        ),
        pytest.param(
            "no_answer",
            observed(mails=[at("2026-11-24 10:00")]),
            "「メールへの反応なし」には当てはまりません。足りないもの：2026年11月24日（火）の"
            "メールに反応がなく、5開庁日目（5開庁日を過ぎると成立）。",
        ),
        pytest.param(
            "silent",
            observed([did(*VIEW, days=70)]),
            "「60日間の沈黙」に当てはまります。最後の活動から70日（60日以上で成立）。",
        ),
        pytest.param(
            "score_jumped",
            observed(scores=[(ago(days=9), 10.0), (NOW, 31.5)]),
            "「関心度の急上昇」に当てはまります。関心度が7日間に21.5点上昇（15点以上で成立）。",
        ),
    ],
)
def test_a_judgement_says_why_or_what_is_missing(name: str, there: Observed, text: str) -> None:
    assert judge(BEHAVIOURS[name], there, BUSINESS_DAYS).text.ja == text


def test_all_conditions_of_a_behaviour_must_hold() -> None:
    both = Behaviour(
        "both",
        LABEL,
        (
            Happened(Pattern(frozenset({"page_viewed"}))),
            SeveralPeople(Pattern(frozenset({"call"}))),
        ),
    )
    watch = Watch.for_behaviours([both])

    one = judge(both, observed([did("page_viewed")], watch=watch), BUSINESS_DAYS)

    assert not one.seen
    assert len(one.missing) == 1
    calls = [did("call", lead=lead) for lead in ("b", "c")]
    two = observed([did("page_viewed"), *calls], roles={"c": "finance"}, watch=watch)
    assert judge(both, two, BUSINESS_DAYS).leads == ("b", "c")
    assert judge(both, two, BUSINESS_DAYS).seen


def test_what_is_seen_all_the_while_is_reported_once() -> None:
    enquiry = BEHAVIOURS["enquiry"]
    seen, gone = observed([wrote("質問")]), observed()

    reported, names = [], frozenset[str]()
    for each in (seen, seen, gone, seen):
        fresh, names = newly_seen([enquiry], each, BUSINESS_DAYS, names)
        reported.append([judgement.behaviour.name for judgement in fresh])

    assert reported == [["enquiry"], [], [], ["enquiry"]]


def test_what_has_run_out_of_its_window_is_not_seen_any_more() -> None:
    behaviours = [BEHAVIOURS["enquiry"], BEHAVIOURS["no_answer"]]
    names = frozenset({"enquiry", "no_answer"})
    lately, long_ago = observed([wrote("質問")]), observed([wrote("質問", days=21)])

    assert still_seen(behaviours, lately, names) == names
    assert still_seen(behaviours, long_ago, names) == {"no_answer"}
    assert still_seen(behaviours, lately, {"no_answer"}) == {"no_answer"}


@pytest.mark.parametrize(
    ("conditions", "field", "code"),
    [
        ((), "conditions", "conditions"),
        ((Silent(0),), "conditions/0/days", "out_of_range"),
        ((Silent(), NoAnswer(91)), "conditions/1/business_days", "out_of_range"),
        ((ScoreJumped(101),), "conditions/0/points", "out_of_range"),
        ((ScoreJumped(5, days=32),), "conditions/0/days", "out_of_range"),
        ((Happened(Pattern(frozenset({"call"})), times=6),), "conditions/0/times", "out_of_range"),
        ((Happened(Pattern(frozenset())),), "conditions/0/kinds", "kind_missing"),
        ((Happened(Pattern(OPENED_BY_PROGRAMS)),), "conditions/0/kinds", "only_programs"),
        (
            (Happened(Pattern(frozenset({"form_submitted"}), words=frozenset({"　"}))),),
            "conditions/0/words",
            "too_many_words",
        ),
    ],
)
def test_a_behaviour_that_can_not_be_watched_for_is_refused(
    conditions: tuple[Condition, ...], field: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        check_behaviour(Behaviour("b", LABEL, conditions))

    assert (refused.value.field, refused.value.code) == (field, code)


def test_more_patterns_than_can_be_kept_are_refused() -> None:
    behaviours = [
        Behaviour(f"b{n}", LABEL, (Happened(Pattern(frozenset({f"kind_{n}"}))),))
        for n in range(MAX_PATTERNS + 1)
    ]

    Watch.for_behaviours(behaviours[1:])
    with pytest.raises(DomainError) as refused:
        Watch.for_behaviours(behaviours)
    assert refused.value.code == "too_many_patterns"


def test_two_behaviours_of_one_name_are_refused() -> None:
    with pytest.raises(DomainError) as refused:
        Watch.for_behaviours(
            [Behaviour("b", LABEL, (Silent(60),)), Behaviour("b", LABEL, (Silent(90),))]
        )

    assert (refused.value.field, refused.value.code) == ("b", "given_twice")


WATCHED = (
    Behaviour("twice", LABEL, (Happened(Pattern(frozenset({"view"}), frozenset({"x"})), 2, 3),)),
    Behaviour("often", LABEL, (Happened(Pattern(frozenset({"view", "call"})), 5, 20),)),
    Behaviour("word", LABEL, (Happened(Pattern(frozenset({"call"}), words=frozenset({"予算"}))),)),
    Behaviour("two", LABEL, (SeveralPeople(Pattern(frozenset({"view"})), 2, 2),)),
    Behaviour("three", LABEL, (SeveralPeople(Pattern(frozenset({"call"})), 3, 9, False),)),
    Behaviour("no_answer", LABEL, (NoAnswer(3),)),
    Behaviour("silent", LABEL, (Silent(10),)),
    Behaviour("jump", LABEL, (ScoreJumped(10, days=4),)),
    Behaviour("long_jump", LABEL, (ScoreJumped(10, days=MAX_SCORE_DAYS), Silent(2))),
)
WATCH = Watch.for_behaviours(WATCHED)
ROLES = {"a": "officer", "b": "manager", "c": "council"}


@dataclass(frozen=True)
class Mail:
    lead_id: str
    at: datetime


@dataclass(frozen=True)
class Score:
    lead_id: str
    at: datetime
    engagement: float


Fact = Activity | Mail | Score

TIMES = st.integers(0, 24 * 45 * 4).map(lambda quarters: NOW - timedelta(minutes=15 * quarters))
LEADS = st.sampled_from("abc")
FACTS: st.SearchStrategy[list[Fact]] = st.lists(
    st.one_of(
        st.builds(
            Activity,
            LEADS,
            TIMES,
            st.sampled_from(["view", "call", "mail_answered", "mail_opened"]),
            st.sampled_from(["x", "y", None]),
            st.sampled_from(["", "予算の件"]),
        ),
        st.builds(Mail, LEADS, TIMES),
        st.builds(Score, LEADS, TIMES, st.sampled_from([0.0, 8.0, 15.0, 30.0])),
    ),
    max_size=40,
)


def incrementally(facts: Iterable[Fact]) -> Observed:
    """Return what is known after ``facts``, as they came: nothing is kept that isn't needed."""
    people: dict[str, Person] = {}
    organisation = Organisation()
    for fact in facts:
        person = people.get(fact.lead_id, Person())
        match fact:
            case Activity():
                person, organisation = observe(WATCH, fact, person, organisation)
                organisation = organisation.pruned(NOW, WATCH.of_several.keys)
            case Mail():
                person = person.with_mail(fact.at)
            case Score():
                person = person.with_score(fact.at, fact.engagement)
        people[fact.lead_id] = person.pruned(NOW, WATCH.patterns.keys)
    return Observed(people.get("a", Person()), organisation, ROLES, NOW)


def naively(condition: Condition, facts: Iterable[Fact]) -> bool:
    """Judge by all facts at once."""
    distinct = set(facts)
    activities = [
        each
        for each in distinct
        if isinstance(each, Activity) and each.kind not in OPENED_BY_PROGRAMS
    ]
    own = [each for each in activities if each.lead_id == "a"]

    def meant(pattern: Pattern, days: int, those: list[Activity]) -> list[Activity]:
        since = NOW - timedelta(days=days)
        return [
            each
            for each in those
            if each.at > since and pattern.matches(each.kind, each.category, each.text)
        ]

    match condition:
        case Happened():
            visits = {
                (start, each.category or each.kind)
                for each in meant(condition.pattern, MAX_SCORE_DAYS * 3, own)
                if (start := each.at - timedelta(minutes=each.at.minute % 30))
                > NOW - timedelta(days=condition.days)
            }
            return len(visits) >= condition.times
        case SeveralPeople():
            leads = {each.lead_id for each in meant(condition.pattern, condition.days, activities)}
            decides = any(ROLES[lead] in DECIDING_ROLES for lead in leads)
            return len(leads) >= condition.people and (decides or not condition.one_decides)
        case NoAnswer():
            mails = [each.at for each in distinct if isinstance(each, Mail) and each.lead_id == "a"]
            if not mails or any(each.kind in ANSWERS and each.at >= max(mails) for each in own):
                return False
            days = BUSINESS_DAYS.count(max(mails).date() + timedelta(days=1), NOW.date())
            return days > condition.business_days
        case Silent():
            return bool(own) and max(each.at for each in own) <= NOW - timedelta(
                days=condition.days
            )
        case ScoreJumped():
            first = NOW.date() - timedelta(days=condition.days - 1)
            scores = sorted(
                (each.at, each.engagement)
                for each in distinct
                if isinstance(each, Score) and each.lead_id == "a"
            )
            before = [score for when, score in scores if when.date() < first][-1:]
            within = [score for when, score in scores if when.date() >= first]
            return bool(within) and within[-1] - min(before + within) >= condition.points


@given(FACTS, st.data())
def test_order_and_repetition_of_facts_change_nothing(
    facts: list[Fact], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(facts), max_size=10)) if facts else []
    shuffled = data.draw(st.permutations([*facts, *repeated]))

    known = incrementally(shuffled)

    assert known == incrementally(facts)
    assert {each.name: judge(each, known, BUSINESS_DAYS).seen for each in WATCHED} == {
        each.name: all(naively(condition, facts) for condition in each.conditions)
        for each in WATCHED
    }


def flooded() -> tuple[Person, Organisation]:
    person, organisation = Person(), Organisation()
    behaviours = [
        Behaviour(
            f"b{n}",
            LABEL,
            (
                Happened(Pattern(frozenset({"page_viewed", f"kind_{n}"})), 5, 90),
                SeveralPeople(Pattern(frozenset({"page_viewed", f"other_{n}"})), 10, 90),
            ),
        )
        for n in range(MAX_PATTERNS // 2)
    ]
    watch = Watch.for_behaviours(behaviours)
    for n in range(600):
        category = f"{n:064}"  # the longest slug
        activity = Activity(f"{n:0128}", ago(hours=3 * n), "page_viewed", category)
        person, organisation = observe(watch, activity, person, organisation)
        person = person.with_score(ago(hours=3 * n), n % 97 + 0.1).pruned(NOW, watch.patterns.keys)
    return person, organisation.pruned(NOW, watch.of_several.keys)


def test_what_is_kept_has_a_largest_size() -> None:
    person, organisation = flooded()

    assert all(len(people) == MAX_ACTIVE_PEOPLE for people in organisation.active.values())
    assert len(person.scores) == MAX_SCORE_DAYS + 1
    assert len(msgspec.json.encode(person)) < 24_000
    assert len(msgspec.json.encode(organisation)) < 300_000


def test_what_is_kept_is_the_same_after_storing_it() -> None:
    known = observed([did(*VIEW), wrote("予算")], mails=[ago(days=3)], scores=[(NOW, 20.5)])

    for kept in (known.person, known.organisation):
        stored: Any = msgspec.json.decode(msgspec.json.encode(kept), type=type(kept))
        assert stored == kept


def test_the_text_of_an_enquiry_is_not_kept() -> None:
    known = observed([wrote("桐生太郎です。予算を知りたい")])

    assert "桐生" not in msgspec.json.encode(known.person).decode()


def test_an_erased_person_leaves_the_organisation() -> None:
    known = observed([did(*VIEW), did(*VIEW, lead="b")])

    assert "b" not in str(known.organisation.without("b").active)


def test_a_pattern_that_is_no_longer_watched_is_forgotten() -> None:
    known = observed([did(*VIEW)])
    nothing = replace(known.person, marks={})

    assert known.person.pruned(NOW.astimezone(UTC), ()) == nothing
