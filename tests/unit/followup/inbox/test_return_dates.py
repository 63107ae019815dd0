"""When somebody is back, by the words of their automatic reply."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.domain.inbox.return_dates import return_in
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

NOVEMBER = "2026-11-30"  # a Monday
DECEMBER = "2026-12-21"
MARCH = "2027-03-15"
JUNE = "2027-06-01"


@pytest.mark.parametrize(
    ("sent_on", "text", "back"),
    [
        # ranges: the last day counts
        (NOVEMBER, "12月1日から5日まで不在にします。", "2026-12-07"),
        (NOVEMBER, "12月1日（火）から5日（土）までお休みをいただきます。", "2026-12-07"),
        (NOVEMBER, "12月1日より4日まで出張しております。", "2026-12-07"),
        (NOVEMBER, "令和8年12月1日(火曜日)から3日(木曜日)まで出張のため不在です。", "2026-12-04"),
        (NOVEMBER, "R8.12.1からR8.12.4まで不在です。", "2026-12-07"),
        (NOVEMBER, "8.12.4まで不在です。", "2026-12-07"),
        (NOVEMBER, "12月1日～同月4日は不在です。", "2026-12-07"),
        (NOVEMBER, "12月28日から来月5日まで休暇です。", "2027-01-06"),
        (NOVEMBER, "1日から3日まで不在です。", "2026-12-04"),
        (NOVEMBER, "12月1日から5日まで返信できません。", "2026-12-07"),
        (NOVEMBER, "12/1-3 不在", "2026-12-04"),
        (DECEMBER, "12月29日から3日まで閉庁しております。", "2027-01-04"),
        (DECEMBER, "令和8年12月29日から令和9年1月3日まで閉庁しております。", "2027-01-04"),
        (JUNE, "6月1日から3月31日まで産前産後休業です。", "2028-04-03"),
        # lists
        (NOVEMBER, "12月1日、2日、3日は不在です。", "2026-12-04"),
        (NOVEMBER, "12/1・2・3は不在にしています。", "2026-12-04"),
        (NOVEMBER, "12月1日と4日は研修のため不在です。", "2026-12-07"),
        (NOVEMBER, "12月1日から12月3日まで出張、12月4日は研修のため不在", "2026-12-07"),
        # years
        (NOVEMBER, "来年6月30日まで育児休業を取得しております。", "2027-07-01"),
        (NOVEMBER, "12月1日から翌年6月30日まで育児休業です。", "2027-07-01"),
        (NOVEMBER, "12月1日より来年7月末まで産休をいただきます。", "2027-08-02"),
        (NOVEMBER, "令和9年3月末まで休職しております。", "2027-04-01"),
        (NOVEMBER, "来年4月に復帰する予定です。", "2027-04-01"),
        (JUNE, "来年3月31日まで育児休業です。", "2028-04-03"),
        (JUNE, "3月31日まで育児休業です。", "2028-03-31"),
        # months, weeks and years as a whole
        (NOVEMBER, "今月末まで不在です。", "2026-12-01"),
        (MARCH, "今月末まで不在です。", "2027-04-01"),
        (NOVEMBER, "12月中は不在にしております。", "2027-01-04"),
        (DECEMBER, "来月中旬まで出張です。", "2027-01-21"),
        (NOVEMBER, "年内は休暇をいただいております。", "2027-01-04"),
        (DECEMBER, "年明けにご返信いたします。", "2027-01-04"),
        (DECEMBER, "年明けまで不在にいたします。", "2027-01-04"),
        (JUNE, "年度末まで休職しております。", "2028-04-03"),
        (MARCH, "年度末まで休職しております。", "2027-04-01"),
        (MARCH, "令和9年度末まで休職しております。", "2028-04-03"),
        (NOVEMBER, "来週まで不在です。", "2026-12-14"),
        (NOVEMBER, "次週まで不在です。", "2026-12-14"),
        (NOVEMBER, "来週は出張のため不在です。", "2026-12-14"),
        (NOVEMBER, "今週いっぱい休暇をいただきます。", "2026-12-07"),
        (NOVEMBER, "来週より出勤いたします。", "2026-12-07"),
        # a number of days: in doubt from tomorrow
        (NOVEMBER, "3日間不在にします。", "2026-12-04"),
        (NOVEMBER, "一週間ほど休暇をいただきます。", "2026-12-08"),
        (NOVEMBER, "休暇を二週間いただいております。", "2026-12-15"),
        (NOVEMBER, "12月7日から3日間、休暇をいただきます。", "2026-12-10"),
        (NOVEMBER, "1か月間、育児休業を取得いたします。", "2027-01-04"),
        (JUNE, "半年間休職いたします。", "2027-12-02"),
        (NOVEMBER, "2、3日不在にします。", None),
        # a day alone
        (NOVEMBER, "3日まで不在です。", "2026-12-04"),
        (NOVEMBER, "7日に戻ります。", "2026-12-07"),
        (DECEMBER, "3日まで不在です。", "2027-01-04"),
        (JUNE, "15日まで不在です。", "2027-06-16"),
        # in doubt the later one
        (NOVEMBER, "12月4日まで休暇です。翌営業日にご返信いたします。", "2026-12-07"),
        (NOVEMBER, "12月3日に一度戻りますが、12月10日まで出張です。", "2026-12-11"),
        (NOVEMBER, "12月7日から出張のため、返信が遅れます。", "2026-12-10"),
        (NOVEMBER, "12月4日（金）までお休みをいただき、7日より通常業務となります。", "2026-12-07"),
        # no day of an absence
        (NOVEMBER, "3営業日以内にご返信いたします。", None),
        (NOVEMBER, "不在です。2～3日中にご連絡いたします。", None),
        (NOVEMBER, "お急ぎの場合は12月4日までにご連絡ください。", None),
        (NOVEMBER, "2027年2月29日まで不在です。", None),
        (NOVEMBER, "第3日曜日は閉館です。", None),
        (NOVEMBER, "4月の人事異動により担当が変わりました。", None),
        (MARCH, "4月に異動となり、連絡は後任が承ります。", None),
        (NOVEMBER, "8月10日～15日は夏季休暇です。", None),
    ],
)
def test_the_last_day_of_an_absence_counts(sent_on: str, text: str, back: str | None) -> None:
    found = return_in(text, date.fromisoformat(sent_on), BUSINESS_DAYS)
    assert (None if found is None else str(found.on)) == back


PIECES = st.sampled_from(
    (
        *"0123456789一二十元年月日週間半末中/.-~・、。から までに",
        *("令和", "来年", "翌年", "今月", "来週", "年度", "より", "不在", "休暇", "復帰", "戻"),
        *("2100年1月1日から", "99日", "Dec", "until", "back on", "next week", "育児休業"),
    )
)


@given(pieces=st.lists(PIECES, max_size=40))
def test_any_text_is_read_and_nobody_is_back_before_they_wrote(pieces: list[str]) -> None:
    sent_on = date.fromisoformat(NOVEMBER)
    found = return_in("".join(pieces), sent_on, BUSINESS_DAYS)
    assert found is None or found.on >= sent_on
