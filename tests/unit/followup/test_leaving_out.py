"""The words for a step that is left out name the value that stands in the way."""

import pytest

from followup.steps.leaving_out import text_of
from kakehashi_common.domain.errors import DomainError


@pytest.mark.parametrize(
    ("code", "field", "ja"),
    [
        ("line_break", "contact_name", "差し込む値（相手の氏名）に改行が含まれています。"),
        ("not_text", "department", "差し込む値（部署名）に使えない文字が含まれています。"),
        ("line_break", "fill_ins/x", "差し込む値に改行が含まれています。"),
        ("no_address", "lead_id", "メールアドレスが分かりません。"),
        ("new_code", "lead_id", "この手順を用意できません（new_code）。"),
    ],
)
def test_a_value_is_named_by_what_it_is(code: str, field: str, ja: str) -> None:
    assert text_of(DomainError("…", field=field, code=code)).ja == ja
