"""A municipality is found by its name as people write it, and never guessed."""

import pytest

from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.contracts.municipality_names import (
    MunicipalityNameError,
    municipality_named,
)


@pytest.mark.parametrize(
    ("name", "prefecture", "code"),
    [
        ("桐生市", "", "102032"),
        ("群馬県桐生市", "", "102032"),
        ("群馬県 桐生市", "", "102032"),
        ("桐生市役所", "", "102032"),
        ("桐生市　情報政策課", "", "102032"),
        ("桐生市教育委員会", "", "102032"),
        ("桐生市議会事務局", "群馬県", "102032"),
        ("桐生市", "群馬", "102032"),
        ("邑楽郡大泉町", "", "105244"),
        ("群馬県邑楽郡大泉町役場", "", "105244"),
        ("府中市", "東京都", "132063"),
        ("府中市", "広島", "342084"),
        ("東京都府中市", "", "132063"),
        ("茅ケ崎市", "", "142077"),
        ("茅ヶ崎市役所", "", "142077"),
        ("竜ヶ崎市", "", "082082"),
        ("袖ｹ浦市", "", "122297"),
        ("郡山市", "", "072036"),
        ("大和郡山市役所", "", "292036"),
        ("蒲郡市", "", "232149"),
        ("群馬県", "", "100005"),
        ("群馬県庁 デジタルトランスフォーメーション課", "", "100005"),
        ("群馬県市町村課", "", "100005"),
        ("北海道", "", "010006"),
        ("京都府京都市", "", "261009"),
        ("四日市市", "", "242021"),
        ("廿日市市役所", "", "342131"),
        ("世田谷区", "", "131121"),
        ("港区", "東京", "131032"),
        ("東京都港区", "", "131032"),
        ("札幌市中央区", "", "011002"),
        ("大阪市港区役所", "", "271004"),
        ("さいたま市大宮区", "埼玉県", "111007"),
        ("大宮区役所", "", "111007"),
        ("港区", "大阪府", "271004"),
        ("北海道札幌市中央区", "", "011002"),
    ],
)
def test_a_name_is_read_as_people_write_it(name: str, prefecture: str, code: str) -> None:
    assert municipality_named(name, prefecture).code == code


@pytest.mark.parametrize(
    ("name", "prefecture", "reason"),
    [
        (
            "府中市",
            "",
            "may be 東京都府中市 (132063) or 広島県府中市 (342084): name the prefecture",
        ),
        (
            "港区",
            "",
            "or 愛知県名古屋市 (231002) or 大阪府大阪市 (271004): name the prefecture",
        ),
        (
            "緑区",
            "神奈川県",
            "横浜市 (141003) or 神奈川県相模原市 (141500): name the city",
        ),
        ("港区", "群馬県", "is not in 群馬県: 東京都港区 (131032)"),
        ("札幌市中洲区", "", "did you mean 北海道札幌市 (011002)?"),
        ("桐生市", "栃木県", "is not in 栃木県: 群馬県桐生市 (102032)"),
        ("桐生市", "関東", "'関東' is no prefecture"),
        ("桐生", "", "did you mean 群馬県桐生市 (102032)?"),
        ("桐生市社会福祉協議会", "", "did you mean 群馬県桐生市 (102032)?"),
        ("桐生市観光物産協会", "", "names no municipality"),
        ("株式会社桐生市場", "", "names no municipality"),
        ("広島県廿日市", "", "names no municipality"),
        ("広島県廿日市農政部", "", "names no municipality"),
        ("前橋市中央区", "", "names no municipality"),
        ("", "", "names no municipality"),
        ("市", "", "names no municipality"),
    ],
)
def test_what_names_none_or_several_is_refused_with_candidates(
    name: str, prefecture: str, reason: str
) -> None:
    with pytest.raises(MunicipalityNameError) as refused:
        municipality_named(name, prefecture)
    assert reason in str(refused.value)


def test_every_municipality_is_found_by_its_full_name() -> None:
    for each in municipalities().values():
        prefecture = "" if each.kind == "prefecture" else each.prefecture
        assert municipality_named(prefecture + each.name) == each
        if prefecture:
            assert municipality_named(each.name, prefecture) == each
