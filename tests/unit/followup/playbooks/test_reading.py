"""Playbook files that can't be used are refused, with the line, the fix and the mistake's name."""

import re

import pytest

from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import USUAL_EXITS
from followup.domain.playbooks.steps import BestChannelStep
from followup.domain.triggers.conditions import Behaviour, Happened, Pattern, ScoreJumped
from followup.playbooks.reading import PlaybookFileError, published_playbook, read_playbook
from kakehashi_common.domain.texts import Text

GOOD = """\
id: example
name: 例
description: 例です。
audience: {roles: [officer, manager]}
entry: {reasons: [price_interest], again_after_days: 90}
priority: 50
goal: {occurrences: [meeting_booked]}
behaviours:
  pricing_again:
    label: {ja: 料金の再閲覧, en: Looked at prices again}
    conditions:
      - {on: happened, kinds: [page_viewed], categories: [pricing], times: 2, days: 14}
      - {on: score_jumped, points: 10}
facts:
  hours_saved: {label: 年間の削減時間, unit: 時間}
templates:
  first:
    kind: mail
    fill_ins: {personal_note: 前回の面談に触れる一文}
    variants:
      - roles: [officer]
        subject: "{{ product }}のご案内"
        body: |
          {{ organisation }} {{ department }}
          {{ fill.personal_note }}
          作業時間は年間{{ facts.hours_saved }}減る見込みです。
          {{ signature }}
      - subject: "{{ product }}の費用対効果"
        body: |
          年間{{ facts.hours_saved }}の削減を見込みます。
          {{ signature }}
  script:
    kind: guide
    variants:
      - body: お電話では用件を先に伝える。
steps:
  - {id: first, kind: mail, template: first}
  - id: reaction
    kind: branch
    cases:
      - {on: negative, stop: 見送り}
      - {on: behaviour, behaviour: pricing_again, goto: call}
      - {on: silent, business_days: 5, goto: call}
  - {id: call, kind: call_task, title: 電話, template: script, key_moment: true}
  - {id: rest, kind: wait, business_days: 3}
"""


def problems(text: str, limits: Limits = Limits()) -> str:  # noqa: B008 - a value
    with pytest.raises(PlaybookFileError) as caught:
        read_playbook(text, limits)
    return str(caught.value)


def test_a_good_file_is_read() -> None:
    playbook = read_playbook(GOOD, Limits(), version=3)
    assert (playbook.id, playbook.version, playbook.exits) == ("example", 3, USUAL_EXITS)
    assert [step.id for step in playbook.steps] == ["first", "reaction", "call", "rest"]
    assert playbook.entry.again_after_days == 90
    assert playbook.behaviours == (
        Behaviour(
            "pricing_again",
            Text("料金の再閲覧", "Looked at prices again"),
            (
                Happened(Pattern(frozenset({"page_viewed"}), frozenset({"pricing"})), 2, 14),
                ScoreJumped(10),
            ),
        ),
    )


FINE = ""


