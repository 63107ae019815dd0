"""Wishes for no further mails in many wordings, and what must not be taken for one."""

import pytest

from followup.domain.inbox.classified import MailKind
from followup.inbox.reading import read
from tests.support.incoming_mails import CLASSIFIER, RECEIVED, mail

WISHES = """\
メールの送付をお止めください。
今後の送付は無用に願います。
今後はご送付いただかないようお願いいたします。
営業目的のメールは受信しない方針です。
I'd like to opt out of these messages.
メールを送らないで頂きたいです。
メールはもう送らないで下さい。
メール配信をお止め下さい。
今後メールは遠慮させていただきます。
以後の案内は不要でございます。
今後のご案内につきましては、ご遠慮いただけますと幸いです。
当方への営業メールの送信はお控え願います。
今後のご連絡は差し控えていただきますようお願いします。
今後はメールの送信を差し控えてください。
メールの配信を取り止めてください。
メールの送付を見合わせてください。
今後のメール配信は見合わせていただけますか。
営業メールは一切受け付けておりません。
セールスのご連絡はお受けしておりません。
勧誘メールはお断りしております。
これ以上のメールはご勘弁ください。
メールはもう結構です。
案内はもういりません。
もうメールはいりません。
もうメールを送ってこないでください。
以降、当課宛てのメール配信を停止願います。
配信リストから外してください。
メーリングリストから除外をお願いします。
宛先リストから当方を削除してください。
当課のアドレスを送信対象から外して頂けると助かります。
こちらのアドレスへの配信を解除してください。
メルマガの購読をやめたいです。
メルマガを退会したい。
ニュースレターの購読を中止したいと思います。
メールの受信を停止したいです。
今後のメールは受信を拒否します。
迷惑ですのでメールを送らないでください。
このようなメールは迷惑です。
宣伝のメールは迷惑しています。
今後このようなご案内は不要に存じます。
今後一切の営業連絡をお控えください。
今後ご連絡いただく必要はございません。
メールをいただく必要はありません。
ご案内を送っていただく必要はありません。
今後の情報提供は必要としておりません。
今後の情報提供は望んでおりません。
今後は送付不要です。
以後、配信不要でお願いします。
今後のメールは停止でお願いします。
ご案内はふようです。
これいじょうおくらないでください。
メールの配信はご不要です。
もう送らないで。
二度とメールしないでください。
二度と送ってこないでください。
Please stop emailing me.
Stop these emails.
Please take us off your mailing list.
Please don't email us again.
Do not send any more emails.
I don't want any more emails from you.
We are not interested in receiving your newsletters.
Please cease all communication.
Please discontinue these emails.
Kindly refrain from sending us emails.
I would like to unsubscribe.
Please cancel my subscription.
No further messages, please.
Not interested, please remove me.
Take me off this list.
Please exclude this address from future mailings.
メール送信の停止を求めます。
今後のメール送付を固くお断りいたします。
メールでの営業はお断りしています。
メールによる営業活動はご遠慮いただいております。
please delete my email
""".splitlines()

OTHERS = """\
資料の送付は不要です。メールでお願いします。
郵送は不要です。
添付は不要です。
電話はご遠慮ください。
見積書の再送は不要です。
今月の訪問はご遠慮ください。
今月の訪問はご遠慮ください。メールでご案内ください。
お電話はお控えください。メールでお願いします。
お礼のメールは不要です。
返信のメールは不要です。
ご返信には及びません。
ご返信は無用です。
お気遣いは無用です。
ご心配は無用です。
遠慮なくご連絡ください。
年内のご連絡はご遠慮ください。年明けにお願いします。
今週のご連絡は不要です。来週お願いします。
議会期間中のご連絡はご遠慮ください。
夜間の連絡はお控えください。
契約書の送付は不要です。
請求書の郵送は辞退します。
紙の資料はお断りしています。
パンフレットの送付は無用です。
説明会への参加は辞退します。
説明会の案内メールを受け取りました。参加は辞退いたします。
今回の提案は辞退させていただきます。
メールは受け取りました。
メールが受け取れませんでした。再送してください。
添付ファイルが受け取れない設定です。
添付ファイル付きのメールは受信できません。
ZIPのメールは受信しない設定です。
10MBを超えるメールは受信できません。
メールが届かず困っています。
業務が多くて困っています。
市民からの問い合わせメールが多く困っています。
迷惑メールに入っていました。
迷惑メール対策について相談したい。
オプトアウトの仕組みについて教えてください。
職員への一斉配信を止めたい。
古いシステムの利用を停止したいです。
現行サービスは解約する予定です。
他社のサービスを解約したいので相談させてください。
前回の見積は取り消してください。
予約を取り消してください。
打合せを中止してください。
送付先を変更してください。
担当者のアドレスが変わりました。
今後は上司にも送ってください。
CCから外してください。
佐藤はCCから外していただいて結構です。
メールの件、承知しました。
メールで結構です。
案内はメールで結構です。
今後の連絡はメールのみで結構です。
配信はいつから始まりますか。
配信停止の機能はありますか。
送付は来週で結構です。
送付いただかなくても、ウェブで見られますか。
説明は不要です。すぐ見積をください。
ご足労いただく必要はございません。
動画の配信は不要です。
研修のライブ配信は不要です。
FAXでの送付はお止めください。
電話での連絡はお止めください。
紙での送付はお止めください。メールでください。
資料は受け取りたくありません。
今年度の提案は無用です。
No need to send the brochure.
No more questions from us.
No further information is needed. Please send the quote.
Please don't call; e-mail me.
Please stop by our office.
Don't send the contract by post.
We opted for plan B.
次回の打合せは辞退させていただきます。
サンプルの送付は辞退いたします。
次回以降の会議の案内は辞退します。
無用なトラブルは避けたい。
""".splitlines()


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_for_no_further_mails_opts_out(text: str) -> None:
    assert CLASSIFIER.classify(read(mail(text)), RECEIVED).kind == MailKind.OPT_OUT


@pytest.mark.parametrize("text", OTHERS)
def test_what_refuses_something_else_or_for_a_time_does_not(text: str) -> None:
    found = CLASSIFIER.classify(read(mail(text)), RECEIVED)
    assert found.kind != MailKind.OPT_OUT, found.evidence
