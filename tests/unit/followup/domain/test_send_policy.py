"""Whether a mail may go, why not, and when it may be tried again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.domain.consents.consent import Basis, Consent
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
    suppression_keys,
)
from followup.domain.send_policy.caps import Cap, CapSubject, together
from followup.domain.send_policy.deciding import decide
from followup.domain.send_policy.decision import Allowed, RefusalReason, Refused
from followup.domain.send_policy.footer import Footer, FooterPart
from followup.domain.send_policy.pauses import Pause, PauseCause
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.quiet_periods import (
    MEANT_FOR,
    QuietCause,
    QuietPeriod,
    YearlyPeriod,
)
from followup.domain.send_policy.request import Circumstances, MailToSend
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

POLICY = SendPolicy(BUSINESS_DAYS)
RECIPIENT = Recipient("crm-48213", "taro@city.example.lg.jp", "102032")
CARD = Consent(Basis.BUSINESS_CARD, date(2026, 5, 12), "名刺 1042")
KNOWN = Circumstances(consents=(CARD,))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


TUESDAY = at("2026-12-01 10:00")
MAIL = MailToSend(RECIPIENT, TUESDAY)
DISASTER = Pause(PauseCause.DISASTER, at("2026-11-30 08:00"), organisation="102032")
SESSION = QuietPeriod(QuietCause.COUNCIL, date(2026, 11, 27), date(2026, 12, 11))


_A_MAIL_YESTERDAY = {
    subject: {date(2026, 11, 30): 2, date(2026, 12, 1): 60}
    for subject in (CapSubject.CONTACT, CapSubject.ORGANISATION, CapSubject.SELLER)
}


def opt_out(scope: Scope, value: str) -> Suppression:
    return Suppression(
        SuppressionKey(scope, value), Cause.OPT_OUT, Channel.LINK, at("2026-11-30 08:00")
    )


def refused(mail: MailToSend, known: Circumstances, policy: SendPolicy = POLICY) -> Refused:
    decision = decide(mail, known, policy)
    assert isinstance(decision, Refused)
    return decision


def test_a_mail_on_a_basis_in_office_hours_is_allowed_and_says_why() -> None:
    decision = decide(MAIL, KNOWN, POLICY)

    assert isinstance(decision, Allowed)
    assert decision.consent == CARD
    assert decision.text.ja == (
        "送信の根拠は2026年5月12日（火）の名刺などの書面による通知です。"
        "配信停止の申し出はなく、送信の時間帯と上限の範囲内です。"
    )


@pytest.mark.parametrize(
    "planned", ["2026-12-01 03:12", "2026-11-29 10:00", "2027-01-01 00:00", "2027-03-16 10:00"]
)
def test_where_mails_reach_nobody_they_go_at_any_time(planned: str) -> None:
    policy = SendPolicy(BUSINESS_DAYS, at_any_time=True)
    mail = replace(MAIL, at=at(planned))

    refused(mail, KNOWN)
    assert isinstance(decide(mail, KNOWN, policy), Allowed)
    assert refused(mail, Circumstances(), policy).reason is RefusalReason.NO_CONSENT


@pytest.mark.parametrize(
    ("planned", "until"),
    [
        ("2026-12-01 08:59", "2026-12-01 09:00"),
        ("2026-12-01 12:00", "2026-12-01 13:00"),
        ("2026-12-01 17:00", "2026-12-02 09:00"),
        ("2026-12-04 17:00", "2026-12-07 09:00"),  # Friday evening
        ("2026-11-23 10:00", "2026-11-24 09:00"),  # 勤労感謝の日
        ("2026-12-28 17:30", "2027-01-04 09:00"),  # the year-end closure
        ("2027-05-03 10:00", "2027-05-06 09:00"),  # 憲法記念日 to こどもの日
        ("2027-03-09 17:30", "2027-04-01 09:00"),  # behind the transfers
    ],
)
def test_outside_business_time_a_mail_waits_for_the_next_opening(planned: str, until: str) -> None:
    decision = refused(replace(MAIL, at=at(planned)), KNOWN)

    assert (decision.reason, decision.until) == (RefusalReason.OUTSIDE_HOURS, at(until))


@pytest.mark.parametrize(
    ("mail", "known", "reason", "until", "because"),
    [
        pytest.param(
            MAIL,
            replace(KNOWN, suppressions=(opt_out(Scope.PERSON, "crm-48213"),)),
            RefusalReason.SUPPRESSED,
            None,
            "この方には送信しません。2026年11月30日（月）の配信停止のお申し出"
            "（メールの配信停止リンク）によるものです。",
            id="opt-out",
        ),
        pytest.param(
            MAIL,
            Circumstances(),
            RefusalReason.NO_CONSENT,
            None,
            "受信への同意、取引関係、名刺、公表アドレスのいずれの記録もないため、送信しません。",
            id="no basis",
        ),
        pytest.param(
            MAIL,
            Circumstances(
                consents=(
                    Consent(Basis.BUSINESS_RELATION, date(2021, 4, 1), "契約", date(2026, 4, 1)),
                )
            ),
            RefusalReason.NO_CONSENT,
            None,
            "送信の根拠だった取引関係が2026年4月1日（水）に終了しているため、送信しません。",
            id="the basis ended",
        ),
        pytest.param(
            replace(MAIL, missing_footer=(FooterPart.POSTAL_ADDRESS, FooterPart.OPT_OUT)),
            KNOWN,
            RefusalReason.FOOTER_MISSING,
            None,
            "法律で定められた表示（住所、配信停止の方法）がないため、送信しません。",
            id="footer",
        ),
        pytest.param(
            MAIL,
            replace(KNOWN, pauses=(DISASTER,)),
            RefusalReason.PAUSED,
            "2026-12-02 09:00",
            "災害のため、2026年11月30日（月）8:00からこの団体への送信を停止しています。"
            "次に送信を試みるのは2026年12月2日（水）9:00以降です。",
            id="disaster",
        ),
        pytest.param(
            MAIL,
            replace(KNOWN, pauses=(replace(DISASTER, ends=at("2026-12-05 00:00")),)),
            RefusalReason.PAUSED,
            "2026-12-07 09:00",
            "災害のため、2026年11月30日（月）8:00からこの団体への送信を停止しています。"
            "次に送信を試みるのは2026年12月7日（月）9:00以降です。",
            id="disaster until a Saturday",
        ),
        pytest.param(
            MAIL,
            replace(KNOWN, pauses=(Pause(PauseCause.SELLER, at("2026-12-01 09:00")),)),
            RefusalReason.PAUSED,
            "2026-12-02 09:00",
            "自社の判断により、2026年12月1日（火）9:00からすべての送信を停止しています。"
            "次に送信を試みるのは2026年12月2日（水）9:00以降です。",
            id="everything is stopped",
        ),
        pytest.param(
            MAIL,
            replace(KNOWN, quiet=(SESSION,)),
            RefusalReason.QUIET_PERIOD,
            "2026-12-14 09:00",
            "議会の会期中（11月27日〜12月11日）のため、送信を控えています。"
            "次に送信を試みるのは2026年12月14日（月）9:00以降です。",
            id="the assembly is in session",
        ),
        pytest.param(
            replace(MAIL, at=at("2027-03-10 09:00")),
            KNOWN,
            RefusalReason.QUIET_PERIOD,
            "2027-04-01 09:00",
            "人事異動の時期（3月10日〜3月31日）のため、送信を控えています。"
            "次に送信を試みるのは2027年4月1日（木）9:00以降です。",
            id="transfers",
        ),
        pytest.param(
            replace(MAIL, at=at("2026-11-28 10:00")),
            KNOWN,
            RefusalReason.OUTSIDE_HOURS,
            "2026-11-30 09:00",
            "土曜日のため、送信しません。次に送信を試みるのは2026年11月30日（月）9:00以降です。",
            id="a Saturday",
        ),
        pytest.param(
            MAIL,
            replace(KNOWN, sent={CapSubject.CONTACT: {date(2026, 12, 1): 1}}),
            RefusalReason.CAP_REACHED,
            "2026-12-02 09:00",
            "この方へのメールは1日に1通までで、すでに1通あります。"
            "次に送信を試みるのは2026年12月2日（水）9:00以降です。",
            id="one a day",
        ),
        pytest.param(
            MAIL,
            replace(
                KNOWN,
                sent={CapSubject.CONTACT: {date(2026, 11, 25): 1, date(2026, 11, 30): 1}},
            ),
            RefusalReason.CAP_REACHED,
            "2026-12-02 09:00",
            "この方へのメールは7日間に2通までで、すでに2通あります。"
            "次に送信を試みるのは2026年12月2日（水）9:00以降です。",
            id="two a week",
        ),
        pytest.param(
            MAIL,
            replace(KNOWN, sent={CapSubject.ORGANISATION: {date(2026, 11, 27): 5}}),
            RefusalReason.CAP_REACHED,
            "2026-12-04 09:00",
            "この団体へのメールは7日間に5通までで、すでに5通あります。"
            "次に送信を試みるのは2026年12月4日（金）9:00以降です。",
            id="five a week to the organisation",
        ),
    ],
)
def test_a_refusal_says_why_and_until_when(
    mail: MailToSend,
    known: Circumstances,
    reason: RefusalReason,
    until: str | None,
    because: str,
) -> None:
    decision = refused(mail, known)

    assert decision.reason is reason
    assert decision.until == (at(until) if until else None)
    assert decision.text.ja == because


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("key", suppression_keys(RECIPIENT), ids=lambda key: key.scope)
def test_an_opt_out_overrides_every_basis(basis: Basis, key: SuppressionKey) -> None:
    known = Circumstances(
        consents=(Consent(basis, date(2026, 12, 1), "https://www.city.example.lg.jp"),),
        suppressions=(opt_out(*key),),
    )

    assert refused(MAIL, known).reason is RefusalReason.SUPPRESSED
    answer = replace(MAIL, answers_enquiry=True)
    assert refused(answer, known).reason is RefusalReason.SUPPRESSED


@pytest.mark.parametrize(
    ("mail", "known"),
    [
        (replace(MAIL, answers_enquiry=True), Circumstances(quiet=(SESSION,))),
        (replace(MAIL, answers_enquiry=True), Circumstances(sent=_A_MAIL_YESTERDAY)),
        (replace(MAIL, answers_enquiry=True), Circumstances(pauses=(DISASTER,))),
        (
            replace(MAIL, at=at("2027-03-15 10:00"), allowed_in=frozenset({QuietCause.TRANSFERS})),
            KNOWN,
        ),
        (MAIL, replace(KNOWN, suppressions=(opt_out(Scope.PERSON, "somebody-else"),))),
        (MAIL, replace(KNOWN, pauses=(replace(DISASTER, organisation="131041"),))),
        (MAIL, replace(KNOWN, pauses=(replace(DISASTER, ends=TUESDAY),))),
        (MAIL, replace(KNOWN, quiet=(replace(SESSION, last=date(2026, 11, 30)),))),
        (MAIL, replace(KNOWN, sent={CapSubject.CONTACT: {date(2026, 11, 24): 2}})),
    ],
    ids=[
        "an answer to an enquiry needs no consent, in a session either",
        "an answer to an enquiry is held up by no cap of the contact, organisation or seller",
        "an answer to an enquiry goes to a place where selling is paused",
        "a leaver's handover paper in March",
        "another person opted out",
        "a disaster elsewhere",
        "the pause is over",
        "the session is over",
        "the two of a week ago",
    ],
)
def test_what_does_not_hold_a_mail_up(mail: MailToSend, known: Circumstances) -> None:
    assert isinstance(decide(mail, known, POLICY), Allowed)


def test_what_goes_to_everybody_in_a_day_bounds_answers_too() -> None:
    answer = replace(MAIL, answers_enquiry=True)
    full = Circumstances(sent={CapSubject.EVERYBODY: {date(2026, 12, 1): 500}})
    assert refused(answer, full).reason is RefusalReason.CAP_REACHED


def test_a_sellers_stop_holds_up_answers_too() -> None:
    answer = replace(MAIL, answers_enquiry=True)
    stopped = Pause(PauseCause.SELLER, at("2026-11-30 08:00"))
    assert refused(answer, Circumstances(pauses=(stopped,))).reason is RefusalReason.PAUSED


def test_a_basis_that_ends_before_the_next_time_leaves_no_next_time() -> None:
    ending = replace(CARD, ended_on=date(2026, 12, 10))

    decision = refused(MAIL, Circumstances(consents=(ending,), quiet=(SESSION,)))

    assert (decision.reason, decision.until) == (RefusalReason.QUIET_PERIOD, None)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 12, 19), None),
        (date(2026, 12, 20), (date(2026, 12, 20), date(2027, 1, 7))),
        (date(2027, 1, 7), (date(2026, 12, 20), date(2027, 1, 7))),
        (date(2027, 1, 8), None),
    ],
)
def test_a_yearly_period_spans_the_turn_of_the_year(
    day: date, found: tuple[date, date] | None
) -> None:
    period = YearlyPeriod(QuietCause.OTHER, (12, 20), (1, 7)).period_on(day)

    assert (period and (period.first, period.last)) == found


FOOTER = Footer(
    sender="株式会社かけはし",
    postal_address="東京都千代田区丸の内1-1-1",
    opt_out="https://mail.example.jp/u/abc",
    complaints="03-0000-0000",
)
WHOLE = """株式会社かけはし
東京都千代田区
    丸の内1-1-1
