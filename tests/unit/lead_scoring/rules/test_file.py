"""Rule files: read in full, or refused with every line and reason."""

import re

import pytest

from lead_scoring.domain.rules import (
    Between,
    ContainsAny,
    EngagementRule,
    FitRule,
    Group,
    Label,
    OneOf,
    Present,
    QualificationRule,
    RuleSet,
    Thresholds,
)
from lead_scoring.rules.file import MAX_CHARACTERS, RulesFileError, check, published, shipped

FILE = """\
name: small
description: >
  As small as can be.
horizon_days: 365
grades:
  fit: {A: 60, B: 30.5}
  engagement: {1: 50, 2: 20}
qualification:
  grades: [A1, B1]
  cool_down_days: 14
engagement:
  groups:
    web:
      cap: 20
      label: {ja: ウェブ, en: Web}
  rules:
    priced:
      group: web
      kinds: [page_viewed, document_downloaded]
      categories: [pricing]
      points: 2.5
      half_life_days: 30.5
      daily_cap: 2
      label: {ja: 料金, en: Prices}
fit:
  groups:
    who:
      cap: 50
      label: {ja: 人, en: Person}
  rules:
    manager:
      group: who
      field: role
      equals: manager
      points: 25
      label: {ja: 管理職, en: Manager}
    small_staff:
      group: who
      field: organisation_size
      at_least: 10
      below: 50
      points: -5
      label: {ja: 小規模, en: Small}
"""


def lines(text: str) -> list[str]:
    with pytest.raises(RulesFileError) as refused:
        check(text)
    assert str(refused.value) == "\n".join(map(str, refused.value.problems))
    return [f"{each.line}: {each.reason}" for each in refused.value.problems]


