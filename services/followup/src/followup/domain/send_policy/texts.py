"""Permissions and refusals in words: why a mail went or not."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from followup.domain.consents.consent import Basis, Consent
from followup.domain.consents.suppression import Cause, Channel, Scope, Suppression
from followup.domain.send_policy.caps import Cap, CapSubject
from followup.domain.send_policy.footer import FooterPart
from followup.domain.send_policy.pauses import Pause, PauseCause
from followup.domain.send_policy.quiet_periods import QuietCause, QuietPeriod
from kakehashi_common.domain.business_time import JAPAN, Hours
from kakehashi_common.domain.japanese_writing import day, moment
from kakehashi_common.domain.texts import Text

_BASES: Final[Mapping[Basis, Text]] = {
    Basis.OPT_IN: Text("受信への同意", "consent"),
    Basis.BUSINESS_RELATION: Text("取引関係", "a business relation"),
    Basis.BUSINESS_CARD: Text("名刺などの書面による通知", "an address given in writing"),
    Basis.PUBLISHED_ADDRESS: Text("公表されているアドレス", "a published address"),
}

_SCOPES: Final[Mapping[Scope, Text]] = {
    Scope.PERSON: Text("この方", "this person"),
    Scope.ADDRESS: Text("このアドレス", "this address"),
    Scope.DOMAIN: Text("このドメイン", "this domain"),
    Scope.ORGANISATION: Text("この団体", "this organisation"),
}

_CAUSES: Final[Mapping[Cause, Text]] = {
    Cause.OPT_OUT: Text("配信停止のお申し出", "an opt-out"),
    Cause.COMPLAINT: Text("迷惑メールとしての報告", "a report as spam"),
    Cause.BOUNCE: Text("宛先不明による不達", "a bounce: the address doesn't exist"),
    Cause.ERASURE: Text("個人情報の削除", "the erasure of personal data"),
    Cause.LEFT: Text("異動または退職", "a transfer or retirement"),
    Cause.SELLER: Text("自社の判断による送信停止", "a decision on the seller's side"),
}

_CHANNELS: Final[Mapping[Channel, Text]] = {
    Channel.LINK: Text("メールの配信停止リンク", "by the link in a mail"),
    Channel.REPLY: Text("返信", "by reply"),
    Channel.API: Text("API", "by the API"),
    Channel.IMPORT: Text("取り込み", "by import"),
    Channel.PERSON: Text("担当者による記録", "recorded by a person"),
    Channel.MAIL_SYSTEM: Text("メールシステムの通知", "by the mail system"),
}

_FOOTER: Final[Mapping[FooterPart, Text]] = {
    FooterPart.SENDER: Text("送信者の名称", "the sender's name"),
    FooterPart.POSTAL_ADDRESS: Text("住所", "the postal address"),
    FooterPart.OPT_OUT: Text("配信停止の方法", "the way to opt out"),
    FooterPart.COMPLAINTS: Text("苦情・問い合わせの窓口", "the contact for complaints"),
}

_QUIET: Final[Mapping[QuietCause, Text]] = {
    QuietCause.TRANSFERS: Text("人事異動の時期", "it is the season of personnel transfers"),
    QuietCause.COUNCIL: Text("議会の会期中", "the assembly is in session"),
    QuietCause.OTHER: Text("送信を控える期間", "it is a quiet period"),
}

_PAUSES: Final[Mapping[PauseCause, Text]] = {
    PauseCause.DISASTER: Text("災害のため", "because of a disaster"),
    PauseCause.SELLER: Text("自社の判断により", "by the seller's decision"),
}

_SUBJECTS: Final[Mapping[CapSubject, Text]] = {
    CapSubject.CONTACT: Text("この方へのメール", "to this person"),
    CapSubject.ORGANISATION: Text("この団体へのメール", "to this organisation"),
    CapSubject.SELLER: Text("この担当者からのメール", "from this seller"),
    CapSubject.EVERYBODY: Text("全体のメール", "in all"),
}


def of_reason_over(good_until: date | None) -> Text:
    """Say that what the mail is about is over."""
    assert good_until is not None  # noqa: S101 - otherwise it is never over
    return Text(
        ja=f"きっかけの期日（{day(good_until)}）を過ぎるため、送信しません。",
        en=f"What it is about ends on {good_until}: it is not sent after that day.",
    )


def of_suppression(suppression: Suppression) -> Text:
    """Say who must not be written to, since when, and how that came to be known."""
    scope = _SCOPES[suppression.key.scope]
    cause, channel = _CAUSES[suppression.cause], _CHANNELS[suppression.channel]
    since = suppression.since.astimezone(JAPAN).date()
    return Text(
        ja=f"{scope.ja}には送信しません。{day(since)}の{cause.ja}（{channel.ja}）によるものです。",
        en=f"Nothing is sent to {scope.en}: {cause.en} on {since}, {channel.en}.",
    )


def of_missing_consent(consents: Iterable[Consent], on: date) -> Text:
    """Say that there is no basis; if there was one, which ended last."""
    ended = [each for each in consents if each.ended_on is not None and each.ended_on <= on]
    if not ended:
        return Text(
            ja="受信への同意、取引関係、名刺、公表アドレスのいずれの記録もないため、送信しません。",
            en="There is no record of consent, business relation, business card or published "
            "address.",
        )
    last = max(ended, key=lambda each: (each.ended_on or on, each.basis))
    basis, since = _BASES[last.basis], last.ended_on or on
    return Text(
        ja=f"送信の根拠だった{basis.ja}が{day(since)}に終了しているため、送信しません。",
        en=f"The basis for sending, {basis.en}, ended on {since}.",
    )


def of_missing_footer(parts: Iterable[FooterPart]) -> Text:
    """Say what the mail doesn't show though the law requires it."""
    missing = [_FOOTER[part] for part in parts]
    return Text(
        ja=f"法律で定められた表示（{'、'.join(each.ja for each in missing)}）がないため、"
        "送信しません。",
        en=f"The mail doesn't show {', '.join(each.en for each in missing)}, as the law requires.",
    )


