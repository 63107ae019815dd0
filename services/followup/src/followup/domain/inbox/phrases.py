"""Phrases by which people and programs say what they want, in Japanese and English.

They are looked for in a text without the breaks of lines: Japanese mails break within words; no
phrase goes beyond its sentence. A phrase that only may mean something is left out: what refers to a
mail of ours and isn't recognised is an answer, and an answer stops the sequence.
"""

import re
import unicodedata
from itertools import pairwise
from typing import Final

LONGEST: Final = 20_000
"""Characters of a text that are looked at."""
SHOWN: Final = 60
"""Characters of a phrase that are kept as evidence."""
_PARAGRAPH: Final = re.compile(r"\n(?:[^\S\n]*\n)+")
_SENTENCE: Final = re.compile(r"[^。!?]+[。!?]?")
_FINAL: Final = re.compile(
    r"(?:です|ます|ました|でした|ません|でしょう|か|ください|下さい|ほしい|欲しい)$"
)
"""Ends of sentences without a full stop, at the end of a line."""


def joined(text: str) -> str:
    """Return a text in one line: NFKC, no spaces around Japanese signs, small letters."""
    words = unicodedata.normalize("NFKC", text[:LONGEST]).replace("〜", "~").split()
    pieces = words[:1]
    for before, word in pairwise(words):
        pieces += [" ", word] if before[-1].isascii() and word[0].isascii() else [word]
    return "".join(pieces).lower().replace("’", "'")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each as `joined` makes it, with the sign at its end."""
    found = []
    for paragraph in _PARAGRAPH.split(text[:LONGEST]):
        lines: list[str] = []
        for line in paragraph.splitlines():
            lines.append(line)
            if _FINAL.search(line.rstrip()):
                found += _SENTENCE.findall(joined("\n".join(lines)))
                lines = []
        found += _SENTENCE.findall(joined("\n".join(lines)))
    return found


class Phrases:
    """Patterns of which one is enough, and those that take it back."""

    def __init__(self, *patterns: str, unless: str | None = None) -> None:
        within = "|".join(patterns).replace(".{", "[^。!?]{")
        # ASCII: a Japanese sign next to an English word ends it.
        self._any = re.compile(within, re.ASCII)
        self._unless = re.compile(unless, re.ASCII) if unless else None

    def found_in(self, plain: str) -> str | None:
        """Return the phrase that a text of `joined` holds, shortened, or ``None``."""
        for found in self._any.finditer(plain):
            around = plain[max(0, found.start() - 20) : found.end() + 20]
            if self._unless is None or not self._unless.search(around):
                return found[0][:SHOWN]
        return None


NEGATIVE: Final = Phrases(
    r"(?:今回|今年度|当面|現時点|見送|検討の結果|検討した結果).{0,30}?見送(?:り|ら)",
    r"見送ら?せて|見送ることと|見送りと(?:さ|い|し|な)",
    r"(?:今回は|現時点では|当面は|本件は|せっかくですが|残念ながら|大変恐縮ですが|申し訳(?:ありません|ございません)が).{0,24}?(?:ご?遠慮|結構です"
    r"|辞退|お断り|不要です|必要ありません|必要ございません)",
    r"(?:導入|採用|検討|購入|契約)(?:の|する)?(?:予定|計画|考え|意向)(?:は|が|も)?(?:今のところ|現在|当面|全く)?(?:ありません"
    r"|ございません|ない(?:です|ため|状況)|なし)",
    r"(?:ご提案|提案|ご案内|サービス|製品|システム|説明|面談|打合せ|打ち合わせ|訪問)(?:の)?(?:は|について)?.{0,10}?(?:お断り|辞退"
    r"|ご?遠慮(?:申し|させ|いた)|不要です|必要ありません|必要ございません|必要としていません)",
    r"他社(?:様)?(?:に|と|で|の).{0,16}?(?:決定|決まり|契約|導入|採用|依頼)(?:し|さ|い|済|する|が)",
    r"予算(?:が|は|の確保が|化が|措置が)(?:確保でき|つか|付か|取れ|とれ)?(?:ませんでした|ありません|ございません|ない(?:ため|状況|の))",
    r"(?:ご?興味|関心|ニーズ|必要性)(?:が|は)(?:ありません|ございません|感じ(?:て(?:い)?ません|ません))",
    r"(?:ご?希望|ご?要望|ご?期待|ご?意向)に(?:は)?(?:沿い|添い|お応え)(?:いたし)?かね|お力になれ",
    r"\bnot interested\b|\bno interest\b|\bno,? thank(?:s| you)\b|\b(?:we|i) (?:will|shall"
    r"|must|have to) (?:pass|decline)\b",
    r"\b(?:decided|chosen|opted) (?:not to|against|to go with|to decline)\b|\bno (?:plans?"
    r"|budget|need)\b|\b(?:do not|don't) (?:need|require)\b",
    r"\bwon't be (?:proceeding|moving|going)\b|\bwill not be (?:proceeding|moving|going)\b",
)
"""A no."""

WANTS_MORE: Final = Phrases(
    r"(?:来年度|次年度|再来年度|次期|次回|改めて|今後).{0,30}?(?:検討(?:したい|します|いたします|させて)|ご?提案.{0,6}(?:願|くだ|下さ"
    r"|いただ)|ご?相談|話を伺|伺いたい|お願いし(?:たい|ます)|お願いいた)",
    r"(?:資料|見積書?|概算|パンフレット|カタログ|仕様書|事例).{0,14}?(?:送って|送付(?:くだ|下さ|いただ|願|を?お願い)|ください|下さい|いただけ"
    r"|お願い|頂け|希望)",
    r"(?:詳しく|詳細を|もう少し|一度).{0,16}?(?:お?聞か?せ|教えて|お話|説明(?:いただ|頂|して|をお願い)|伺いたい|聞きたい)",
    r"(?:日程|打合せ|打ち合わせ|面談|訪問|デモ).{0,16}?(?:調整|お願い|希望|可能で|いかが|候補)",
    r"\bplease (?:send|share|provide|tell|call|contact us)\b|\b(?:would|could) you (?:send"
    r"|share|tell|call)\b|\bnext (?:fiscal )?year\b",
    unless=r"不要|必要ありません|お断り|ご?遠慮|控え|しないで",
)
"""A wish in addition to a no: somebody should answer it."""

ABSENT_SUBJECT: Final = Phrases(
    r"^(?:re: ?)*[\[【(<]?(?:自動(?:返信|応答|回答|送信)|不在(?!中[にの])|オートリプライ)",
    r"^(?:re: ?)*[\[【(<]?(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response|responder))",
    r"^(?:re: ?)*[\[【(<]?(?:out of (?:the )?office|ooo\b|on (?:vacation|leave)|away from)",
    # Behind "Re:" stands our own subject, which may speak of days off.
    r"^(?:(?!re:).){0,60}?(?:自動(?:返信|応答|回答|送信)|(?:不在|休暇|休業|出張)中(?:$|[】\])。:]|です|につき|の?ため)"
    r"|(?:不在|休暇|休業|出張)の?(?:お知らせ|連絡|通知|案内|ご連絡|のため))",
    r"^(?:(?!re:).){0,60}?\b(?:out of (?:the )?office|vacation (?:reply|notice|response)"
    r"|automatic reply|auto-?reply)\b",
)
"""Subjects of replies that programs write."""

AUTOMATIC: Final = Phrases(
    r"(?:この|本|当該?)(?:メール|返信|メッセージ|e-?mail)は?.{0,16}?自動(?:返信|応答|送信|配信|で|的に)",
    r"自動(?:返信|応答)(?:メール|メッセージ|機能)?(?:です|にて(?:お|ご|返|送)|で(?:お|ご|返|送)|による|しており|として|により)",
    r"自動(?:的に)?(?:返信|応答|送信)(?:されて|しています|しております|されました)",
    r"\bthis is an? (?:automatic|automated|auto)[ -]?(?:generated )?(?:e-?mail|reply"
    r"|response|message)\b",
    r"\b(?:automated|automatic|auto) (?:reply|response)\b",
    unless=r"でしょうか|ですか|ようです|でしたら|であれば|なら|貴社|御社|の誤り|と思|と存じ",
)
"""A text that calls itself automatic."""

ABSENT: Final = Phrases(
    r"(?:休暇|お休み|休み|休業|夏季?休|有給|年休|育休|産休|特別休暇)(?:を|で)?(?:いただ|頂|取得|とら|取ら)",
    r"(?:休暇|育児休業|産前産後|休業|病気休暇|介護休暇|出張|研修|会議|外出)(?:中|の?ため|等のため)(?:で|、|に|,)?.{0,20}?(?:不在|返信|対応|休)",
    r"不在(?:に|と)(?:して|させて|なり|なって|いた)|不在(?:です|のため|としております|中)|(?:終日|長期)不在",
    r"(?:閉庁|休業|休館|夏季休業|冬季休業|年末年始休業)(?:日)?(?:と|して|の?ため|い)",
    r"\bout of (?:the )?office\b|\bon (?:annual |maternity |parental |sick |paid )?(?:leave"
    r"|vacation|holiday)\b",
    r"\b(?:i am|i'm|i will be|i'll be|we are) (?:currently )?(?:away|out|travell?ing"
    r"|unavailable|on leave)\b",
    r"\blimited access to (?:my )?e-?mail\b",
)
"""A text that announces an absence."""

INSTEAD: Final = Phrases(
    r"(?:お?急ぎ|緊急|至急)の?(?:場合|ご?用件|ご?連絡|方|要件|際)|戻り(?:次第|ましたら)|出社後|復帰後|帰庁後|出勤後"
    r"|(?:以降|のち|次第|順次).{0,10}?(?:返信|連絡|対応|回答|返答)|ご?不便|ご?迷惑|ご?了承|代理|代わりに",
    r"\b(?:urgent|emergency|in my absence|upon my return|when i (?:return|get back)"
    r"|as soon as i|please contact)\b",
)
"""Further phrases of a program's reply, in addition to an absence."""