def test_a_file_is_read_in_full() -> None:
    assert check(FILE) == RuleSet(
        name="small",
        description="As small as can be.",
        horizon_days=365,
        thresholds=Thresholds(a=600, b=305, one=500, two=200),
        qualification=QualificationRule(frozenset({"A1", "B1"}), 14),
        engagement_groups=(Group("web", 200, Label("ウェブ", "Web")),),
        engagement_rules=(
            EngagementRule(
                "priced",
                "web",
                Label("料金", "Prices"),
                25,
                ("page_viewed", "document_downloaded"),
                ("pricing",),
                30.5,
                2,
            ),
        ),
        fit_groups=(Group("who", 500, Label("人", "Person")),),
        fit_rules=(
            FitRule("manager", "who", Label("管理職", "Manager"), 250, "role", OneOf(("manager",))),
            FitRule(
                "small_staff",
                "who",
                Label("小規模", "Small"),
                -50,
                "organisation_size",
                Between(10.0, 50.0),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        ("field: role\n      in: [manager, head]", OneOf(("manager", "head"))),
        ("field: role\n      present: false", Present(expected=False)),
        ("field: department\n      contains_any: [DX, 情報]", ContainsAny(("DX", "情報"))),
        ("field: municipality.prefecture\n      equals: 群馬県", OneOf(("群馬県",))),
        ('field: municipality_code\n      in: ["102032"]', OneOf(("102032",))),
        ("field: attributes.customer\n      equals: true", OneOf((True,))),
        ("field: attributes.seats\n      in: [1, 2.5, no, 2026-09-01]",
         OneOf((1, 2.5, "no", "2026-09-01"))),
        ("field: attributes.seats\n      below: 3", Between(below=3.0)),
        ("field: attributes.text\n      contains_any: [クラウド]", ContainsAny(("クラウド",))),
    ],
)  # fmt: skip
def test_each_condition_is_read(given: str, condition: object) -> None:
    text = FILE.replace("field: role\n      equals: manager", given)
    assert check(text).fit_rules[0].condition == condition


LACKING = {
    "name": "name: small\n",
    "description": "description: >\n  As small as can be.\n",
    "horizon_days": "horizon_days: 365\n",
}


@pytest.mark.parametrize("key", LACKING)
def test_a_lacking_key_is_named(key: str) -> None:
    assert lines(FILE.replace(LACKING[key], "")) == [f"1: the rule file lacks {key}"]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("name: small", "name: Small One", r"1: 'Small One' must be lower-case letters, .*"),
        ("name: small", "name: 7", r"1: name must be a text; write '7', in quotes"),
        ("horizon_days: 365", "horizon_days: 731", r"4: a horizon is between 1 and 730 days"),
        ("horizon_days: 365", "horizon_days: 0", r"4: a horizon is between 1 and 730 days"),
        ("horizon_days: 365", "horizon_days: 1.5", r"4: horizon_days must be a whole number.*"),
        ("horizon_days: 365", "horizon_days: year", r"4: horizon_days must be a whole number.*"),
        ("horizon_days: 365", "horizon_days:", r"4: horizon_days must be a whole number.*"),
        ("horizon_days: 365", "horizon: 365\nhorizon_days: 365",
         r"4: unknown key 'horizon' in the rule file; did you mean horizon_days\?"),
        ("horizon_days: 365", "horizon_days: 365\nhorizon_days: 365",
         r"5: 'horizon_days' is given twice in the rule file \(first in line 4\)"),
        ("{A: 60, B: 30.5}", "{A: 30, B: 60}", r"6: thresholds A and B must fall, .*"),
        ("{A: 60, B: 30.5}", "{A: 60}", r"6: fit lacks B"),
        ("{A: 60, B: 30.5}", "{A: 60, B: 30, C: 0}", r"6: unknown key 'C' in fit; .*"),
        ("{A: 60, B: 30.5}", "{A: 60, B: 30.55}", r"6: B has more than one decimal; .*"),
        ("{A: 60, B: 30.5}", "[60, 30]", r"6: fit must be a mapping of keys to values"),
        ("{1: 50, 2: 20}", "{1: 50, 2: 0}", r"7: thresholds 1 and 2 must fall, .*"),
        ("[A1, B1]", "[A1, D9]", r"9: no such grade: D9; grades are A1 … C3"),
        ("[A1, B1]", "A1", r"9: grades must be a list .*"),
        ("[A1, B1]", "[]", r"9: grades must be a list of at least one, .*"),
        ("cool_down_days: 14", "cool_down_days: -1", r"10: a cool-down is between 0 and 3650 days"),
        ("cap: 20", "cap: 0", r"14: a cap is above 0 and at most 100 points"),
        ("cap: 20", "cap: -3", r"14: a cap is above 0 and at most 100 points"),
        ("cap: 20", "cap: many", r"14: cap must be a plain number, such as 2.5"),
        ("cap: 20", "cap: 0x14", r"14: cap must be a plain number, such as 2.5"),
        ("cap: 20", "cap: .inf", r"14: cap must be a plain number, such as 2.5"),
        ("{ja: ウェブ, en: Web}", "{ja: ウェブ}", r"15: label lacks en"),
        ("{ja: ウェブ, en: Web}", "{ja: ウェブ, en: ''}", r"15: en must be a text"),
        ("      label: {ja: ウェブ, en: Web}\n", "", r"14: group web lacks label"),
        ("    priced:", "    web:", r"18: 'web' is the id of a group already; .*"),
        ("    priced:", "    Priced!:", r"17: 'Priced!' must be lower-case letters, .*"),
        ("group: web", "group: wbe", r"18: no engagement group is called 'wbe'; there are: web"),
        ("[page_viewed, document_downloaded]", "[Page viewed]", r"19: 'Page viewed' must .*"),
        ("categories: [pricing]", "categories: []", r"20: categories must be a list of .*"),
        ("points: 2.5", "points: 0", r"21: engagement points are above 0 .*"),
        ("points: 2.5", "points: -2.5", r"21: engagement points are above 0 .*"),
        ("points: 2.5", "points: 2.55", r"21: points has more than one decimal; .*"),
        ("      points: 2.5\n", "", r"18: rule priced lacks points"),
        ("half_life_days: 30.5", "half_life_days: 0", r"22: a half-life is between 0.1 and .*"),
        ("half_life_days: 30.5", "half_life: 30", r"22: unknown key 'half_life' in rule priced;.*"),
        ("daily_cap: 2", "daily_cap: 0", r"23: a daily cap is between 1 and 1000"),
        ("field: role", "field: rank", r"33: unknown field 'rank'; known: .*, attributes.<name>"),
        ("field: role", "field: email", r"33: email is personal data, which is not scored"),
        ("field: role", "field: attributes.Big Deal", r"33: 'Big Deal' must be lower-case .*"),
        ("equals: manager", "equals: " + "9" * 5000, r"34: role is never '9+'; it is one of: .*"),
        ("points: -5", "points: " + "9" * 5000, r"42: points must be a plain number.*"),
        ("equals: manager", "equals: manger", r"34: role is never 'manger'; it is one of: .*"),
        ("equals: manager", "equals:", r"34: equals must be a text, a number, true or false.*"),
        ("equals: manager", "in: head", r"34: in must be a list .*"),
        ("equals: manager", "equals: [head]", r"34: equals must be a text, a number, .*"),
        ("equals: manager", "in: [head, ~]", r"34: each of in must be a text, a number, .*"),
        ("equals: manager", "is: manager", r"33: rule manager needs one condition: .*"),
        ("equals: manager", "equals: head\n      in: [head]", r"33: rule manager needs one .*"),
        ("equals: manager", "at_least: 3", r"34: role is no number, so it has no at_least"),
        ("equals: manager", "contains_any: [man]", r"34: role has fixed values; use equals or in"),
        ("equals: manager", "present: maybe", r"34: present must be true or false"),
        ("at_least: 10", "at_least: 50", r"41: must be above at_least, or no number fits"),
        ("field: organisation_size\n      at_least: 10\n      below: 50",
         'field: municipality_code\n      equals: "102033"', r"40: '102033' has a wrong check .*"),
        ("field: organisation_size\n      at_least: 10\n      below: 50",
         "field: municipality_code\n      equals: 102032", r"40: a municipality code is a text.*"),
        ("points: -5", "points: 0", r"42: fit points are between -100 and 100, and not 0"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(before: str, after: str, problem: str) -> None:
    assert before in FILE
    found = lines(FILE.replace(before, after, 1))
    assert any(re.fullmatch(problem, line) for line in found), found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: the file is empty"),
        ("# nothing\n", "1: the file is empty"),
        ("- a\n- b\n", "1: the rule file must be a mapping of keys to values"),
        ("just text", "1: the rule file must be a mapping of keys to values"),
        ("name: [a\nfit: b\n", "2: not valid YAML: "),
        ("name: a: b\n", "1: not valid YAML: mapping values are not allowed here"),
        ("name: 'a\n", "2: not valid YAML: while scanning a quoted scalar"),
        ("name: *other\n", "1: not valid YAML: found undefined alias 'other'"),
        ("name: a\n---\nname: b\n", "2: not valid YAML: expected a single document"),
        ("name: \x00\n", "1: not valid YAML: "),
        ("[" * 5000, "1: nested too deeply"),
        ("x" * 100_001, "1: longer than 100,000 characters"),
        ("name: &a [*a]\n", "1: "),
        ("name: !!python/object:os.system x\n", "1: "),
    ],
)
def test_what_is_no_rule_file_is_refused(text: str, problem: str) -> None:
    assert lines(text)[0].startswith(problem)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: small", "name: Small"),
        ("horizon_days: 365", "horizon_days: 9999"),
        ("A: 60, B: 30.5", "A: 60, B: 130"),
        ("cap: 20", "cap: 200"),
        ("points: 2.5", "points: 2.55"),
        ("half_life_days: 30.5", "half_life_days: 99999"),
        ("[page_viewed, document_downloaded]", "[page viewed]"),
        ("role\n      equals: manager", "role\n      equals: retired_role"),
        ("role\n      equals: manager", 'municipality_code\n      equals: "999999"'),
        ("role\n      equals: manager", "email\n      present: true"),
        ("name: small", f"# {'x' * MAX_CHARACTERS}\nname: small"),
    ],
)
def test_published_rules_are_read_though_they_would_be_refused_today(
    before: str, after: str
) -> None:
    assert before in FILE
    document = FILE.replace(before, after, 1)
    assert lines(document)
    read = published(document)
    assert len(read.engagement_rules) == 1
    assert len(read.fit_rules) == 2


