"""The playbooks that ship pass the check, and their texts say what they must to each reader."""

import re
from decimal import Decimal
from itertools import product

import pytest

from followup.domain.playbooks.audience import Contact, Role, SizeBand
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import (
    Approval,
    MailStep,
    PocCheckStep,
    TaskKind,
    TaskStep,
)
from followup.domain.playbooks.templates import Formality, Reader, TemplateKind
from followup.domain.preview import Arrival, Entered, preview
from followup.domain.triggers.reasons import ABOUT_PEOPLE
from followup.domain.triggers.watch import Watch
from followup.playbooks.reading import read_playbook, shipped
from followup.playbooks.templates import VARIABLES, Fact, facts_of, render
from kakehashi_common.domain.reasons import ReasonKind
from tests.unit.followup.domain.playbooks.examples import OFFICE, at

PLAYBOOKS = {name: read_playbook(text, Limits()) for name, text in shipped().items()}

VALUES = {name: f"〈{name}〉" for name in VARIABLES}

BUDGET_TIMINGS = ("budget-request", "budget-assessment", "budget-deliberation", "budget-start")


def fact_sheet(playbook: Playbook) -> dict[str, Fact]:
    return {
        slot.name: Fact(Decimal(1_234_567 + place), f"根拠{place}")
        for place, slot in enumerate(playbook.facts)
    }


def test_every_playbook_that_is_promised_ships() -> None:
    assert set(PLAYBOOKS) == {
        *BUDGET_TIMINGS,
        "after-rejection",
        "ask-outcome",
        "competitor-move",
        "contract-renewal",
        "council-decision",
        "council-question",
        "disaster",
        "dissatisfaction-check",
        "enquiry",
        "first-meeting-anniversary",
        "grant-call-closing",
        "grant-call-opened",
        "head-change",
        "involved-check",
        "law-revised",
        "national-policy",
        "personnel-check",
        "personnel-leaver",
        "personnel-newcomer",
        "policy-speech",
        "price-interest",
        "pursuit-reminder",
        "quarterly-value",
        "several-active",
        "successor-check",
        "summer-review",
        "supplementary-budget",
        "three-steps",
        "usage-falling-check",
        "welcome",
    }
    assert all(playbook.id == name for name, playbook in PLAYBOOKS.items())


def _readers(playbook: Playbook) -> list[Role | None]:
    roles = playbook.audience.roles
    return [*roles, None] if playbook.audience.role_unknown else [*roles]


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_text_can_be_rendered_for_every_reader(name: str) -> None:
    playbook = PLAYBOOKS[name]
    for template, role, size_band, formality in product(
        playbook.templates, _readers(playbook), (None, *SizeBand), Formality
    ):
        reader = Reader(role, size_band, formality)
        text = render(playbook, template, reader, VALUES, fact_sheet(playbook), {})
        assert bool(text.subject) is (template.kind is TemplateKind.MAIL)
        assert len(text.subject) <= 60, "programs cut longer ones"
        assert "{{" not in text.text
        assert "{%" not in text.text
        if template.kind is TemplateKind.MAIL:
            assert text.text.startswith("〈organisation〉　〈department〉\n〈contact_name〉 様\n")
            assert "〈sender_company〉の〈sender_name〉" in text.text


TITLED = {"content.title": "〈title〉", "content.source": "〈source〉"}
LINKED = TITLED | {"content.url": "〈url〉"}
QUOTED = TITLED | {"content.passage": "〈passage〉"}
WITH_CONTENT = {
    "grant-call-opened",
    "national-policy",
    "policy-speech",
    "price-interest",
    "quarterly-value",
}


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_text_that_wants_content_reads_with_a_link_with_a_passage_and_without(name: str) -> None:
    playbook = PLAYBOOKS[name]
    wanting = [each for each in playbook.templates if each.content and not each.content.offered]
    assert bool(wanting) is (name in WITH_CONTENT)
    for template, role in product(wanting, _readers(playbook)):
        for content in ({}, LINKED, QUOTED):
            values = VALUES | content
            reader = Reader(role, SizeBand.UNDER_50K)
            fill = {each.name: f"〈{each.name}〉" for each in template.fill_ins}
            text = render(playbook, template, reader, values, fact_sheet(playbook), fill)
            assert not text.unfilled
            assert "\n\n\n" not in text.text
            assert "「」" not in text.text
            shown = [value for value in content.values() if value in text.text]
            assert len(shown) == len(content)


def test_earlier_answers_and_minutes_are_offered_for_a_question_in_the_council() -> None:
    playbook = PLAYBOOKS["council-question"]
    offered = {each.name for each in playbook.templates if each.content and each.content.offered}
    assert offered == {"draft", "papers"}
    assert Role.COUNCIL not in playbook.audience.roles


