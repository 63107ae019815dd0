"""The text of letters to members."""

import pytest

from handoff.domain.handoff.effects import NotifyReason
from handoff.domain.notifications.letters import SUBJECTS, Letter, LetterNotice, digest, single
from tests.support.handoffs import at

NOW = at("2026-12-01 08:30")


def notice(
    reason: NotifyReason,
    text: str,
    came: str,
    handoff_id: str,
    act_by: str | None = None,
    *,
    municipality: str | None = "群馬県桐生市",
    urgent: bool = False,
) -> LetterNotice:
    return LetterNotice(
        reason,
        text,
        at(came),
        handoff_id,
        "crm-48213",
        f"https://kakehashi.example.jp/handoffs/{handoff_id}",
        municipality,
        None if act_by is None else at(act_by),
        urgent,
    )


ASSIGNED = notice(
    NotifyReason.ASSIGNED,
    "受諾の可否を回答してください。",
    "2026-11-30 10:00",
    "h-1",
    "2026-12-01 10:00",
)
DUE_SOON = notice(
    NotifyReason.DUE_SOON, "初回連絡の期限です。", "2026-11-30 13:00", "h-5", "2026-11-30 17:00"
)
ACCEPTED = notice(NotifyReason.ACCEPTED, "受諾されました。", "2026-11-30 11:20", "h-3")


def test_a_letter_about_one_handoff() -> None:
    assert single(ASSIGNED, "佐藤 花子") == Letter(
        "【引き継ぎ】新しい引き継ぎの担当になりました（群馬県桐生市）",
        """\
佐藤 花子 様

受諾の可否を回答してください。

自治体：群馬県桐生市
リード：crm-48213
期限　：2026年12月1日（火）10:00

https://kakehashi.example.jp/handoffs/h-1

このメールは自動で送信しています。返信いただいても確認できません。
""",
    )


def test_an_urgent_one_says_so_and_an_unknown_municipality_is_left_out() -> None:
    overdue = notice(
        NotifyReason.OVERDUE, "", "2026-11-30 17:00", "h-1", municipality=None, urgent=True
    )
    letter = single(overdue, "佐藤 花子")
    assert letter.subject == "【至急・引き継ぎ】期限を過ぎています（リード crm-48213）"
    assert "自治体" not in letter.text


def test_a_digest_says_first_what_is_to_be_done_by_when() -> None:
    assert digest([ASSIGNED, ACCEPTED, DUE_SOON], "佐藤 花子", NOW) == Letter(
        "【引き継ぎ】お知らせ3件（要対応2件）",
        """\
佐藤 花子 様

引き継ぎのお知らせ3件をまとめてお送りします。

■ 対応が必要なもの（2件、期限順）

1. 2026年11月30日（月）17:00（期限超過）　群馬県桐生市
　 初回連絡の期限です。
　 https://kakehashi.example.jp/handoffs/h-5

2. 2026年12月1日（火）10:00まで　群馬県桐生市
　 受諾の可否を回答してください。
　 https://kakehashi.example.jp/handoffs/h-1

■ お知らせ（1件）

・2026年11月30日（月）11:20　群馬県桐生市
　 受諾されました。
　 https://kakehashi.example.jp/handoffs/h-3

このメールは自動で送信しています。返信いただいても確認できません。
""",
    )


@pytest.mark.parametrize(
    ("later", "to_do"),
    [
        # The newest time limit of a handoff counts.
        (
            notice(
                NotifyReason.DUE_SOON, "期限が近い", "2026-11-30 15:00", "h-1", "2026-12-01 09:00"
            ),
            ["期限が近い"],
        ),
        (notice(NotifyReason.QUALIFIED_AGAIN, "再び", "2026-11-30 15:00", "h-1"), ["受諾の可否"]),
        # Nothing is left to do.
        (notice(NotifyReason.TAKEN_AWAY, "対応は不要", "2026-11-30 15:00", "h-1"), []),
        (notice(NotifyReason.WITHDRAWN, "対応は不要", "2026-11-30 15:00", "h-1"), []),
        # Of another handoff.
        (notice(NotifyReason.WITHDRAWN, "対応は不要", "2026-11-30 15:00", "h-2"), ["受諾の可否"]),
    ],
)
def test_what_came_later_decides_what_is_left_to_do(later: LetterNotice, to_do: list[str]) -> None:
    needed, _, _ = digest([ASSIGNED, later], "佐藤 花子", NOW).text.partition("■ お知らせ")
    assert [each for each in ("期限が近い", "受諾の可否", "対応は不要") if each in needed] == to_do


def test_every_reason_has_a_subject() -> None:
    assert set(SUBJECTS) == set(NotifyReason)