@pytest.mark.parametrize(
    ("old", "new", "name", "where"),
    [
        ("kind: call_task", "kind: fax", "unknown_kind", "kind: fax"),
        ("[officer, manager]", "[officer, king]", "unknown_role", "king"),
        (
            "[officer, manager]}",
            "[officer, manager], role_unknown: 1}",
            "true or false",
            "audience",
        ),
        ("[officer, manager]}", "[officer, manager], role_unknown: true}", FINE, ""),
        ("key_moment: true", "due_business_hours: 4", FINE, ""),
        ("key_moment: true", "due_business_hours: 41", "1 to 40", "due_business"),
        (
            "key_moment: true",
            "due_business_days: 1, due_business_hours: 4",
            "give either",
            "due_business",
        ),
        ("[meeting_booked]", "[meeting]", "unknown_occurrence", "[meeting]"),
        ("5, goto: call}", "5, goto: nowhere}", "unknown_step", "cases:"),
        ("5, goto: call}", "5, stop: 終了}", FINE, ""),
        ("5, goto: call}", "0, goto: call}", "wait_out_of_range", "cases:"),
        ("silent, business_days: 5", "answered", "branch_without_time_out", "cases:"),
        ("pricing_again, goto", "other, goto", "unknown_behaviour", "cases:"),
        (
            "pricing_again, goto: call",
            "pricing_again, goto: first",
            "loop_without_wait",
            "id: first",
        ),
        ("5, goto: call}", "5, goto: first}", "mail_repeated", "id: first"),
        ("5, goto: call}", "20, goto: first}", FINE, ""),
        ("5, goto: call}", "5, goto: rest}", FINE, ""),
        (
            "goto: call}\n  - {id: call",
            "goto: call}\n  - {id: lost, kind: webhook, hook: crm}\n  - {id: call",
            "unreachable_step",
            "id: lost",
        ),
        ("goto: call}", "goto: rest}", FINE, ""),
        ("first}\n", "first, key_moment: true}\n", "key_moment_not_a_task", "id: first"),
        ("template: first}", "template: second}", "unknown_template", "id: first"),
        (
            "template: script,",
            "template: script, alternative: script,",
            "alternative_without_experiment",
            "id: call",
        ),
        (
            "title: 電話, template: script,",
            "title: 電話, alternative: script,",
            "alternative_without_template",
            "id: call",
        ),
        ("kind: call_task", "kind: hearing_form", "hearing_too_early", "id: call"),
        (
            "kind: call_task",
            "requires: [study_session], kind: hearing_form",
            "hearing_too_early",
            "id: call",
        ),
        (
            "kind: call_task",
            "requires: [poc_check, study_session], kind: hearing_form",
            FINE,
            "",
        ),
        ("kind: call_task", "requires: [study_session], kind: call_task", FINE, ""),
        ("kind: call_task", "requires: [dinner], kind: call_task", "unknown_require", "id: call"),
        ("kind: mail, template: first}", "kind: mail}", "lacks template", "id: first"),
        ("template: first}", "template: script}", "template_of_wrong_kind", "id: first"),
        (
            "template: first}",
            "template: first, to: manager, approval: none}",
            "manager_without_approval",
            "to: manager",
        ),
        (
            "template: first}",
            "template: first, alternative: first}",
            "alternative_without_experiment",
            "id: first",
        ),
        ("[price_interest]", "[competitor_move]", "competitor_without_approval", "id: call"),
        ("priority: 50", "priority: 50\nmails_per_week: 3", "cap_above_global", "mails_per_week"),
        ("priority: 50", "priority: 500", "priority_out_of_range", "priority"),
        (
            "priority: 50",
            "priority: 50\nexperiment: {measure: answered, mails_per_variant: 100}",
            "experiment_without_alternative",
            "experiment",
        ),
        (
            "priority: 50",
            "priority: 50\nexperiment: {measure: bounced, mails_per_variant: 100}",
            "experiment_out_of_range",
            "experiment",
        ),
        ("roles: [officer, manager]", "roles: [officer, finance]", FINE, ""),
        ("template: first}", "template: first, size_bands: [over_300k]}", FINE, ""),
        (
            '      - subject: "{{ product }}の',
            '      - roles: [finance]\n        subject: "{{ product }}の',
            "role_without_variant",
            "id: first",
        ),
        (
            '      - subject: "{{ product }}の',
            '      - size_bands: [over_300k]\n        subject: "{{ product }}の',
            "manager (under_50k), manager (50k_300k) (role_without_variant)",
            "id: first",
        ),
        ("times: 2", "times: 99", "out_of_range", "conditions"),
        ("kinds: [page_viewed], ", "", "kind_missing", "conditions"),
        ("on: happened", "on: luck", "unknown_condition", "on: luck"),
        ("points: 10", "points: 10, people: 2", "score_jumped has no people", "people: 2"),
        ("  pricing_again:", "  enquiry:", "behaviour_twice", "ja: 料金"),
        ("pricing_again, goto", "silent, goto", FINE, ""),
        ("again_after_days: 90", "again_after_days: 0", "re_entry_out_of_range", "entry"),
        ("again_after_days: 90", "again_after_days: never", FINE, ""),
        ("reasons: [price_interest], ", "", "no_entry", "entry"),
        (
            "entry: {reasons: [price_interest], ",
            "entry: {reasons: [price_interest], behaviours: [pricing_again], ",
            FINE,
            "",
        ),
        ("[officer, manager]}", "[officer, manager], policy_areas: [digital]}", FINE, ""),
        (
            "[officer, manager]}\nentry: {reasons: [price_interest], ",
            "[officer, manager], policy_areas: [digital]}\nentry: {behaviours: [pricing_again], ",
            "behaviour_without_policy_area",
            "audience",
        ),
        ("{occurrences: [meeting_booked]}", "{}", "no_goal", "goal"),
        ("business_days: 3}", "business_days: 900}", "wait_out_of_range", "id: rest"),
        ("business_days: 3}", "day_of_year: '02-29'}", "no_such_day", "id: rest"),
        ("business_days: 3}", "day_of_year: 10/1}", "such as '10-01'", "id: rest"),
        ("business_days: 3}", "phase: autumn, at_most_days: 90}", "unknown_phase", "id: rest"),
        ("business_days: 3}", "phase: deliberation}", "wait_without_time_out", "id: rest"),
        ("business_days: 3}", "business_days: 3, business_hours: 2}", "unknown_wait", "id: rest"),
        (
            "kind: wait, business_days: 3}",
            "kind: poc_check, title: 確認, weeks: 4, metrics: [時間]}",
            "poc_weeks_out_of_range",
            "id: rest",
        ),
        ("- {id: rest", "- {id: call", "step_id_twice", "kind: wait"),
        ("template: script, key", "key", "unused_template", "templates:"),
        ("に触れる一文}", "に触れる一文}\n    answer: note", "no fill-in of this", "answer: note"),
        ("stop: 見送り}", "stop: 見送り, goto: call}", "either goto", "on: negative"),
        # the wording of templates, by the line of the text
        ("{{ facts.hours_saved }}減る", "{{ facts.money }}減る", "unknown_variable", "money"),
        ("{{ organisation }} {{", "{{ organization }} {{", "unknown_variable", "organization"),
        ("{{ fill.personal_note }}", "{{ fill.note }}", "unknown_variable", "fill.note"),
        ("{{ facts.hours_saved }}減る", "1,200時間減る", "figure_not_from_facts", "1,200"),
        ("{{ facts.hours_saved }}減る", "減る", "figures_differ", "の費用対効果"),
        ("{{ fill.personal_note }}", "{% for x in product %}{% endfor %}", "not_allowed", "for x"),
        ("{{ fill.personal_note }}", "{{ product.__class__ }}", "unknown_variable", "__class__"),
        ("{{ fill.personal_note }}", "{{ product|upper }}", "not_allowed_in_template", "upper"),
        (
            "{{ fill.personal_note }}",
            "{% if size_band == 'under_5k' %}x{% endif %}",
            "unknown_size_band",
            "under_5k",
        ),
        ("{{ fill.personal_note }}", "{% if size_band == 'under_50k' %}x{% endif %}", FINE, ""),
        ("{{ fill.personal_note }}", "{{ product() }}", "not_allowed_in_template", "product()"),
        ("{{ fill.personal_note }}", "{{ product }", "template_syntax", "{{ product }\n"),
        (
            "減る見込みです。\n          {{ signature }}",
            "減る。",
            "mail_without_signature",
            "のご案内",
        ),
        (
            '        subject: "{{ product }}のご案内"\n        body',
            "        body",
            "mail_without_subject",
            "roles: [officer]",
        ),
        (
            '"{{ product }}のご案内"',
            '"{{ addressee }}へのご案内"',
            "several_lines_in_subject",
            "{{ addressee }}へ",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, name: str, where: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if not name:
        read_playbook(text, Limits())
        return
    lines = text[: text.index(where)].count("\n") + 1
    near = "|".join(str(line) for line in (lines, lines + 1))  # a text block begins a line further
    found = problems(text)
    assert any(
        re.match(rf"line ({near}), ", each) and name in each for each in found.splitlines()
    ), found


def test_an_experiment_compares_texts_of_one_kind_of_step() -> None:
    experiment = "priority: 50\nexperiment: {measure: answered, mails_per_variant: 100}"
    scripts = GOOD.replace("priority: 50", experiment).replace(
        "template: script,", "template: script, alternative: script,"
    )
    read_playbook(scripts, Limits())
    both = scripts.replace("template: first}", "template: first, alternative: first}")
    assert "it would add up call_task, mail" in problems(both)


def test_what_is_for_afterwards_is_not_only_for_before() -> None:
    text = GOOD.replace("entry: {", "entry: {only_while_good: true, also_afterwards: true, ")
    assert "contradict each other" in problems(text)


def test_a_step_for_a_size_that_the_audience_lacks_is_named() -> None:
    text = GOOD.replace("audience: {", "audience: {size_bands: [under_50k], ")
    text = text.replace("template: first}", "template: first, size_bands: [over_300k]}")
    assert "the audience has no over_300k" in problems(text)


def test_those_of_an_unknown_role_need_a_text_that_names_no_roles() -> None:
    text = GOOD.replace("      - subject:", "      - roles: [manager]\n        subject:", 1)
    read_playbook(text, Limits())
    found = problems(text.replace("[officer, manager]}", "[officer, manager], role_unknown: true}"))
    assert "the template 'first' has no text for role unknown (role_without_variant)" in found


MAIL = "{id: second_mail, kind: mail, template: first}"
CALL = "{id: second_call, kind: call_task, title: 電話, template: script}"
LETTER = "{id: second_letter, kind: letter_task, title: 手紙}"


def with_more(channel: str, more: str) -> str:
    return channel.replace("}", f", {more}}}")


CONTENT = "content: {kinds: [case]}"


@pytest.mark.parametrize(
    ("content", "names", "name"),
    [
        (CONTENT, "{{ content.title }}", FINE),
        (CONTENT, "{% if content %}{{ content.title }}{% endif %}", FINE),
        ("content: {kinds: [case, law], about: 費用}", "{{ content.url }}", FINE),
        (CONTENT, "{{ content.passage }}{{ content.source }}", FINE),
        ("content: {kinds: [minutes], offered: true}", "", FINE),
        ("", "{{ content.title }}", "content: {kinds: [case]}"),
        ("", "{% if content %}あり{% endif %}", "content: {kinds: [case]}"),
        ("content: {kinds: [minutes], offered: true}", "{{ content.title }}", "unknown_variable"),
        (CONTENT, "{{ content.author }}", "content has: passage, source, title, url"),
        (CONTENT, "", "content_not_named"),
        (CONTENT, "{{ content.passage }}", "passage_without_source"),
        ("content: {kinds: []}", "{{ content.title }}", "at least one"),
        ("content: {kinds: [book]}", "{{ content.title }}", "unknown_kind"),
        ("content: {about: 費用}", "{{ content.title }}", "lacks kinds"),
        ("content: {kinds: [own_answer]}", "{{ content.title }}", "content_only_offered"),
        ("content: {kinds: [case], colour: red}", "{{ content.title }}", "unknown key"),
    ],
)
def test_what_a_text_wants_of_the_catalogue_is_declared(
    content: str, names: str, name: str
) -> None:
    text = GOOD.replace(
        "{personal_note: 前回の面談に触れる一文}",
        f"{{personal_note: 前回の面談に触れる一文}}\n    {content}",
    ).replace("{{ signature }}", f"{names} {{{{ signature }}}}")
    if name:
        assert name in problems(text)
    else:
        read_playbook(text, Limits())


def test_what_is_drafted_for_a_question_in_the_council_is_approved_by_a_person() -> None:
    text = GOOD.replace("[price_interest]", "[council_question]")
    read_playbook(text, Limits())

    unapproved = text.replace("template: first}", "template: first, approval: none}")
    assert "council_without_approval" in problems(unapproved)


@pytest.mark.parametrize(
    ("channels", "name"),
    [
        ([MAIL, CALL], FINE),
        ([CALL, LETTER], FINE),
        ([LETTER, MAIL, CALL], FINE),
        ([MAIL], "too_few_channels"),
        ([CALL, CALL.replace("second_call", "third_call")], "channel_twice"),
        ([MAIL, CALL.replace("second_call", "first")], "step_id_twice"),
        ([MAIL, with_more(CALL, "key_moment: true")], "key_moment_by_channel"),
        ([with_more(MAIL, "to: colleague"), CALL], "channels_to_different_people"),
        ([MAIL, "{id: second_wait, kind: wait, business_days: 1}"], "unknown_kind"),
        ([MAIL, "{id: second_session, kind: study_session, title: 勉強会}"], "unknown_kind"),
        ([MAIL.replace("template: first", "template: other"), CALL], "unknown_template"),
        ([MAIL.replace("template: first", "template: script"), CALL], "template_of_wrong_kind"),
        ([MAIL, CALL.replace("template: script", "template: first")], "template_of_wrong_kind"),
        ([with_more(MAIL, "alternative: first"), CALL], "alternative_without_experiment"),
        ([MAIL, with_more(CALL, "colour: red")], "unknown key"),
    ],
)
def test_a_mistake_among_channels_is_named_with_its_line(channels: list[str], name: str) -> None:
    listed = "".join(f"      - {each}\n" for each in channels)
    text = f"{GOOD}  - id: second\n    kind: best_channel\n    channels:\n{listed}"
    if not name:
        step = read_playbook(text, Limits()).steps[-1]
        assert isinstance(step, BestChannelStep)
        assert all(map(str.__contains__, channels, (each.id for each in step.channels)))
        return
    first = GOOD.count("\n") + 3
    assert any(
        name in each and first <= int(each.split(",")[0].removeprefix("line "))
        for each in problems(text).splitlines()
    ), problems(text)


def test_no_branch_leads_to_a_channel() -> None:
    second = f"  - {{id: second, kind: best_channel, channels: [{MAIL}, {CALL}]}}\n"
    text = GOOD.replace("5, goto: call}", "5, goto: second_mail}") + second
    assert "no step is called 'second_mail'" in problems(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("id: [", "not valid YAML"),
        ("\tid: example", "not valid YAML"),
        ("- a", "must be a mapping"),
        (GOOD + "colour: red\n", "unknown key 'colour'"),
        (GOOD.replace("name: 例\n", ""), "the playbook lacks name"),
    ],
)
def test_a_file_that_is_no_playbook_is_refused(text: str, said: str) -> None:
    assert said in problems(text)


def test_what_was_published_is_read_although_checks_are_stricter_now() -> None:
    text = GOOD.replace("priority: 50", "priority: 50\nmails_per_week: 7")
    assert published_playbook(text, 2).mails_per_week == 7
