from dataclasses import replace

import pytest

from budget_calendar.domain.municipality import FiscalIndices, Municipality, MunicipalityType
from budget_calendar.registry.importer.merging import Imported, merge
from budget_calendar.registry.importer.report import FindingKind
from budget_calendar.registry.importer.source import Record, Source, is_municipality

GUNMA = Municipality("100005", "群馬県", "", "群馬県", MunicipalityType.PREFECTURE, 1_800_000)
KIRYU = Municipality(
    "102032",
    "桐生市",
    "きりゅうし",
    "群馬県",
    MunicipalityType.CITY,
    98_505,
    FiscalIndices(2020, 0.58, 91.0, 4.6, None),
)
MAEBASHI = Municipality(
    "102016", "前橋市", "まえばしし", "群馬県", MunicipalityType.CORE_CITY, None
)
OGASAWARA = Municipality("134210", "小笠原村", "", "東京都", MunicipalityType.VILLAGE, 2_800)
NEWER = FiscalIndices(2021, 0.57, 90.9, 4.5, None)


def merged(*records: Record) -> Imported:
    source = Source("file.xlsx", "indices", records, (), lambda _: False)
    return merge([KIRYU, GUNMA, MAEBASHI, OGASAWARA], [source])


def told(imported: Imported, code: str) -> Municipality:
    [found] = [each for each in imported.municipalities if each.code == code]
    return found


def test_what_a_source_says_is_taken_over_and_the_rest_stays() -> None:
    imported = merged(
        Record(3, "102032", "群馬県", "桐生市", indices=NEWER),
        Record(None, None, "群馬県", "群馬県", kana="ぐんまけん"),
    )
    assert imported.municipalities == (
        replace(GUNMA, kana="ぐんまけん"),
        MAEBASHI,
        replace(KIRYU, indices=NEWER),
        OGASAWARA,
    )
    assert not imported.report.findings
    [tally] = imported.report.tallies
    assert (tally.records, tally.matched) == (2, 2)


@pytest.mark.parametrize("residents", [None, 0, 97_000])
def test_residents_are_what_the_source_says_missing_ones_included(residents: int | None) -> None:
    imported = merged(
        Record(2, "102032", "群馬県", "桐生市", tells_residents=True, japanese_residents=residents)
    )
    assert told(imported, "102032").japanese_residents == residents


@pytest.mark.parametrize(
    ("record", "kind", "message"),
    [
        (
            Record(7, "102031", "群馬県", "桐生市", indices=NEWER),
            FindingKind.WRONG_CHECK_DIGIT,
            "群馬県桐生市: '102031' has a wrong check digit: 10203 takes 2, that is 102032",
        ),
        (
            Record(7, "10203", "群馬県", "桐生市", indices=NEWER),
            FindingKind.UNREADABLE_CODE,
            (
                "群馬県桐生市: '10203' is no municipality code: give six digits, such as 102032;"
                " did you mean 102032 (群馬県桐生市)?"
            ),
        ),
        (
            Record(7, "", "群馬県", "桐生市", indices=NEWER),
            FindingKind.UNREADABLE_CODE,
            "群馬県桐生市: '' is no municipality code: give six digits, such as 102032",
        ),
        (
            Record(7, "109991", "群馬県", "新市", indices=NEWER),
            FindingKind.UNKNOWN_CODE,
            "群馬県新市: no local government has the code '109991'",
        ),
        (
            Record(7, "272035", "大阪府", "豊中市", indices=NEWER),
            FindingKind.UNKNOWN_CODE,
            "大阪府豊中市: the registry has no municipality 272035",
        ),
        (
            Record(7, None, "郡馬県", "郡馬県", indices=NEWER),
            FindingKind.UNKNOWN_NAME,
            "no local government is called 郡馬県: correct it",
        ),
        (
            Record(7, "102032", "群馬県", "前橋市", indices=NEWER),
            FindingKind.CONTRADICTION,
            (
                "102032 is 群馬県桐生市, but the row says 群馬県前橋市, which has 102016:"
                " correct the code or the name"
            ),
        ),
        (
            Record(7, "102032", "栃木県", "桐生市", indices=NEWER),
            FindingKind.CONTRADICTION,
            "102032 is 群馬県桐生市, but the row says 栃木県桐生市: correct the code or the name",
        ),
        (
            Record(7, "016951", "北海道", "色丹村", tells_residents=True, japanese_residents=0),
            FindingKind.NOT_GOVERNED,
            "北海道色丹村 of the Northern Territories has no local government",
        ),
    ],
    ids=lambda value: value.value if isinstance(value, FindingKind) else "",
)
def test_a_row_that_is_not_clearly_one_of_the_registry_changes_nothing(
    record: Record, kind: FindingKind, message: str
) -> None:
    imported = merged(record)
    assert imported.municipalities == (GUNMA, MAEBASHI, KIRYU, OGASAWARA)
    [finding] = imported.report.findings
    assert (finding.kind, finding.message, finding.row) == (kind, message, 7)
    assert finding.source == "file.xlsx"
    assert imported.report.has_errors is (kind is not FindingKind.NOT_GOVERNED)


