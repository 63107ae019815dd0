"""Refusals are in Japanese, then in English; programs read the code and the field."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.domain.texts import Text
from kakehashi_common.temporal.messages import Expected
from kakehashi_common.temporal.refusals import (
    LONGEST_REFUSAL,
    MessageRefusedError,
    domain_error,
    english,
)


class Tea(StrEnum):
    """The kind of tea."""

    GREEN = "green"
    BLACK = "black"


@dataclass(frozen=True)
class Break:
    """A message."""

    until: date
    by: str
    tea: Tea = Tea.GREEN
    cups: int = 1


class Handlers:
    """One that takes a message, one that takes none."""

    def rest(self, message: Break) -> None: ...

    def stop(self) -> None: ...


REST, STOP = Expected.of(Handlers.rest), Expected.of(Handlers.stop)
GOOD = {"until": "2027-01-15", "by": "4711"}
WANTED = Text(
    "このメッセージの引数には、until, by（省略可：tea, cups）からなる"
    "JSONオブジェクトを1つ指定してください",
    "this message takes one argument, a JSON object with until, by (optional: tea, cups)",
)


def sent(value: object, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=json.dumps(value).encode()))


def undecryptable() -> RawValue:
    encoding = b"binary/undecryptable"
    return RawValue(Payload(metadata={"encoding": encoding}, data=b"the key b'theirs' is unknown"))


def refusal(expected: Expected[object], args: list[RawValue]) -> MessageRefusedError:
    try:
        expected.read(args)
        expected.refuse_unknown_fields(args)
    except MessageRefusedError as error:
        return error
    raise AssertionError("it was accepted")


@pytest.mark.parametrize(
    ("expected", "args", "ja", "en", "field"),
    [
        (REST, [], f"{WANTED.ja}（渡された数：0）", f"{WANTED.en}; 0 came", None),
        (REST, [sent(GOOD)] * 2, f"{WANTED.ja}（渡された数：2）", f"{WANTED.en}; 2 came", None),
        (
            REST,
            [sent(GOOD, b"binary/plain")],
            f"{WANTED.ja}（形式はjson/plain）",
            f"{WANTED.en}; send it as json/plain",
            None,
        ),
        (
            STOP,
            [sent("now")],
            "このメッセージに引数はありません（渡された数：1）。入力欄を空にしてください",
            "this message takes no argument, not 1: leave the input empty",
            None,
        ),
        (
            REST,
            [sent({})],
            "until：必須の項目です、by：必須の項目です",
            "until: Field required; by: Field required",
            "until",
        ),
        (
            REST,
            [sent(GOOD | {"because": "tired"})],
            "because：この項目はありません",
            "because: Unexpected keyword argument",
            "because",
        ),
        (
            REST,
            [sent(GOOD | {"by": 4711, "tea": "coffee", "cups": "x", "until": "soon"})],
            (
                "until：YYYY-MM-DD形式の日付ではありません、by：文字列ではありません、"
                "tea：選択できない値です、cups：整数ではありません"
            ),
            (
                "until: Input should be a valid date or datetime, input is too short; "
                "by: Input should be a valid string; tea: Input should be 'green' or 'black'; "
                "cups: Input should be a valid integer, unable to parse string as an integer"
            ),
            "until",
        ),
        (
            REST,
            [sent([])],
            "JSONオブジェクトではありません",
            "Input should be an object",
            None,
        ),
        (
            REST,
            [undecryptable()],
            "内容を復号できませんでした",
            "the key b'theirs' is unknown",
            None,
        ),
    ],
)
def test_a_malformed_message_is_refused_in_both_languages(
    expected: Expected[object], args: list[RawValue], ja: str, en: str, field: str | None
) -> None:
    error = refusal(expected, args)
    assert error.text == Text(ja, en)
    assert error.message == f"{ja} / {en}"
    assert (error.type, error.details[0]) == ("message_malformed", field)
    assert english(error) == en


def test_more_mistakes_than_are_named_are_counted() -> None:
    text = refusal(REST, [sent(GOOD | dict.fromkeys("abcdefg", 1))]).text
    assert text.ja.endswith("e：この項目はありません、ほか2件")
    assert text.en.endswith("; and 2 more")


def test_a_long_refusal_is_cut_in_each_language() -> None:
    error = MessageRefusedError(Text("長" * 5000, "long " * 1000))
    assert (len(error.text.ja), len(error.text.en)) == (LONGEST_REFUSAL, LONGEST_REFUSAL)
    assert english(error) == error.text.en


def test_a_rule_without_japanese_words_is_named_by_its_code() -> None:
    error = MessageRefusedError.by_rule(
        DomainError("the goal is the present one", field="goal", code="same")
    )
    assert error.message == "受け付けられません（理由コード：same） / the goal is the present one"
    assert (error.type, error.details[0]) == ("same", "goal")


def test_a_rule_is_described_in_the_japanese_words_of_its_code() -> None:
    same = DomainError("the goal is the present one", field="goal", code="same")
    error = MessageRefusedError.by_rule(same, {"same": "変更がありません"})
    assert error.text.ja == "変更がありません（理由コード：same）"


def test_the_english_of_a_failure_with_one_text_is_that_text() -> None:
    for failure in (ApplicationError("cut"), ApplicationError("cut", "goal", type="cut")):
        assert english(failure) == "cut"


@pytest.mark.parametrize("kind", [StateConflictError, DomainError])
def test_who_sent_it_reads_the_error_of_the_domain(kind: type[DomainError]) -> None:
    refused = MessageRefusedError.by_rule(
        kind("confirm the request first", field="stage", code="stage_not_reached")
    )
    error = domain_error(refused)
    assert type(error) is kind
    assert (error.message, error.field, error.code) == (
        "confirm the request first",
        "stage",
        "stage_not_reached",
    )