@pytest.mark.parametrize("document", [FILE, shipped()])
def test_published_rules_mean_what_was_checked(document: str) -> None:
    assert published(document) == check(document)


@pytest.mark.parametrize("document", ["name: [", FILE.replace("points: 25", "points: many")])
def test_what_can_not_be_read_is_no_published_rule_set(document: str) -> None:
    with pytest.raises(RulesFileError):
        published(document)


def test_every_mistake_is_found_at_once_and_in_order() -> None:
    text = FILE.replace("cap: 20", "cap: 0").replace("daily_cap: 2", "daily_cap: 0")
    assert [line.split(":")[0] for line in lines(text.replace("[A1, B1]", "[Z9]"))] == [
        "9",
        "14",
        "23",
    ]


def test_a_problem_names_its_column() -> None:
    with pytest.raises(RulesFileError, match=r"^line 14, column 12: a cap"):
        check(FILE.replace("cap: 20", "cap: 0"))


def test_comments_and_layout_leave_the_checksum_alone() -> None:
    other = FILE.replace(
        "{ja: ウェブ, en: Web}", "# a comment\n        ja: ウェブ\n        en: Web"
    )
    assert check(other).checksum() == check(FILE).checksum()


def test_the_shipped_rules_can_be_read() -> None:
    assert check(shipped()).name == "municipal"
