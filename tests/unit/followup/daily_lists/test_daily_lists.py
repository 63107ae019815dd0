"""A daily list as page, calendar and mail."""

import icalendar

from followup.daily_lists.calendar import calendar_feed
from followup.daily_lists.page import daily_list_page
from followup.domain.daily_lists import DailyList, Item, ItemKind, daily_list
from followup.notices.letters import of_answer, of_daily_list, of_reminder
from tests.support.daily_lists import NAMES, NOW, approval, at, task


def answer() -> Item:
    return Item(
        ItemKind.ANSWER,
        "0" * 64,
        "返信がありました",
        "crm-1",
        "102032",
        NOW,
        NOW,
    )


def the_list() -> DailyList:
    items = [
        task("2026-11-27 17:15", moved_from="s-2"),
        approval("2026-12-04 17:15", to_write=("相手に合わせた一文",)),
        approval("2026-12-03 17:15", item_id="open", holder=None),
        task("2026-11-30 17:15"),
        task("2026-12-01 17:15", title="<b>勉強会</b>"),
    ]
    return daily_list("s-1", "佐藤 花子", items, NOW)


def test_the_page_shows_all_sections_and_needs_nothing_else() -> None:
    page = daily_list_page(the_list(), NAMES)
    for words in (
        "2026年11月30日（月）の予定",
        "期限を過ぎているもの",
        "鈴木 一郎さん不在のため",
        "要記入：相手に合わせた一文",
        "承認できる方ならどなたでも",
        "群馬県桐生市",
        "11/30（月）17:15",
    ):
        assert words in page
    assert "&lt;b&gt;勉強会&lt;/b&gt;" in page
    assert "<script" not in page
    assert "http" not in page


def test_the_page_of_somebody_without_work_says_so() -> None:
    page = daily_list_page(daily_list("s-1", "佐藤 花子", [], NOW), NAMES)
    assert "ありません。" in page
    assert "期限を過ぎているもの" not in page


def test_the_calendar_has_an_entry_that_ends_when_each_item_is_due() -> None:
    feed = calendar_feed(the_list(), NAMES)
    assert feed == calendar_feed(the_list(), NAMES)
    calendar = icalendar.Calendar.from_ical(feed)
    assert str(calendar["X-WR-CALNAME"]) == "フォローアップ　佐藤 花子"
    events = {str(each["UID"]): each for each in calendar.walk("VEVENT")}
    assert len(events) == 5
    event = events["sq-1.call.202611301715@followup.kakehashi"]
    assert str(event["SUMMARY"]) == "【電話】資料の到着を確認し、今の状況を伺う（群馬県桐生市）"
    assert event.decoded("DTEND") == at("2026-11-30 17:15")
    assert event.decoded("DTSTART") == at("2026-11-30 16:45")


def test_the_morning_mail_says_what_is_to_be_done() -> None:
    letter = of_daily_list(the_list(), NAMES)
    assert letter.subject == (
        "【フォローアップ】2026年11月30日（月）の予定：承認2件・タスク2件（期限超過1件）"
    )
    assert letter.text.startswith(
        "佐藤 花子 様\n\n本日の予定をお知らせします（2026年11月30日（月）9:00現在）。\n"
    )
    assert (
        "■ 期限を過ぎているもの（1件）\n\n"
        "・11/27（金）17:15まで　電話　群馬県桐生市\n"
        "　 資料の到着を確認し、今の状況を伺う\n"
        "　 鈴木 一郎さん不在のため\n"
        "　 タスク番号：sq-1.call.202611271715\n"
    ) in letter.text
    assert "明日以降のものが1件あります。" in letter.text


def test_an_answer_is_listed_and_said_without_a_word_of_it() -> None:
    found = daily_list("s-1", "佐藤 花子", [answer()], NOW)
    assert (found.is_empty, found.to_do) == (False, ())
    page = daily_list_page(found, NAMES)
    assert "届いた返信" in page
    assert "返信番号：000" in page
    assert "VEVENT" not in calendar_feed(found, NAMES).decode()
    morning = of_daily_list(found, NAMES)
    assert morning.subject == "【フォローアップ】2026年11月30日（月）の予定：返信1件"
    assert "・11/30（月）09:00　返信　群馬県桐生市\n　 返信がありました\n" in morning.text
    notice = of_answer(answer(), "佐藤 花子")
    assert notice.subject == "【フォローアップ】返信がありました（群馬県桐生市）"
    assert "返信番号：000" in notice.text
    assert "GET /v1/incoming-mails/{返信番号}" in notice.text


def test_a_reminder_says_what_becomes_of_a_mail_that_nobody_approves() -> None:
    letter = of_reminder(approval("2026-12-04 17:15"), "佐藤 花子", NAMES)
    assert letter.subject == "【フォローアップ】期限が近づいています：メール承認（群馬県桐生市）"
    assert "期限を過ぎると、このメールは送られません。" in letter.text
    assert "承認番号：sq-2.thanks.202612041715" in letter.text
