"""A file of content: what is read, and what is wrong with it."""

import pytest

from followup.contents.files import CONTENTS
from followup.domain.contents.content import ContentKind
from followup.domain.playbooks.audience import Role, SizeBand
from kakehashi_common.csv_file import FileError, read_file
from kakehashi_common.domain.budget_phases import BudgetPhase

HEAD = "番号,種類,題名,出典,URL,役割,人口規模,予算の段階,政策分野,有効期限,有効"


def rows(line: str, encoding: str = "utf-8") -> bytes:
    return f"{HEAD}\n{line}\n".encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    raw = rows(
        "c-1,事例,窓口の改善,事例集12頁,https://www.example.jp/1,担当者;管理職,５万人未満,"
        "予算要求;議会審議,digital;welfare,令和9年3月31日,いいえ",
        encoding,
    )

    (row,) = read_file(CONTENTS, raw)
    content = row.said.content(row.row_id)

    assert (content.content_id, content.kind) == ("c-1", ContentKind.CASE)
    assert content.roles == {Role.OFFICER, Role.MANAGER}
    assert content.size_bands == {SizeBand.UNDER_50K}
    assert content.stages == {BudgetPhase.DEPARTMENT_REQUESTS, BudgetPhase.DELIBERATION}
    assert content.policy_areas == {"digital", "welfare"}
    assert (str(content.valid_until), content.active) == ("2027-03-31", False)


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("c-1,論文,題,出典,,,,,,,", "種類", "write one of 事例"),
        ("c 1,事例,題,出典,,,,,,,", "番号", "write 1 to 64"),
        ("c-1,事例,,出典,,,,,,,", "題名", "it is empty"),
        ("c-1,事例,題,,,,,,,,", "出典", "it is empty"),
        ("c-1,事例,題,出典,www.example.jp,,,,,,", "URL", "https://"),
        ("c-1,事例,題,出典,,王様,,,,,", "役割", "王様"),
        ("c-1,事例,題,出典,,,百万人,,,,", "人口規模", "30万人超"),
        ("c-1,事例,題,出典,,,,夏休み,,,", "予算の段階", "議会審議"),
        ("c-1,事例,題,出典,,,,,D X,,", "政策分野", "digital"),
        ("c-1,事例,題,出典,,,,,,13月1日,", "有効期限", "2027-03-31"),
        ("c-1,事例,題,出典,,,,,,,多分", "有効", "はい or いいえ"),
    ],
)
def test_a_mistake_names_its_line_column_and_fix(line: str, column: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        read_file(CONTENTS, rows(line))
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == (2, column)
    assert words in mistake.reason
