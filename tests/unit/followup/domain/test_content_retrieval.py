"""The similarity of texts, and the words that they have in common."""

import pytest

from followup.domain.contents.retrieval import Retrieval, common_words, sentences

TEXTS = [
    "窓口の待ち時間を短くした取り組み",
    "下水道管の更新計画",
    "RPAで申請の入力を自動化した事例",
    "について、います。ます。",
]


@pytest.mark.parametrize(
    ("query", "most_alike"),
    [
        ("窓口の待ち時間の短縮について質問がありました", 0),
        ("待ち時間", 0),
        ("下水道の老朽化", 1),
        ("ＲＰＡの導入", 2),
        ("rpa", 2),
    ],
)
def test_the_text_on_the_same_subject_is_most_alike(query: str, most_alike: int) -> None:
    similarities = Retrieval(TEXTS).similarities(query)

    assert similarities.index(max(similarities)) == most_alike
    assert 0 < similarities[most_alike] <= 1 + 1e-9


@pytest.mark.parametrize(
    "query", ["", "観光の振興", "についてお伺いします", "2026", "令和9年度", "。、！"]
)
def test_what_has_nothing_in_common_is_not_alike(query: str) -> None:
    assert Retrieval(TEXTS).similarities(query) == [0, 0, 0, 0]


def test_a_text_is_as_alike_to_itself_as_can_be() -> None:
    assert Retrieval(TEXTS).similarities(TEXTS[1])[1] == pytest.approx(1)
    assert Retrieval([]).similarities("窓口") == []


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("窓口の待ち時間の短縮", "窓口で待ち時間を短く", ["待ち時間", "窓口"]),
        ("ＲＰＡを試す", "rpa と申請", ["rpa"]),
        ("窓口について", "庁舎について", []),
        ("令和9年", "9月", []),
        ("防", "防災", []),
    ],
)
def test_words_in_common_are_named_without_grammar(query: str, text: str, words: list[str]) -> None:
    assert common_words(query, text) == words


def test_sentences_end_with_a_mark_or_a_line() -> None:
    assert sentences("一つ。二つ！\n三つ\n\n") == ["一つ", "二つ", "三つ"]