def of_pause(pause: Pause) -> Text:
    """Say what is stopped, since when and why."""
    cause = _PAUSES[pause.cause]
    whom = (
        Text("すべての送信", "All sending")
        if pause.organisation is None
        else Text("この団体への送信", "Sending to this organisation")
    )
    return Text(
        ja=f"{cause.ja}、{moment(pause.since)}から{whom.ja}を停止しています。",
        en=f"{whom.en} has been stopped {cause.en} since "
        f"{pause.since.astimezone(JAPAN):%Y-%m-%d %H:%M}.",
    )


def of_quiet_period(period: QuietPeriod) -> Text:
    """Say which period holds the mail up."""
    cause, first, last = _QUIET[period.cause], period.first, period.last
    days = f"{first.month}月{first.day}日〜{last.month}月{last.day}日"
    return Text(
        ja=f"{cause.ja}（{days}）のため、送信を控えています。",
        en=f"Nothing is sent from {first} to {last}: {cause.en}.",
    )


def of_closed_hours(hours: Iterable[Hours], closed: Text | None) -> Text:
    """Say when mail goes, and why not now.

    Args:
        hours: in which mail goes on a business day.
        closed: why the offices are closed on this day, if they are.
    """
    opens = tuple(f"{each.opens:%H:%M}–{each.closes:%H:%M}" for each in hours)
    if closed is not None:
        return Text(
            ja=f"{closed.ja}のため、送信しません。", en=f"Nothing is sent on this day: {closed.en}."
        )
    return Text(
        ja=f"送信する時間帯（開庁日の{'、'.join(opens)}）の外です。",
        en=f"Mail is sent on business days at {', '.join(opens)}.",
    )


def of_cap(cap: Cap, used: int, planned: int = 0) -> Text:
    """Say which cap is reached; ``planned`` of the mails are those of higher playbooks."""
    subject = _SUBJECTS[cap.subject]
    span = Text("1日", "a day") if cap.days == 1 else Text(f"{cap.days}日間", f"{cap.days} days")
    mails, go = ("1 mail", "goes") if cap.limit == 1 else (f"{cap.limit} mails", "go")
    ahead = (
        Text(
            f"（うち{planned}通は優先度の高いプレイブックの予定）",
            f" ({planned} of them planned by higher playbooks)",
        )
        if planned
        else Text("", "")
    )
    return Text(
        ja=f"{subject.ja}は{span.ja}に{cap.limit}通までで、すでに{used}通あります{ahead.ja}。",
        en=f"At most {mails} in {span.en} {go} {subject.en}; there are {used} already{ahead.en}.",
    )


def of_permission(consent: Consent | None) -> Text:
    """Say on which basis the mail may go, and what was checked."""
    basis = (
        Text("お問い合わせへの回答であること", "that it answers an enquiry")
        if consent is None
        else Text(
            f"{day(consent.obtained_on)}の{_BASES[consent.basis].ja}",
            f"{_BASES[consent.basis].en}, of {consent.obtained_on}",
        )
    )
    return Text(
        ja=f"送信の根拠は{basis.ja}です。配信停止の申し出はなく、送信の時間帯と上限の範囲内です。",
        en=f"The basis is {basis.en}. There is no opt-out, and hours and caps are kept.",
    )
