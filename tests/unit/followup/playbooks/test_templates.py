from decimal import Decimal

import pytest

from followup.domain.approved_texts import placeholder
from followup.domain.playbooks.audience import Role, SizeBand
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.templates import (
    FillIn,
    Formality,
    Reader,
    Template,
    TemplateKind,
    Variant,
)
from followup.playbooks.reading import read_playbook
from followup.playbooks.templates import Fact, Rendered, render
from kakehashi_common.domain.errors import DomainError

TEXT = """\
id: example
name: 例
description: 例です。
audience: {roles: [officer, head]}
entry: {reasons: [price_interest]}
priority: 50
goal: {occurrences: [meeting_booked]}
facts:
  hours_saved: {label: 年間の削減時間, unit: 時間}
templates:
  first:
    kind: mail
    fill_ins: {personal_note: 前回の面談に触れる一文}
    variants:
      - roles: [officer]
        size_bands: [over_300k]
        subject: 大規模
        body: "{{ facts.hours_saved }}{{ signature }}"
      - roles: [officer]
        subject: "{{ product }}のご案内"
        body: |
          {{ organisation }}
          {% if contact_name %}
          {{ contact_name }} 様
          {% else %}
          ご担当者様
          {% endif %}

          {{ fill.personal_note }}
          年間{{ facts.hours_saved }}（{{ sources.hours_saved }}）
          {{ signature }}
      - roles: [head]
        formality: formal
        subject: 謹啓
        body: "{{ facts.hours_saved }}{{ signature }}"
      - roles: [head]
        subject: 市長
        body: "{{ facts.hours_saved }}{{ signature }}"
steps:
  - {id: first, kind: mail, template: first}
"""

VALUES = {
    "organisation": "見本市",
    "contact_name": "山田 花子",
    "product": "窓口予約",
    "signature": "株式会社見本\n佐藤",
}
FACTS = {"hours_saved": Fact(Decimal(1200), "貴市の実証（2026年8月）")}
OFFICER = Reader(Role.OFFICER)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    return read_playbook(TEXT, Limits())


def rendered(
    playbook: Playbook,
    reader: Reader = OFFICER,
    values: dict[str, str] | None = None,
    facts: dict[str, Fact] | None = None,
    fill: dict[str, str] | None = None,
) -> Rendered:
    return render(
        playbook,
        playbook.template("first"),
        reader,
        {**VALUES, **(values or {})},
        FACTS if facts is None else facts,
        fill or {},
    )


def test_a_text_says_what_a_person_has_to_write_and_shows_where(playbook: Playbook) -> None:
    text = rendered(playbook)
    assert text.subject == "窓口予約のご案内"
    assert text.text == (
        "見本市\n山田 花子 様\n\n【前回の面談に触れる一文】\n"
        "年間1,200時間（貴市の実証（2026年8月））\n株式会社見本\n佐藤\n"
    )
    assert text.unfilled == (FillIn("personal_note", "前回の面談に触れる一文"),)


def test_a_filled_text_is_complete(playbook: Playbook) -> None:
    text = rendered(playbook, fill={"personal_note": "先日は窓口を拝見しました。"})
    assert "先日は窓口を拝見しました。\n" in text.text
    assert not text.unfilled


def test_a_name_may_be_unknown(playbook: Playbook) -> None:
    assert rendered(playbook, values={"contact_name": ""}).text.startswith("見本市\nご担当者様\n")


@pytest.mark.parametrize(
    ("reader", "subject"),
    [
        (OFFICER, "窓口予約のご案内"),
        (Reader(Role.OFFICER, SizeBand.OVER_300K), "大規模"),
        (Reader(Role.OFFICER, SizeBand.UNDER_50K, Formality.FORMAL), "窓口予約のご案内"),
        (Reader(Role.HEAD), "市長"),
        (Reader(Role.HEAD, formality=Formality.FORMAL), "謹啓"),
    ],
)
def test_the_reader_chooses_the_text(playbook: Playbook, reader: Reader, subject: str) -> None:
    assert rendered(playbook, reader).subject == subject