PERSONAL: Final = Phrases(
    r"(?:返信|返事|連絡|対応|回答|確認).{0,6}(?:遅く|遅れ|遅延)|ご?迷惑を?お?かけ(?:し|いた|致)",
    r"て(?:おり|い)ました|不在でした|休みでした",
    r"是非|ぜひ|伺い|伺え",
    r"(?:打合せ|打ち合わせ|面談|訪問|日程|デモ|お話).{0,14}(?:可能|お願い|調整|いかが|希望)|可能です",
    r"(?:でしょう|です|ます|ません)か(?:[。?]|$)|いかが",
    r"検討(?:し|させ|いた|中)|(?:資料|見積).{0,10}(?:拝見|受け取|ありがと|くだ|下さ|お願い|送)",
    r"\bsorry for (?:the|my) (?:late|delay)|\b(?:would|could|can) (?:you|we)\b",
)
"""Phrases of a person who has been or will be away, and answers."""

LEFT: Final = Phrases(
    r"(?:退職|離任|退任|転籍|人事異動|異動)(?:に(?:より|伴い|なり|ともない)|(?:いた)?しました|となりました|のため|しており|致しました)",
    r"(?:後任|担当(?:者)?)(?:は|が|の).{0,20}?(?:に(?:変わり|代わり|変更|交代)|となりました|になりました|引き?継)",
    r"(?:この|本)メールアドレスは.{0,20}?(?:使用されて(?:い|お)|利用できな|廃止|使われて(?:い|お))",
    r"\bno longer (?:with|works?|working|employed|at)\b|\bhas left (?:the )?(?:company"
    r"|organi[sz]ation|office|department|city)\b"
    r"|\b(?:address|mailbox) is no longer (?:in use|monitored|active)\b",
)
"""A program's reply that the person has left the post."""
