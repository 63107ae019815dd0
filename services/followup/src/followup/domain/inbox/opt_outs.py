"""A person's wish for no further mails, judged sentence by sentence.

What a sentence wants no more of has to be mails, or to be left open: "no more telephone calls" or
"no more estimates" may come from somebody who is buying. Questions, conditions and what is said of
third parties (a city's own newsletter and its citizens) don't count. What is in doubt is left to
the person who reads the answer.
"""

import re
from typing import Final

from followup.domain.inbox.phrases import LONGEST, SHOWN, joined, sentences

_ASK: Final = (
    r"(?:願|希望(?!は?(?:し|いたし|致し)(?:ま|てい?ま|ておりま)せん|し(?:てい)?ない)"
    r"|依頼|求め(?!られ)|下さい|ください|頂|いただ|たい(?:です|と|ので|の|。|$)|して欲|してほし|の件|せよ|$)"
)
"""Endings of a wish."""

_OTHER: Final = (
    r"(?:電話|携帯|fax|ファクス|ファックス|資料|見積|書類|書面|契約|請求|納品|納入|郵送|紙|添付|カタログ|パンフ|冊子|訪問|来庁|来訪"
    r"|面談|打合せ|打ち合わせ|説明|会議|会場|道順|駐車場|庁舎|館内|返信|返事|回答|受領|到着|完了|都度|折り?返し|確認|結果|進捗|出席|欠席|参加"
    r"|アンケート|サンプル|見本|デモ|口座|データ|ファイル|領収|お礼|製品|商品|サービス|システム|ソフト|提案|導入|プラン|オプション"
    r"|動画|ライブ|録画|オンライン)"
)
"""Things that somebody may refuse while still wanting our mails."""

_MAILS: Final = (
    r"(?:メール(?!アドレス)|e?-?mail|dm|メルマガ|ニュースレター|配信|ご?案内|お知らせ|ご?連絡(?!先)|情報提供|広告|宣伝|勧誘|セールス"
    r"|営業(?!電話|日|時間|担当|訪問|部|所|課|職|マン|さん|の方)|送付|送信|購読)"
)
_FOR_A_TIME: Final = (
    r"(?:(?:今[日週月]|本日|明日|来[週月]|年内|年度内|年末年始|年度末"
    r"|夜間|早朝|深夜|休日|土日|時間外|昼休み|閉庁日)中?|[期議会]間?中)の?ご?"
)
_OF_OTHER: Final = (
    rf"(?P<other>{_FOR_A_TIME}"
    rf"|{_OTHER}(?:(?![やと・])[^。!?、]){{0,5}}?|(?:返信|返事|回答)(?:や|・|、)ご?)?"
)
"""Names what is sent, or only until when: then it isn't our mails for good."""
_AND_OTHER: Final = rf"(?:(?:や|・|と|及び|および|または|又は)(?:ご|お)?{_OTHER}(?:など|等)?)?"
_BETWEEN: Final = (
    rf"(?:(?!{_OTHER}|停止|解除|中止|削除|拒否"
    r"|ありがと|有難|いただ|頂|拝|受け取|届|くださ|下さ)[^。!?]){0,14}?"
)
_IF: Final = r"(?:な|の)?(?:方|場合|際|とき|時)|でしたら|であれば|なら"

_NO_MORE: Final = "|".join(
    (
        rf"不要(?!{_IF}|では|とは|でな|不急)",
        r"(?:いり|要り)ません|(?:いら|要ら)(?:ない|ん)",
        r"必要(?:は|が)?(?:(?:あり|ござい)ません|ない(?:です|。|$))",
        rf"(?:希望|必要と)は?(?:し|いたし|致し)(?:ません|ておりません|ていません|ない(?!{_IF}))|望みません|望んで(?:い|おり)ません",
        r"(?<=[はも])結構です(?!か|が)|(?<=[はも])(?:もう|今後)結構です(?!か|が)",
        r"お?断り(?:し|いた|致|を|です|$|。|申)",
        r"ご?遠慮(?:くだ|下さ|願|いただ|頂|申し|させ|し)",
        r"控えて(?:くだ|下さ|頂|いただ|ほし|欲し|もら|お?願)|お控え(?:くだ|下さ|頂|いただ|願)|控え(?:る|ます)よう",
        r"(?:止め|やめ|取りやめ|とめ)(?:て|るよう).{0,8}?(?:下さい|ください|頂|いただ|欲し|ほし|もら|願|$)",
        r"(?:止め|やめ|とめ)て$",
        r"お(?:止め|やめ)(?:くだ|下さ|願|いただ|頂)",
        r"見合わせて(?:くだ|下さ|頂|いただ|ほし|欲し)|ご?勘弁(?:くだ|下さ|願|いただ|頂)|ふよう(?:です|。|$)",
        rf"ご?無用(?:です|に|と|。|$)(?!{_IF})",
    )
)
_UNASKED: Final = (
    r"(?:広告|宣伝|営業|勧誘|セールス|売り込み|(?:この|その)ような|こういった|こうした|この種)"
    r"の?(?:目的の)?"
)
"""Says of mails that nobody asked for them."""
_ENGLISH_MAILS: Final = (
    r"(?:e-?mails?|mails?|mailings?|messages?|newsletters?|advertising|communications?)\b"
)
_STOP: Final = (
    r"(?:停止|中止|解除|取り?消し|取りやめ|ストップ|抹消|削除|退会|解約)"
    r"(?!し(?:ない|ませ|なく|まし|ていま|ていな|ており)|の(?:必要|予定)|され|でき|は?こちら|中|用|(?:の|する)?(?:機能|ボタン|画面|url|リンク|フォーム))"
    rf"(?:(?!{_OTHER}|方法|手続|案内)[^。!?]){{0,12}}?{_ASK}"
)