@pytest.mark.parametrize(
    ("reader", "values", "facts", "code", "field"),
    [
        (OFFICER, {"product": "予約\r\nBcc: all@example.jp"}, FACTS, "line_break", "product"),
        (OFFICER, {"contact_name": "山田\n花子"}, FACTS, "line_break", "contact_name"),
        (OFFICER, {"contact_name": "山田\u2028花子"}, FACTS, "line_break", "contact_name"),
        (OFFICER, {"contact_name": "山田\x00花子"}, FACTS, "not_text", "contact_name"),
        (OFFICER, {"signature": "佐藤\x1b[31m"}, FACTS, "not_text", "signature"),
        (Reader(Role.FINANCE), {}, FACTS, "role_without_variant", "role"),
    ],
)
def test_what_must_not_go_out_is_refused(
    playbook: Playbook,
    reader: Reader,
    values: dict[str, str],
    facts: dict[str, Fact],
    code: str,
    field: str,
) -> None:
    with pytest.raises(DomainError) as caught:
        rendered(playbook, reader, values, facts)
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize(
    ("values", "facts", "missing"),
    [
        ({}, {}, ["facts.hours_saved", "sources.hours_saved"]),
        ({"organisation": " "}, FACTS, ["organisation"]),
        ({"signature": ""}, FACTS, ["signature"]),
        ({"contact_name": ""}, FACTS, []),
    ],
)
def test_a_person_is_asked_for_a_figure_or_value_that_is_not_known(
    playbook: Playbook, values: dict[str, str], facts: dict[str, Fact], missing: list[str]
) -> None:
    text = rendered(playbook, OFFICER, values, facts, {"personal_note": "先日はどうも。"})
    assert [each.name for each in text.unfilled] == missing
    assert all(placeholder(each) in text.text for each in text.unfilled)


def test_a_variable_that_a_text_asks_about_may_be_missing(playbook: Playbook) -> None:
    body = "{% if meeting_url %}{{ meeting_url }}{% else %}お電話で。{% endif %}{{ signature }}"
    template = Template(name="t", kind=TemplateKind.LETTER, variants=(Variant(body=body),))
    text = render(playbook, template, OFFICER, {"signature": "署名"}, {}, {})
    assert text.text == "お電話で。署名\n"
    assert not text.unfilled


def test_a_value_that_looks_like_a_template_stays_as_it_is(playbook: Playbook) -> None:
    text = rendered(playbook, values={"contact_name": "{{ signature }}"})
    assert "{{ signature }} 様" in text.text


CONTENT = {
    "content.title": "窓口の事例",
    "content.url": "https://www.example.co.jp/1",
    "content.source": "事例集12頁",
}
LINK = "{{ content.title }}（{{ content.source }}）{{ content.url }}"


@pytest.mark.parametrize(
    ("body", "values", "text", "missing"),
    [
        (LINK, CONTENT, "窓口の事例（事例集12頁）https://www.example.co.jp/1\n", []),
        (
            LINK,
            {},
            "【お届けする資料の題名】（【お届けする資料の出典】）【お届けする資料のURL】\n",
            ["content.title", "content.url", "content.source"],
        ),
        (f"前。{{% if content %}}{LINK}{{% endif %}}", {}, "前。\n", []),
        (
            "{{ content.title }}{% if content.url %}：{{ content.url }}{% endif %}",
            CONTENT | {"content.url": ""},
            "窓口の事例\n",
            [],
        ),
        (
            "{% if content %}{{ content.title }}「{{ content.passage }}」{% endif %}",
            CONTENT,
            "窓口の事例「【お届けする資料からの引用】」\n",
            ["content.passage"],
        ),
    ],
)
def test_a_text_without_the_content_that_it_names_asks_a_person_unless_it_asks_first(
    playbook: Playbook, body: str, values: dict[str, str], text: str, missing: list[str]
) -> None:
    template = Template(name="t", kind=TemplateKind.LETTER, variants=(Variant(body=body),))
    made = render(playbook, template, OFFICER, values, {}, {})
    assert made.text == text
    assert [each.name for each in made.unfilled] == missing
