"""History: what mail programs and groupware put above a mail that they quote unmarked."""

import pytest

from followup.domain.inbox.history import cut_history

SEPARATORS = [
    "----- 佐藤さんは書きました -----",
    "--- 佐藤花子さんの書き込み ---",
    "----- 佐藤 花子 wrote -----",
    "------------------\n佐藤さんは書きました：",
    "-----Original Message-----",
    "----- 元のメッセージ -----",
    "差出人: 山田\n送信日時: 2026年11月30日 10:00\n宛先: 佐藤\n件名: 参考資料",
    "差出人：山田 <y@x.jp>\n日付：2026/11/30\n宛先：佐藤\n件名：資料",
    "2026年11月30日(月) 10:15 山田 <y@mail.example.jp>:",
    "2026/11/30 10:15、山田 <y@mail.example.jp>のメール：",
    "On Mon, 30 Nov 2026 10:15:00 +0900\n山田 <y@mail.example.jp> wrote:",
    '"山田" <y@x.jp>さんは書きました:',
    ">>> 山田 2026/11/30 10:15 >>>",
    "----- 転送者 佐藤花子 -----\n送信者: 山田\n宛先: 佐藤\n日付: 2026/11/30\n件名: 資料",
    "From: 山田/東京\nTo: 佐藤\nDate: 2026/11/30 10:15\nSubject: 資料",
    "---------- 返信元メッセージ ----------",
    "=== 元メール ===",
    "【元メッセージ】",
    "--------以下、元のメール--------",
    'In message "資料"\n山田 wrote...',
    "山田 さんwrote:",
    "────── 引用 ──────",
    "山田さんが 2026/11/30 10:15 に書きました:",
    "＜山田 さんが 2026/11/30 10:15 に書きました＞",
]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_an_unmarked_quotation_is_cut_from_its_separator_on(separator: str) -> None:
    cut = cut_history(
        f"承知しました。\n\n{separator}\n配信停止をお願いします。\n今後の案内は不要です。"
    )
    assert cut.has_history
    assert cut.text.startswith("承知しました。")
    assert "停止" not in cut.text
    assert "不要" not in cut.text


@pytest.mark.parametrize(
    "line",
    [
        "--- 1. 費用について ---",
        "佐藤さんは書きました。",
        "引用元の資料をお送りください。",
        "【元請け】株式会社かけはし",
        "――以下は質問です――",
    ],
)
def test_what_only_resembles_a_separator_stays(line: str) -> None:
    text = f"承知しました。\n{line}\n今後の案内は不要です。"
    assert cut_history(text).text == text