_WISHES: Final = re.compile(
    "|".join(
        (
            rf"{_OF_OTHER}{_MAILS}{_AND_OTHER}{_BETWEEN}(?:{_NO_MORE})",
            rf"(?:配信|送信|購読|受信|(?<!番号の)登録|メール(?!アドレス)|メルマガ|メールマガジン|dm|案内)(?:(?!{_OTHER})[^。!?、]){{0,5}}?{_STOP}",
            r"(?:配信|送信|購読)の?(?:停止|解除)の?(?:方法|手続き?|やり方)[^。!?]{0,6}(?:教え|知り|知ら|ご?案内)",
            r"(?:購読|受信)を(?:止め|やめ)たい",
            (
                rf"(?P<unneeded>{_OTHER}[^。!?、]{{0,8}}?)?(?:送って|送付|配信|連絡|案内|メール)を?"
                r"(?:いただ|頂)く必要は(?:あり|ござい)ません"
            ),
            r"(?:宛先|配信先|送信先|送付先|名簿|(?:宛先|メーリング)リスト|(?:配信|送信|送付|メール|連絡)の?(?:リスト|対象))から[^。!?]{0,8}?(?:削除|外し|除外|除い|はずし)",
            rf"(?:アドレス|連絡先|個人情報|登録情報)[のを](?:登録)?[のを]?(?:削除|抹消|解除)[^。!?]{{0,8}}?{_ASK}",
            r"(?:受信|配信|送信|メール|dm)[をはの]?拒否(?:し(?:ます|たい|てくだ|て下さ)|いた|致|です|で?お?願|を?希望|$|。)",
            (
                rf"(?P<sent>{_OTHER}[^。!?、]{{0,8}}?)?(?:おくら|送(?:ら|信し|付し|って(?:こ|来))|(?:配信|連絡|案内|メール|営業|勧誘)し(?:てこ|て来)?)ない"
                r"(?:で(?:もらい|くだ|下さ|頂|いただ|欲|ほし|。|$)|よう(?:に|お))"
            ),
            (
                rf"(?P<needless>{_OTHER}[^。!?、]{{0,8}}?)?(?:送って|送り|送付|送信|配信|連絡|案内)(?:して)?"
                r"(?:(?:いただ|頂)かなくて|(?:もらわ|くださら)なくて)も?(?:結構|大丈夫|よい|良い|いい)"
            ),
            (
                rf"{_UNASKED}ご?(?:メール|dm|案内|連絡)"
                r"(?:[^。!?]{0,12}?迷惑|(?:は|が)(?:大変|非常に|とても|正直)?困(?:り|る))"
            ),
            (
                rf"{_UNASKED}ご?(?:メール|dm|案内|連絡)[^。!?]{{0,6}}?(?:受信|受け取ら|受け付け|お受け)"
                r"(?:し(?:ない|ており?ません)|ない|ており?ません)"
            ),
            (
                r"(?:メール|dm|案内|広告|宣伝)[はをも](?:もう|今後)?"
                r"(?:受け取り|受信し|もらい|いただき|頂き)たく(?:あり|ござい|な)"
            ),
            r"(?:今後|以後|以降)[^。!?]{0,4}?受信[をは](?:希望し|望み)(?:ません|ない)",
            (
                r"(?:今後|次回以降|以後|以降)"
                rf"(?:(?!{_OTHER})[^。!?]){{0,6}}?(?:案内|メール|配信|送付|連絡|お知らせ)[はを]"
                r"[^。!?]{0,4}?辞退(?:し|させ|いた|致|申し)"
            ),
            (
                rf"(?P<unsent>{_OTHER}[^。!?、]{{0,8}}?)?(?:送って|送り|送付|送信|配信|連絡|案内)(?:して)?"
                r"(?:いただ|頂)(?:かない(?:よう|で)|くのは(?:ご?遠慮|お?控え|お?断り))"
            ),
            r"(?:送|送ってく|送って来|配信す|連絡す|メールす)るな(?:$|。)",
            rf"オプトアウト[^。!?]{{0,6}}?{_ASK}",
            (rf"^(?:please,? )?no (?:more|further) {_ENGLISH_MAILS}"),
            r"\bunsubscribe\b(?!\s*(?:from this|link|here|:|by|at|using|or\b))",
            r"\bopt(?:ed)?[ -]?(?:me |us )?out\b",
            (
                r"\b(?:remove|take|delete|exclude) (?:me|us|my (?:e-?mail|address|name)|our address"
                r"|this address)\b[^。!?]{0,30}?\b(?:from|off|list)\b"
            ),
            r"\b(?:delete|remove) (?:me|(?:my|our) (?:e-?mail(?: address)?|address))[.! ]*$",
            (
                rf"\b(?:(?:stop|cease|discontinue)(?: all| any| these| the| your)*"
                rf"|(?:do not|don't) want (?:any )?(?:more|further|your)"
                rf"|not interested in (?:receiving|getting)(?: your| any| more)*) {_ENGLISH_MAILS}"
            ),
            (
                r"\brefrain from (?:e-?mailing|contacting"
                r"|(?:sending (?:me|us) (?:any |more |your )*e-?mails?))"
            ),
            r"\bcancel (?:my|our|this) subscription\b",
            r"\b(?:stop|cease|quit) (?:sending|e-?mailing|contacting|mailing|messaging)",
            r"\b(?:do not|don't|never) (?:send|e-?mail|contact|write to) (?:me|us|any|this)\b",
            (
                r"\b(?:no longer (?:wish|want)|(?:do not|don't) (?:wish|want))"
                r" to (?:receive|get|be contacted)"
            ),
        )
    ),
    re.ASCII,
)

