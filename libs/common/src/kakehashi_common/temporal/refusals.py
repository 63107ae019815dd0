"""Reasons of refused messages, in Japanese and in English.

Operators read both in the Temporal UI. HTTP answers the :func:`english` alone.
"""

import re
from collections.abc import Mapping
from typing import Final, Self

from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.domain.refusals import REFUSALS
from kakehashi_common.domain.texts import Text

MALFORMED: Final = "message_malformed"
"""The code of a refusal for what a message looks like, whatever the workflow does."""

LONGEST_REFUSAL: Final = 1000
"""Characters of a refusal in each language: it may quote what was sent."""

_MISTAKES_NAMED: Final = 5

_DECLARED: Final = re.compile(r"[a-z][a-z0-9_/]{0,63}")
"""A field as messages have them; a sender may have made up any other."""

_MISTAKES: Final = {
    "missing": "必須の項目です",
    "extra_forbidden": "この項目はありません",
    "unexpected_keyword_argument": "この項目はありません",
    "dataclass_type": "JSONオブジェクトではありません",
    "json_invalid": "JSONとして読み取れません",
    "string_type": "文字列ではありません",
    "int_type": "整数ではありません",
    "int_parsing": "整数ではありません",
    "int_from_float": "整数ではありません",
    "enum": "選択できない値です",
    "date_type": "YYYY-MM-DD形式の日付ではありません",
    "date_from_datetime_parsing": "YYYY-MM-DD形式の日付ではありません",
}
"""Pydantic's mistakes in Japanese; the English beside them says what would be right."""


class MessageRefusedError(ApplicationError):
    """A message that can't be carried out: nothing has changed.

    The failure's message is the text in both languages; its details are the field, the English, and
    whether the message would make sense at another time.

    Args:
        text: what is wrong and what would be right; cut to ``LONGEST_REFUSAL`` characters each.
        field: which field of the message is at fault.
        code: stable, for programs.
        conflict: whether only the state of the workflow speaks against the message.
    """

    def __init__(
        self,
        text: Text,
        *,
        field: str | None = None,
        code: str = MALFORMED,
        conflict: bool = False,
    ) -> None:
        self.text = Text(shortened(text.ja), shortened(text.en))
        super().__init__(
            f"{self.text.ja} / {self.text.en}",
            field,
            self.text.en,
            conflict,
            type=code,
            non_retryable=True,
        )

    @property
    def outline(self) -> str:
        """The code and the field, which quote nothing of what was sent."""
        field = self.details[0]
        if field is None or not _DECLARED.fullmatch(field):
            return f"受け付けられません（理由コード：{self.type}） / refused: {self.type}"
        return (
            f"受け付けられません（理由コード：{self.type}、項目：{field}） / refused: {self.type}, "
            f"field {field}"
        )

    @classmethod
    def by_rule(cls, error: DomainError, japanese: Mapping[str, str] | None = None) -> Self:
        """Return the refusal of a rule that is worded in English only.

        Args:
            error: of the rule.
            japanese: what codes mean; a code that isn't among them stands for itself.
        """
        said = (japanese or {}).get(error.code or "", "受け付けられません")
        # The rules of one command say what is wrong; shared checks hold for any of its fields.
        place = f"{error.field}：" if error.field and error.code in REFUSALS else ""
        return cls(
            Text(f"{place}{said}（理由コード：{error.code}）", error.message),
            field=error.field,
            code=error.code,
            conflict=isinstance(error, StateConflictError),
        )


def english(failure: ApplicationError) -> str:
    """Return the English of a failed update, whoever raised it."""
    match failure.details:
        case [_, str(text), *_]:
            return text
        case _:
            return failure.message


def domain_error(failure: ApplicationError) -> DomainError:
    """Return the error of the domain with which a workflow or an activity refused something."""
    field, _, conflict, *_ = (*failure.details, None, None, None)
    kind = StateConflictError if conflict else DomainError
    return kind(english(failure), field=field, code=failure.type or "refused")


def malformed(error: ValidationError) -> MessageRefusedError:
    """Return the refusal that says which fields are at fault, and why."""
    mistakes = error.errors(include_url=False, include_input=False, include_context=False)
    ja, en = [], []
    for each in mistakes[:_MISTAKES_NAMED]:
        place = _place(each["loc"])
        said = _MISTAKES.get(each["type"], "値が正しくありません")
        ja.append(f"{place}：{said}" if place else said)
        en.append(f"{place}: {each['msg']}" if place else each["msg"])
    if more := len(mistakes) - len(en):
        ja.append(f"ほか{more}件")
        en.append(f"and {more} more")
    return MessageRefusedError(
        Text("、".join(ja), "; ".join(en)), field=_place(mistakes[0]["loc"]) or None
    )


def _place(location: tuple[int | str, ...]) -> str:
    """Return the field's name; names that a sender made up are escaped and cut."""
    return "/".join(ascii(str(each))[1:-1][:64] for each in location)


def shortened(message: str) -> str:
    """Cut a text to ``LONGEST_REFUSAL`` characters."""
    return message if len(message) <= LONGEST_REFUSAL else message[: LONGEST_REFUSAL - 1] + "…"
