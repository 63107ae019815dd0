import pytest

from budget_calendar.registry.importer.cells import code_of, count_of, heading_of, number_of


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (0.57, 0.57),
        (93, 93.0),
        (0, 0.0),
        ("0.45", 0.45),
        ("０．４５", 0.45),
        (" 1,234.5 ", 1234.5),
        ("93.0%", 93.0),
        ("９３．０％", 93.0),
        ("△1.5", -1.5),
        ("▲ 1.5", -1.5),
        ("−1.5", -1.5),
        ("-1.5", -1.5),
    ],
)
def test_numbers_are_read_as_offices_write_them(cell: object, number: float) -> None:
    assert number_of(cell) == number


@pytest.mark.parametrize("cell", [None, "", " ", "-", "－", "―", "—", "‐", "ー", "…"])
def test_a_missing_number_is_none_and_never_zero(cell: object) -> None:
    assert number_of(cell) is None
    assert count_of(cell) is None


@pytest.mark.parametrize(
    "cell", ["#N/A", "0.4.5", "12,34", "約90", "X", True, float("nan"), float("inf"), "1.2※"]
)
def test_what_is_no_number_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match="is no number"):
        number_of(cell)


@pytest.mark.parametrize(("cell", "people"), [("98,505", 98505), (98505.0, 98505), ("0", 0)])
def test_people_are_counted_in_whole_numbers(cell: object, people: int) -> None:
    assert count_of(cell) == people


@pytest.mark.parametrize("cell", ["98505.5", -1, "△3"])
def test_what_is_no_number_of_people_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match="is no number of people"):
        count_of(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("011002", "011002"),
        (11002, "011002"),
        (11002.0, "011002"),
        ("０１１００２", "011002"),
        (" 102032 ", "102032"),
        ("10203", "10203"),
        (None, ""),
    ],
)
def test_a_code_gets_back_only_the_zeros_that_a_spreadsheet_took(cell: object, code: str) -> None:
    assert code_of(cell) == code


@pytest.mark.parametrize(
    "cell", ["経常収支比率", "経常収支\n比率", "経常収支比率（％）", " 経常収支　比率 (%)"]
)
def test_a_heading_is_known_whatever_its_breaks_and_unit(cell: str) -> None:
    assert heading_of(cell) == "経常収支比率"