_NO_WISH: Final = re.compile(
    r"市民|[都道府県町村区国]民|住民|職員|利用者|購読者|登録者|会員|読者|参加者|受講者|受信者|保護者|来庁者|希望者|ユーザー|顧客|お客"
    r"|機能|仕様|運用|引き続き|手続きは|(?:参加|出席|受講)(?:し|いた|致|させ)"
    r"|(?:希望される|ご希望の|希望の|希望する|不要な|ご不要の|不要の)(?:方|場合|際)"
    r"|(?:(?<!like )(?<!want )(?<!wish )to|can|may) (?:unsubscribe|opt[ -]?out)"
    r"|if you (?:wish|want|would|no longer)",
    re.ASCII,
)
"""Of third parties, of products, of a condition."""
_ASKS_WHETHER: Final = re.compile(r"か[。?]?$|[^a-z]\?$")
_ASKS_FOR: Final = re.compile(
    r"(?:いただけ|頂け|もらえ|願え|お願いでき|くださ|下さ|くれ)(?:い?ます|ない|ません)(?:でしょう)?か|たいの?です|たいと"
)

_END_OF_WISH: Final = (
    r"(?:の?(?:お願い|希望|依頼|ご?連絡|申請|手続き?|件))*"
    r"(?:です|し?ます|致します|いたします|を?お?願い(?:し|いたし|致し)ます)?"
)
_NOTHING_ELSE: Final = re.compile(
    rf"(?:メールの?|メルマガの?|メールマガジンの?)?(?:配信|購読|登録|送信|受信)の?(?:停止|解除|中止|拒否|取り?消し|抹消){_END_OF_WISH}"
    rf"|(?:営業|広告|案内)?の?(?:メール|配信|連絡|案内|dm|営業|メルマガ)は?(?:不要|お断り|拒否|いりません|いらない){_END_OF_WISH}"
    rf"|(?:退会|オプトアウト){_END_OF_WISH}"
    r"|(?:please )?unsubscribe(?: me)?|opt[ -]?out|(?:please )?stop|remove me",
    re.ASCII,
)
_PARTS: Final = re.compile(r"[\[\]【】()<>「」『』/|:、,]")


def opt_out_in(text: str) -> str | None:
    """Return the phrase by which a text asks for no further mails, shortened, or ``None``."""
    for line in text[:LONGEST].splitlines():
        if (plain := joined(line).rstrip("。.! ")) and _NOTHING_ELSE.fullmatch(plain):
            return plain[:SHOWN]
    for sentence in sentences(text):
        if (wish := _wish(sentence)) is not None:
            return wish[:SHOWN]
    return None


def opt_out_in_subject(subject: str) -> str | None:
    """Return what is a wish for no further mails and nothing else, in brackets or between them."""
    for part in _PARTS.split(joined(subject)):
        if (plain := part.strip("。.! ")) and _NOTHING_ELSE.fullmatch(plain):
            return plain[:SHOWN]
    return None


def _wish(sentence: str) -> str | None:
    if _NO_WISH.search(sentence):
        return None
    if _ASKS_WHETHER.search(sentence) and not _ASKS_FOR.search(sentence):
        return None
    for found in _WISHES.finditer(sentence):
        if not any(found.groupdict().values()):
            return found[0]
    return None
