"""The consequences of incoming mails."""

from datetime import datetime

import pytest

from followup.domain.consents.suppression import Cause, Channel, Scope, SuppressionKey
from followup.domain.inbox.classified import Bounced, Classified, MailKind
from followup.domain.inbox.consequences import consequences
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.checks import check
from followup.domain.sequences.commands import Pause, React
from followup.domain.sequences.terms import PauseReason
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.incoming_mails import OFFICER, RECEIVED, classified, mail

REPLIED = {"Auto-Submitted": "auto-replied"}


def bounce(status: str | None, words: str = "", *, permanent: bool = True) -> Classified:
    found = Bounced(OFFICER, permanent, status, words)
    return Classified(MailKind.BOUNCE, (), about=OFFICER, bounced=(found,))


@pytest.mark.parametrize(
    ("found", "occurrence", "cause"),
    [
        (classified(mail("検討します。")), OccurrenceKind.ANSWERED, None),
        (classified(mail("今回は見送らせていただきます。")), OccurrenceKind.NEGATIVE, None),
        (classified(mail("配信停止をお願いします。")), OccurrenceKind.OPTED_OUT, Cause.OPT_OUT),
        (
            Classified(MailKind.FEEDBACK_REPORT, (), about=OFFICER),
            OccurrenceKind.OPTED_OUT,
            Cause.COMPLAINT,
        ),
        (Classified(MailKind.FEEDBACK_REPORT, ()), OccurrenceKind.OPTED_OUT, None),
        (bounce("5.1.1"), OccurrenceKind.BOUNCED, Cause.BOUNCE),
        (bounce(None), OccurrenceKind.BOUNCED, None),
        (bounce(None, "User unknown"), OccurrenceKind.BOUNCED, Cause.BOUNCE),
        (bounce("5.7.1"), OccurrenceKind.BOUNCED, None),
        (bounce("5.2.2"), OccurrenceKind.BOUNCED, None),
        (bounce("4.2.2", permanent=False), None, None),
        (classified(mail("別件です。", answers=None)), None, None),
    ],
)
def test_what_sequences_and_suppressions_receive(
    found: Classified, occurrence: OccurrenceKind | None, cause: Cause | None
) -> None:
    follows = consequences(found, RECEIVED, BUSINESS_DAYS)
    told = follows.message
    assert (told.occurrence if isinstance(told, React) else told) == occurrence
    if told is not None:
        check(told)
    if cause is None:
        assert follows.suppression is None
        return
    assert follows.suppression is not None
    assert follows.suppression.key == SuppressionKey(Scope.ADDRESS, OFFICER)
    assert follows.suppression.cause == cause
    expected = Channel.REPLY if cause is Cause.OPT_OUT else Channel.MAIL_SYSTEM
    assert follows.suppression.channel == expected


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("12月4日まで不在です。", "2026-12-07T00:00:00+09:00"),
        ("不在です。", "2026-12-03T00:00:00+09:00"),
        ("11月30日をもって退職いたしました。", None),
    ],
)
def test_an_absence_pauses_until_the_return(text: str, until: str | None) -> None:
    follows = consequences(classified(mail(text, headers=REPLIED)), RECEIVED, BUSINESS_DAYS)
    assert follows.suppression is None
    assert isinstance(follows.message, Pause)
    check(follows.message)
    has_left = until is None
    assert follows.has_left == has_left
    assert follows.message.reason == (
        PauseReason.HAS_LEFT if has_left else PauseReason.OUT_OF_OFFICE
    )
    assert follows.message.until == (None if until is None else datetime.fromisoformat(until))