@pytest.mark.parametrize("name", BUDGET_TIMINGS)
def test_a_budget_timing_gives_all_five_roles_the_same_figures(name: str) -> None:
    playbook = PLAYBOOKS[name]
    assert playbook.audience.roles == frozenset(Role)
    facts = fact_sheet(playbook)
    figures = {f"{facts[slot.name].value:,f}{slot.unit}" for slot in playbook.facts}
    assert len(figures) == 4
    (mail,) = [each for each in playbook.templates if each.kind is TemplateKind.MAIL]
    texts = [
        render(playbook, mail, Reader(role, band), VALUES, facts, {}).text
        for role, band in product(Role, (None, *SizeBand))
    ]
    assert len(set(texts)) > len(Role), "each role has its own text, and sizes have"
    for text in texts:
        assert all(figure in text for figure in figures)
        assert "根拠" in text or "前提" in text, "a figure says where it comes from"


def test_the_four_budget_timings_use_one_fact_sheet() -> None:
    assert len({PLAYBOOKS[name].facts for name in BUDGET_TIMINGS}) == 1
    for name in BUDGET_TIMINGS:
        for template in PLAYBOOKS[name].templates:
            if template.kind is TemplateKind.MAIL:
                names = {slot.name for slot in PLAYBOOKS[name].facts}
                assert all(facts_of(variant) == names for variant in template.variants)


def test_the_head_is_written_to_formally() -> None:
    for name in BUDGET_TIMINGS:
        playbook = PLAYBOOKS[name]
        text = render(
            playbook, playbook.templates[0], Reader(Role.HEAD), VALUES, fact_sheet(playbook), {}
        ).text
        assert "\n謹啓　" in text
        assert "\n敬白\n" in text


SIZED = (
    *BUDGET_TIMINGS,
    "contract-renewal",
    "price-interest",
    "quarterly-value",
    "three-steps",
    "welcome",
)
OF_A_SIZE = {
    SizeBand.UNDER_50K: r"近隣|人数|人員|弊社が主に|お引き受け",
    SizeBand.FROM_50K_TO_300K: "総合計画|関係課|関係する課",
    SizeBand.OVER_300K: "部局|先駆け",
}
"""Words of what a municipality of each size is told (FU19), and no other one."""


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER])
def test_each_size_of_municipality_is_told_what_concerns_it_with_the_same_figures(
    name: str, role: Role
) -> None:
    playbook = PLAYBOOKS[name]
    facts = fact_sheet(playbook)
    mail = next(each for each in playbook.templates if each.kind is TemplateKind.MAIL)
    texts = {
        band: render(playbook, mail, Reader(role, band), VALUES, facts, {}).text
        for band in SizeBand
    }
    figures = {f"{facts[fact].value:,f}" for fact in facts_of(mail.variants[0])}
    for band, words in OF_A_SIZE.items():
        others = set.intersection(
            *(set(text.splitlines()) for other, text in texts.items() if other is not band)
        )
        own = "\n".join(line for line in texts[band].splitlines() if line not in others)
        assert re.search(words, own), own
        assert all(figure in texts[band] for figure in figures)


def test_only_the_receipt_of_an_enquiry_goes_without_approval() -> None:
    unapproved = {
        (name, step.id)
        for name, playbook in PLAYBOOKS.items()
        for step in playbook.steps
        if isinstance(step, MailStep) and step.approval is Approval.NONE
    }
    assert unapproved == {("enquiry", "received")}


def test_a_proof_of_concept_leads_to_study_sessions_and_then_to_a_hearing() -> None:
    steps = PLAYBOOKS["three-steps"].steps
    kinds = [
        "check" if isinstance(step, PocCheckStep) else step.kind
        for step in steps
        if isinstance(step, TaskStep | PocCheckStep)
    ]
    assert kinds == [
        TaskKind.LETTER,
        "check",
        TaskKind.CALL,
        *[TaskKind.STUDY_SESSION] * 2,
        TaskKind.CALL,
        *[TaskKind.STUDY_SESSION] * 3,
        TaskKind.HEARING,
    ]
    assert [step.weeks for step in steps if isinstance(step, PocCheckStep)] == [10]


def test_each_known_reason_lets_contacts_into_one_playbook() -> None:
    """And into one that gives a seller a task where nobody knows whom it is about."""
    reasons = [reason for each in PLAYBOOKS.values() for reason in each.entry.reasons]
    assert sorted(reasons) == sorted([*ReasonKind, *ABOUT_PEOPLE])
    checks = [PLAYBOOKS["personnel-check"], PLAYBOOKS["involved-check"]]
    assert {reason for each in checks for reason in each.entry.reasons} >= ABOUT_PEOPLE
    assert not any(each.writes for each in checks)