配信停止: https://mail.example.jp/u/abc  お問い合わせ: 03-0000-0000
"""


@pytest.mark.parametrize(
    ("footer", "texts", "missing"),
    [
        (FOOTER, (), ()),
        (replace(FOOTER, complaints=" "), (), (FooterPart.COMPLAINTS,)),
        (FOOTER, (WHOLE,), ()),
        (FOOTER, ("本文だけ",), tuple(FooterPart)),
        (
            FOOTER,
            (WHOLE, "株式会社かけはし 03-0000-0000"),
            (FooterPart.POSTAL_ADDRESS, FooterPart.OPT_OUT),
        ),
    ],
)
def test_each_text_of_a_mail_shows_the_whole_footer(
    footer: Footer, texts: tuple[str, ...], missing: tuple[FooterPart, ...]
) -> None:
    assert footer.missing_from(*texts) == missing


@pytest.mark.parametrize("number", [{"limit": 0}, {"limit": 1, "days": 0}])
def test_a_cap_that_allows_nothing_is_refused(number: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one mail"):
        Cap(CapSubject.CONTACT, **number)


HOURS_OF_A_YEAR = st.integers(0, 24 * 366).map(lambda hours: TUESDAY + timedelta(hours=hours))
COUNTS: st.SearchStrategy[Mapping[CapSubject, Mapping[date, int]]] = st.dictionaries(
    st.sampled_from(CapSubject),
    st.dictionaries(
        st.integers(-10, 10).map(lambda days: date(2026, 12, 1) + timedelta(days=days)),
        st.integers(0, 6),
    ),
)
PERIODS = st.builds(
    lambda first, days: QuietPeriod(
        QuietCause.COUNCIL,
        date(2026, 12, 1) + timedelta(days=first),
        date(2026, 12, 1) + timedelta(days=first + days),
    ),
    st.integers(-30, 90),
    st.integers(0, 40),
)
PAUSES = st.builds(
    lambda since, hours: replace(DISASTER, since=since, ends=since + timedelta(hours=hours)),
    HOURS_OF_A_YEAR,
    st.integers(1, 200),
)
CIRCUMSTANCES = st.builds(
    Circumstances,
    consents=st.just((CARD,)),
    pauses=st.lists(PAUSES, max_size=3).map(tuple),
    quiet=st.lists(PERIODS, max_size=3).map(tuple),
    sent=COUNTS,
)


@given(HOURS_OF_A_YEAR, CIRCUMSTANCES)
def test_a_refused_mail_is_allowed_when_it_may_be_tried_again(
    planned: datetime, known: Circumstances
) -> None:
    mail = replace(MAIL, at=planned)
    decision = decide(mail, known, POLICY)

    if isinstance(decision, Refused):
        assert decision.until is not None
        assert decision.until > planned
        assert isinstance(decide(replace(mail, at=decision.until), known, POLICY), Allowed)


@given(
    HOURS_OF_A_YEAR,
    CIRCUMSTANCES,
    st.lists(st.sampled_from(Basis), unique=True),
    st.sampled_from(suppression_keys(RECIPIENT)),
    st.sampled_from(Channel),
    st.booleans(),
)
def test_nothing_is_allowed_after_an_opt_out(
    planned: datetime,
    known: Circumstances,
    bases: list[Basis],
    key: SuppressionKey,
    channel: Channel,
    answers: bool,  # noqa: FBT001 - given by hypothesis
) -> None:
    known = replace(
        known,
        consents=tuple(Consent(basis, date(2026, 1, 1), "record") for basis in bases),
        suppressions=(Suppression(key, Cause.OPT_OUT, channel, TUESDAY),),
    )
    mail = replace(MAIL, at=planned, answers_enquiry=answers)

    decision = refused(mail, known)

    assert (decision.reason, decision.until) == (RefusalReason.SUPPRESSED, None)


CAPS = (
    Cap(CapSubject.CONTACT, 1),
    Cap(CapSubject.CONTACT, 2, days=7),
    Cap(CapSubject.ORGANISATION, 3, days=5),
    Cap(CapSubject.SELLER, 2),
    Cap(CapSubject.EVERYBODY, 4, days=2),
)
ATTEMPTS = st.lists(
    st.tuples(
        st.integers(0, 24 * 21).map(lambda hours: TUESDAY + timedelta(hours=hours)),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["s-1", "s-2"]),
        st.dictionaries(
            st.integers(0, 21).map(lambda days: TUESDAY.date() + timedelta(days=days)),
            st.integers(1, 3),
            max_size=2,
        ),
    ),
    max_size=60,
)
ORGANISATION_OF = {"a": "102032", "b": "102032", "c": "131041"}


@given(ATTEMPTS)
def test_caps_hold_for_any_order_of_mails(
    attempts: list[tuple[datetime, str, str, dict[date, int]]],
) -> None:
    """Each attempt goes when it is allowed, or at the time that its refusal names.

    Whatever higher playbooks have planned for the municipality by then, it leaves room for.
    """
    policy = replace(POLICY, caps=CAPS)
    sent: list[tuple[date, dict[CapSubject, str]]] = []
    for planned, contact, seller, higher in attempts:
        subjects = {
            CapSubject.CONTACT: contact,
            CapSubject.ORGANISATION: ORGANISATION_OF[contact],
            CapSubject.SELLER: seller,
            CapSubject.EVERYBODY: "",
        }
        counts = {
            subject: Counter(day for day, those in sent if those[subject] == name)
            for subject, name in subjects.items()
        }
        recipient = Recipient(contact, f"{contact}@example.lg.jp", ORGANISATION_OF[contact])
        mail = MailToSend(recipient, planned.astimezone(UTC))
        known = replace(KNOWN, sent=counts, planned={CapSubject.ORGANISATION: higher})
        decision = decide(mail, known, policy)
        goes = planned if isinstance(decision, Allowed) else decision.until
        assert goes is not None
        both = together(known.sent, known.planned)
        assert all(cap.has_room_on(goes.astimezone(JAPAN).date(), both) for cap in CAPS)
        sent.append((goes.astimezone(JAPAN).date(), subjects))

    for cap in CAPS:
        for first, _ in sent:
            window = [those for day, those in sent if 0 <= (day - first).days < cap.days]
            most = Counter(those[cap.subject] for those in window).values()
            assert max(most) <= cap.limit


@pytest.mark.parametrize(
    ("now", "known", "good_until", "goes"),
    [
        ("2026-12-01 10:00", KNOWN, "2026-12-01", True),
        ("2026-12-01 10:00", KNOWN, "2026-11-30", False),
        pytest.param("2026-12-04 20:00", KNOWN, "2026-12-06", False, id="office opens after it"),
        pytest.param(
            "2026-12-01 10:00", replace(KNOWN, quiet=(SESSION,)), "2026-12-11", False, id="session"
        ),
    ],
)
def test_nothing_is_planned_for_a_day_after_the_last_one_of_its_reason(
    now: str, known: Circumstances, good_until: str, *, goes: bool
) -> None:
    mail = replace(MAIL, at=at(now), good_until=date.fromisoformat(good_until))
    decision = decide(mail, known, POLICY)
    if goes:
        assert isinstance(decision, Allowed)
        return
    assert isinstance(decision, Refused)
    assert (decision.reason, decision.until) == (RefusalReason.REASON_OVER, None)
    assert "を過ぎるため、送信しません。" in decision.detail.ja


@pytest.mark.parametrize(
    ("reason", "goes"),
    [
        ("prepare_contract", True),
        ("before_deliberation", True),
        ("leave_handover", True),
        ("personnel_notice", True),
        ("assessment_under_way", False),
        ("regular_value", False),
    ],
)
def test_what_is_meant_for_late_march_goes_then(reason: str, *, goes: bool) -> None:
    allowed_in = MEANT_FOR.get(reason, frozenset())
    mail = replace(MAIL, at=at("2027-03-23 10:00"), allowed_in=allowed_in)
    assert isinstance(decide(mail, KNOWN, POLICY), Allowed) is goes
