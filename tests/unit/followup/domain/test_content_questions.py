"""Which questions the catalogue answers, and which go to a person."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from followup.domain.contents.choice import Occasion
from followup.domain.contents.content import Content, ContentKind, check_content
from followup.domain.contents.questions import find_answers
from followup.domain.playbooks.audience import Role
from kakehashi_common.domain.errors import DomainError

OCCASION = Occasion(today=date(2026, 12, 1), role=Role.OFFICER, municipality_code="102032")
FAQ = [
    Content(
        content_id=content_id,
        kind=ContentKind.FAQ,
        title=title,
        source="よくある質問（2026年10月版）",
        passage=passage,
        topics=tuple(topics.split()),
    )
    for content_id, title, passage, topics in (
        (
            "price",
            "費用はどのくらいかかりますか",
            (
                "初期費用と年額の利用料があり、人口と利用する部署の数で変わります。"
                "参考見積をお出しします。"
            ),
            "料金 価格 見積 予算額 月額",
        ),
        (
            "term",
            "導入までにどのくらいの期間が必要ですか",
            (
                "契約から利用開始まで、おおむね三か月です。"
                "データの移行があるときはさらに一か月を見込みます。"
            ),
            "スケジュール 納期 いつから使える 稼働",
        ),
        (
            "lgwan",
            "LGWANから利用できますか",
            "LGWAN-ASPとして登録しており、LGWAN接続端末から利用できます。",
            "三層分離 ネットワーク 自治体の端末",
        ),
        (
            "security",
            "セキュリティ対策はどうなっていますか",
            "ISMAP登録のクラウドで運用し、通信と保存データを暗号化しています。",
            "情報漏えい 暗号化 ISMAP 安全性",
        ),
        (
            "data",
            "データはどこに保管されますか",
            "データは国内のデータセンターにだけ保管します。",
            "保存場所 サーバー 国内",
        ),
        (
            "mynumber",
            "マイナンバーカードの本人確認に対応していますか",
            "公的個人認証サービスによる本人確認に対応しています。",
            "公的個人認証 電子署名 JPKI",
        ),
        (
            "support",
            "問い合わせの窓口と受付時間を教えてください",
            "平日の9時から17時まで、電話とメールで承ります。",
            "サポート体制 ヘルプデスク 障害時の連絡先 保守",
        ),
        (
            "training",
            "職員向けの操作研修はありますか",
            "導入時に操作研修を行い、年度替わりの異動者向けに動画も用意しています。",
            "説明会 マニュアル 使い方 操作説明",
        ),
        (
            "subsidy",
            "補助金や交付金は使えますか",
            "デジタル田園都市国家構想交付金の活用例があります。",
            "デジ田 国の支援 財源",
        ),
        (
            "cases",
            "ほかの自治体の導入実績はありますか",
            "人口規模ごとの導入事例をご覧いただけます。",
            "導入事例 他市 先進事例 使っている団体",
        ),
        (
            "link",
            "既存の基幹システムと連携できますか",
            "標準仕様に沿ったファイル連携とAPI連携に対応しています。",
            "住民記録 標準化 API データ連携",
        ),
        (
            "cancel",
            "途中で解約できますか",
            "年度末での解約ができます。データはCSVでお返しします。",
            "契約の終了 解除 データ返却",
        ),
        (
            "trial",
            "無料で試すことはできますか",
            "八週間の実証を無償で行えます。",
            "トライアル お試し 実証実験 デモ",
        ),
        (
            "a11y",
            "高齢者や障害のある方でも使えますか",
            "JIS X 8341-3の適合レベルAAに準拠しています。",
            "アクセシビリティ 読み上げ 文字の大きさ",
        ),
    )
]
PARAPHRASES = [
    ("導入費用を教えてほしい", "price"),
    ("年間の料金はいくらですか？", "price"),
    ("契約してから使い始めるまでの期間は？", "term"),
    ("導入スケジュールの目安を知りたい", "term"),
    ("稼働までにどれくらいの期間がかかりますか", "term"),
    ("LGWAN端末から使えますか", "lgwan"),
    ("LGWAN環境での利用は可能でしょうか", "lgwan"),
    ("三層分離のネットワークでも利用できますか", "lgwan"),
    ("セキュリティについて確認したい", "security"),
    ("情報漏えいへの対策を教えてください", "security"),
    ("ISMAPに登録されていますか", "security"),
    ("データの保管場所は国内ですか", "data"),
    ("サーバーはどこにありますか", "data"),
    ("マイナンバーカードで本人確認できますか", "mynumber"),
    ("公的個人認証には対応していますか", "mynumber"),
    ("サポートの受付時間は何時までですか", "support"),
    ("障害が起きたときの連絡先はどこですか", "support"),
    ("職員研修はやってもらえますか", "training"),
    ("操作マニュアルはありますか", "training"),
    ("使える補助金はありますか", "subsidy"),
    ("国の交付金の対象になりますか", "subsidy"),
    ("他の自治体での導入事例を見たい", "cases"),
    ("近隣の市町村で導入実績はありますか", "cases"),
    ("基幹システムとのデータ連携はできますか", "link"),
    ("住民記録システムと連携できるか", "link"),
    ("年度途中での解約は可能ですか", "cancel"),
    ("契約を解除したらデータは返却されますか", "cancel"),
    ("トライアルはできますか", "trial"),
    ("無料のお試し期間はありますか", "trial"),
    ("アクセシビリティに対応していますか", "a11y"),
    ("障害のある方でも使えますか", "a11y"),
    ("高齢者にも使いやすいですか", "a11y"),
]
"""Questions, and the entries that answer them."""
FOREIGN = [
    "下水道管の耐震化の計画を教えてください",
    "明日の天気はどうですか",
    "給食費の無償化について市の考えは",
    "ふるさと納税の返礼品を増やしたい",
    "図書館の開館時間を知りたい",
    "御社の株価について",
    "空き家の解体はどこに相談すればよいか",
    "熊の目撃情報をどこに連絡するか",
    "保育園の入園申込みの締切はいつですか",
    "道路の穴を直してほしい",
    "議員の定数削減についてどう考えるか",
    "ワクチン接種の予約を取りたい",
    "採用試験の日程を教えてください",
    "ごみの分別方法がわからない",
    "担当の方は転職されましたか",
    "来週の懇親会の会場はどこですか",
    "入札参加資格の申請書を送ってください",
    "ありがとうございました",
    "？？？",
    "テスト",
    "職員の給与はいくらですか",
    "災害時の避難所はどこですか",
]
"""Questions that nothing in the catalogue answers."""
TOO_LITTLE_IN_COMMON = [
    "見積りをお願いしたいのですが",
    "人口3万人の町だと価格はどれくらい？",
]
"""Questions that could be answered, but share one word of many: a person answers them."""


def ids(question: str, contents: list[Content] = FAQ, **differences: Any) -> list[str]:
    found = find_answers(question, contents, replace(OCCASION, **differences))
    return [each.content.content_id for each in found]


@pytest.mark.parametrize(("question", "answer"), PARAPHRASES)
def test_a_paraphrase_finds_its_answer_first(question: str, answer: str) -> None:
    assert ids(question)[:1] == [answer]


@pytest.mark.parametrize("question", [*FOREIGN, *TOO_LITTLE_IN_COMMON])
def test_what_is_not_there_goes_to_a_person(question: str) -> None:
    assert ids(question) == []


@pytest.mark.parametrize("question", FOREIGN)
@pytest.mark.parametrize("entry", FAQ, ids=lambda each: each.content_id)
def test_a_catalogue_of_one_entry_answers_nothing_foreign(question: str, entry: Content) -> None:
    assert ids(question, [entry]) == []


def test_each_question_of_the_catalogue_finds_itself() -> None:
    assert [ids(each.title)[0] for each in FAQ] == [each.content_id for each in FAQ]


def test_what_is_found_says_which_words_are_in_common() -> None:
    [first, *_] = find_answers("LGWAN端末から使えますか", FAQ, OCCASION)
    assert first.words == ("lgwan", "端末")
    assert 0 < first.similarity <= 1


@pytest.mark.parametrize(
    ("tags", "occasion", "answered"),
    [
        ({}, {}, True),
        ({"kind": ContentKind.GUIDE}, {}, True),
        ({"kind": ContentKind.OWN_ANSWER}, {}, False),
        ({"kind": ContentKind.MINUTES}, {}, False),
        ({"passage": None, "url": "https://www.example.jp/", "kind": ContentKind.CASE}, {}, False),
        ({"active": False}, {}, False),
        ({"valid_until": date(2026, 11, 30)}, {}, False),
        ({"municipality_code": "131041"}, {}, False),
        ({"municipality_code": "102032"}, {}, True),
        ({"roles": frozenset({Role.FINANCE})}, {}, False),
        ({"roles": frozenset({Role.OFFICER})}, {"role": None}, False),
    ],
)
def test_the_rules_of_content_hold_for_answers(
    tags: dict[str, Any], occasion: dict[str, Any], *, answered: bool
) -> None:
    entry = replace(FAQ[2], **tags)
    assert bool(ids("LGWANから利用できますか", [entry], **occasion)) is answered


def test_an_entry_of_the_faq_has_its_answer() -> None:
    with pytest.raises(DomainError) as caught:
        check_content(replace(FAQ[0], passage=None, url="https://www.example.jp/"))
    assert (caught.value.field, caught.value.code) == ("passage", "missing")