@pytest.mark.parametrize(
    ("name", "claim"), [("personnel-leaver", "ご異動"), ("personnel-newcomer", "着任")]
)
def test_nobody_is_taken_to_move_without_a_notice_of_them(name: str, claim: str) -> None:
    bodies = [variant.body for each in PLAYBOOKS[name].templates for variant in each.variants]
    assert any(claim in body for body in bodies)
    assert PLAYBOOKS[name].entry.reasons <= ABOUT_PEOPLE


def test_what_concerns_the_council_goes_to_the_department_and_is_approved() -> None:
    for name in ("council-question", "council-decision"):
        playbook = PLAYBOOKS[name]
        assert playbook.audience.roles == {Role.OFFICER, Role.MANAGER}
        assert playbook.entry.one_per_municipality


def test_after_a_disaster_people_decide_on_an_offer_and_the_one_mail_sells_nothing() -> None:
    arrival = Arrival("a", Contact(Role.OFFICER), at("2026-09-01T10:00"), reason="disaster")
    (entered,) = preview(PLAYBOOKS["disaster"], [arrival], OFFICE)
    assert isinstance(entered, Entered)
    assert [(step.step, f"{step.at:%m-%d}") for step in entered.steps] == [
        ("hold", "09-01"),
        ("offer", "09-15"),
        ("after", "11-13"),
    ]
    by_priority = sorted(PLAYBOOKS, key=lambda name: -PLAYBOOKS[name].priority)
    assert by_priority[:2] == ["enquiry", "disaster"]
    (mail,) = [each for each in PLAYBOOKS["disaster"].templates if each.kind is TemplateKind.MAIL]
    for variant in mail.variants:
        for selling in ("product", "material_url", "meeting_url"):
            assert f"{{{{ {selling} }}}}" not in variant.subject + variant.body


def test_a_reminder_of_a_pursuit_gives_its_owner_a_task_and_writes_to_nobody() -> None:
    playbook = PLAYBOOKS["pursuit-reminder"]
    assert not playbook.writes
    assert playbook.entry.one_per_municipality
    assert [each.kind for each in playbook.steps if isinstance(each, TaskStep)] == [TaskKind.CALL]


def test_before_a_call_for_grants_closes_the_telephone_comes_first() -> None:
    closing, opened = PLAYBOOKS["grant-call-closing"], PLAYBOOKS["grant-call-opened"]
    assert isinstance(closing.steps[0], TaskStep)
    assert isinstance(opened.steps[0], MailStep)
    assert closing.priority > opened.priority


def test_the_behaviours_of_all_playbooks_can_be_watched_for_together() -> None:
    Watch.for_behaviours(
        behaviour for each in PLAYBOOKS.values() for behaviour in each.known_behaviours.values()
    )


def test_silence_leads_from_the_mail_to_a_call_a_colleague_and_the_manager_in_turn() -> None:
    arrival = Arrival(
        "a", Contact(Role.OFFICER), at("2026-09-01T10:00"), behaviour="price_interest"
    )
    (entered,) = preview(PLAYBOOKS["price-interest"], [arrival], OFFICE)
    assert isinstance(entered, Entered)
    assert [(step.step, f"{step.at:%m-%d}") for step in entered.steps] == [
        ("costs", "09-01"),
        ("again-call", "09-08"),
        ("to-colleague", "09-15"),
        ("to-manager", "10-02"),
    ]


@pytest.mark.parametrize(
    ("size_band", "steps"),
    [
        (SizeBand.UNDER_50K, ["joint-session"]),
        (SizeBand.FROM_50K_TO_300K, ["across-departments"]),
        (SizeBand.OVER_300K, ["executives"]),
        (None, []),
    ],
)
def test_the_size_of_the_municipality_decides_who_meets_after_a_proof_of_concept(
    size_band: SizeBand | None, steps: list[str]
) -> None:
    arrival = Arrival(
        "a", Contact(Role.OFFICER, size_band), at("2026-04-06T10:00"), reason="poc_agreed"
    )
    (entered,) = preview(PLAYBOOKS["three-steps"], [arrival], OFFICE)
    assert isinstance(entered, Entered)
    ids = [step.step for step in entered.steps]
    assert ids[ids.index("report") + 1 : ids.index("first-session")] == steps


EARLIER_MAIL = re.compile("先日|お送りした|届いているか")


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("welcome", "case"),
        ("welcome", "call"),
        ("price-interest", "again"),
        ("price-interest", "call"),
    ],
)
def test_a_text_speaks_of_an_earlier_mail_only_if_one_went(name: str, template: str) -> None:
    playbook = PLAYBOOKS[name]
    (a_template,) = (each for each in playbook.templates if each.name == template)

    def text(mailed_before: str) -> str:
        values = VALUES | {"mailed_before": mailed_before}
        reader = Reader(Role.OFFICER, SizeBand.UNDER_50K)
        return render(playbook, a_template, reader, values, {}, {}).text

    assert EARLIER_MAIL.search(text("yes"))
    assert not EARLIER_MAIL.search(text("").replace("まだお送りしていない", ""))