def test_the_first_of_two_rows_counts() -> None:
    imported = merged(
        Record(3, "102032", "群馬県", "桐生市", indices=NEWER),
        Record(9, "102032", "群馬県", "桐生市", indices=replace(NEWER, fiscal_year=2022)),
    )
    assert told(imported, "102032").indices == NEWER
    [finding] = imported.report.findings
    assert (finding.kind, finding.row) == (FindingKind.REPEATED, 9)
    assert "in row 3" in finding.message


@pytest.mark.parametrize(
    ("record", "kind", "field", "is_error"),
    [
        (
            Record(3, "102032", "群馬県", "桐生巿", indices=NEWER),
            FindingKind.NAME_DIFFERS,
            "name",
            False,
        ),
        (
            Record(3, "102032", "群馬県", "桐生市", kana="きりうし", indices=NEWER),
            FindingKind.KANA_DIFFERS,
            "kana",
            False,
        ),
        (
            Record(3, "102032", "群馬県", "桐生市", has_wards=True, indices=NEWER),
            FindingKind.TYPE_DIFFERS,
            "type",
            True,
        ),
    ],
)
def test_shared_language_stays_and_the_difference_is_reported(
    record: Record, kind: FindingKind, field: str, *, is_error: bool
) -> None:
    imported = merged(record)
    assert told(imported, "102032") == replace(KIRYU, indices=NEWER)
    [finding] = imported.report.findings
    assert (finding.kind, finding.field, finding.code) == (kind, field, "102032")
    assert imported.report.has_errors is is_error


def test_a_municipality_missing_from_a_source_keeps_what_was_known() -> None:
    source = Source("file.xlsx", "indices", (), (), is_municipality)
    imported = merge([KIRYU, GUNMA, OGASAWARA], [source])
    assert told(imported, "102032") == KIRYU
    assert [(each.kind, each.code, each.value) for each in imported.report.findings] == [
        (FindingKind.MISSING_FROM_FILE, "102032", "桐生市"),
        (FindingKind.MISSING_FROM_FILE, "134210", "小笠原村"),
    ]


def test_a_report_is_readable_by_programs() -> None:
    document = merged(Record(7, "102031", "群馬県", "桐生市", indices=NEWER)).report.as_json()
    assert document["counts"] == {"wrong_check_digit": 1}
    assert document["has_errors"] is True
    assert document["findings"] == [
        {
            "kind": "wrong_check_digit",
            "is_error": True,
            "source": "file.xlsx",
            "row": 7,
            "code": "102031",
            "field": "code",
            "value": "102031",
            "message": "群馬県桐生市: '102031' has a wrong check digit: 10203 takes 2,"
            " that is 102032",
        }
    ]
