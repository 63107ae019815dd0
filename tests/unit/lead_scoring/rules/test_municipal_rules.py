"""The shipped rules, seen through the people that they are made for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from kakehashi_common.contracts.lead_events import TRUTH_ATTRIBUTES, ActivityKind
from kakehashi_common.contracts.municipalities import municipalities
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.lead import ActivityRecorded, Lead, ProfileChanged
from lead_scoring.domain.profile import ATTRIBUTE, Scalar
from lead_scoring.domain.rules import OneOf
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.rules.file import check, shipped
from lead_scoring.rules.municipality_fields import municipality_fields

NOW = datetime(2026, 9, 1, 3, tzinfo=UTC)
RULES = CompiledRules(check(shipped()), 1, municipality_fields)


def code(name: str) -> str:
    (found,) = (each.code for each in municipalities().values() if each.name == name)
    return found


IIDA = {"municipality_code": code("飯田市")}
CHIBA = {"municipality_code": code("千葉市")}
SMALL_TOWN = {"municipality_code": code("神石高原町")}
CHIBA_PREFECTURE = {"municipality_code": code("千葉県")}


def lead_of(profile: Mapping[str, Scalar], happened: Sequence[tuple[str, int]] = ()) -> Lead:
    lead = Lead("crm-1")
    lead.apply(ProfileChanged(NOW, b"k", profile))
    for signal, days_ago in happened:
        lead.apply(ActivityRecorded(NOW - timedelta(days=days_ago), signal))
    return lead


@pytest.mark.parametrize(
    ("profile", "letter"),
    [
        ({**IIDA, "department": "デジタル推進課", "role": "manager"}, "A"),
        ({**IIDA, "department": "ＤＸ推進室", "role": "officer"}, "A"),
        ({**CHIBA, "department": "情報システム課", "role": "officer"}, "A"),
        ({**IIDA, "department": "財政課", "role": "finance"}, "A"),
        ({**IIDA, "department": "市長室", "role": "head"}, "A"),
        ({**SMALL_TOWN, "department": "総務課", "role": "manager"}, "B"),
        ({**CHIBA_PREFECTURE, "department": "総務課", "role": "officer"}, "B"),
        ({**IIDA, "department": "市民課"}, "B"),
        ({**IIDA}, "C"),
        ({"role": "manager"}, "C"),
        ({**IIDA, "department": "情報政策課", "role": "manager",
          "attributes.organisation_type": "vendor"}, "C"),
        ({}, "C"),
    ],
)  # fmt: skip
def test_who_fits(profile: Mapping[str, Scalar], letter: str) -> None:
    assert RULES.evaluate(lead_of(profile), japan_day(NOW)).grade[0] == letter


@pytest.mark.parametrize(
    ("happened", "number"),
    [
        ([], "3"),
        ([("page_viewed/top", 0)], "3"),
        ([("page_viewed/product", 0)] * 50, "3"),
        ([("mail_opened/newsletter", age) for age in range(100)], "3"),
        ([("seminar_registered", 20), ("seminar_attended", 10), ("document_downloaded", 10)], "3"),
        ([("seminar_attended", 5), ("document_downloaded/price_list", 3),
          ("page_viewed/pricing", 2), ("page_viewed/subsidy", 2)], "2"),
        ([("meeting_held", 0)], "2"),
        ([("meeting_held", 30)], "3"),
        ([("reference_quote_requested", 0)], "2"),
        ([("reference_quote_requested", 7), ("meeting_held", 14)], "1"),
        ([("rfp_received", 1), ("form_submitted", 1)], "1"),
        ([("reference_quote_requested", 300), ("meeting_held", 300)], "3"),
        ([("booth_visited/expo", 0)] * 10, "3"),
    ],
)  # fmt: skip
def test_who_is_interested(happened: Sequence[tuple[str, int]], number: str) -> None:
    assert RULES.evaluate(lead_of({}, happened), japan_day(NOW)).grade[1] == number


def test_a_quote_and_a_meeting_with_the_right_person_is_for_field_sales() -> None:
    profile = {**IIDA, "department": "情報政策課", "role": "officer"}
    lead = lead_of(profile, [("reference_quote_requested", 7), ("meeting_held", 14)])
    explained = RULES.explain(lead, japan_day(NOW))
    assert RULES.evaluate(lead, japan_day(NOW)).grade in RULES.rules.qualification.grades
    assert [line.label.ja for line, *_ in explained] == [
        "人口5万〜30万人（日本人住民）",
        "情報・デジタル部門",
        "担当者",
        "住民窓口を持つ市区町村",
        "参考見積の依頼",
        "面談の実施",
    ]


def test_steps_of_procurement_are_worth_most() -> None:
    strongest = sorted(RULES.rules.engagement_rules, key=lambda rule: -rule.points)[:3]
    assert {rule.id for rule in strongest} == {"reference_quote", "rfi", "rfp"}


def test_every_kind_of_the_catalogue_is_worth_something() -> None:
    assert all(RULES.names(kind) for kind in ActivityKind)


def test_what_the_shipped_rules_ask_to_be_true_is_no_text_in_the_contract() -> None:
    asked = {
        rule.field.removeprefix(ATTRIBUTE)
        for rule in RULES.rules.fit_rules
        if rule.field.startswith(ATTRIBUTE)
        and isinstance(rule.condition, OneOf)
        and any(isinstance(value, bool) for value in rule.condition.values)
    }
    assert asked == set(TRUTH_ATTRIBUTES)
