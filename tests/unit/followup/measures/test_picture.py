"""The picture of rates: what it says, that it fits, and that it is drawn."""

from datetime import date

import pytest

from followup.domain.measures.report import ContactChannel, Cut, Row
from followup.measures.picture import MOST_ROWS, label, rates_scene, rates_svg
from followup.measures.queries import Measured
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.domain.weeks import Span, Week
from kakehashi_common.pictures.png import png
from tests.support.picture_checks import outside, overlapping, texts

SPAN = Span.until(Week(date(2026, 11, 30)), 13)
NAMES = {"welcome": "はじめてのご挨拶", "price-interest": "料金・比較に関心を示された方へのご案内"}


def row(key: str | None, sent: int, answered: int, opted_out: int = 0, complained: int = 0) -> Row:
    return Row(
        key,
        sent + 3,
        sent,
        0,
        {"suppressed": 2},
        0,
        Proportion(answered, sent),
        Proportion(0, sent),
        Proportion(answered // 3, sent),
        Proportion(opted_out, sent),
        Proportion(complained, sent),
        Proportion(0, sent),
    )


def measured(cut: Cut, *rows: Row) -> Measured:
    return Measured(SPAN, cut, ContactChannel.MAIL, rows, NAMES, {}, {})


ROWS = (
    row("price-interest", 412, 61, 3, 1),
    row("quarterly-value", 1250, 44, 61, 2),
    row("welcome", 8, 3),
)


def test_each_percentage_stands_beside_its_cases_and_few_cases_have_none() -> None:
    said = texts(rates_svg(measured(Cut.PLAYBOOK, *ROWS)))
    assert "14.8%（61/412件）" in said
    assert "件数不足（3/8件）" in said
    assert "基準超過：要確認" in said
    assert [each for each in said if "%（" in each and "/" not in each] == []


@pytest.mark.parametrize(
    "shown",
    [
        measured(Cut.PLAYBOOK, *ROWS),
        measured(Cut.ALL, row(None, 1670, 108, 64)),
        measured(Cut.VARIANT, *(row(f"welcome/introduction/{each}", 50, 9) for each in "ab")),
        measured(Cut.PLAYBOOK),
        measured(Cut.STEP, *(row(f"welcome/step-{each}", each, each) for each in range(60))),
    ],
)
def test_texts_fit_and_do_not_overlap(shown: Measured) -> None:
    scene, svg = rates_scene(shown), rates_svg(shown)
    assert not overlapping(scene)
    assert not outside(scene, svg)


def test_more_rows_than_fit_are_counted() -> None:
    rows = [row(f"p-{each:02}", 20, 2) for each in range(MOST_ROWS + 5)]
    assert any("ほか5行は省略" in each for each in texts(rates_svg(measured(Cut.PLAYBOOK, *rows))))


@pytest.mark.parametrize(
    ("cut", "key", "called"),
    [
        (Cut.ALL, None, "全体"),
        (Cut.ROLE, "finance", "財政担当"),
        (Cut.ROLE, None, "不明"),
        (Cut.WEEKDAY, "1", "月曜日"),
        (Cut.HOUR, "09", "9時台"),
        (Cut.WEEKDAY_HOUR, "5-16", "金曜日 16時台"),
        (Cut.STEP, "welcome/introduction", "はじめてのご挨拶／introduction"),
        (Cut.VARIANT, "gone/first/b", "gone／first／B案"),
    ],
)
def test_rows_are_called_what_people_call_them(cut: Cut, key: str | None, called: str) -> None:
    assert label(measured(cut), key) == called


def test_it_is_drawn_as_png() -> None:
    assert png(rates_svg(measured(Cut.PLAYBOOK, *ROWS))).startswith(b"\x89PNG")
